import { missingClass } from '../../models/evaluation/evaluate.ts';
import type { Evaluation, Figure, Stratum } from '../../models/evaluation/evaluate.ts';
import { FIGURE_NAMES } from '../../models/evaluation/metrics.ts';
import type { FigureName } from '../../models/evaluation/metrics.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { printable } from './command-line.ts';

/** One file's evaluation, and how its threshold came about. */
export type FileEvaluation = {
  /** Of the file. */
  readonly name: string;
  /** Count of the videos that are left out, since their true label is unknown. */
  readonly unlabelled: number;
  readonly all: Evaluation;
  readonly strata: readonly Stratum[];
  /** null for the labels that the file gives; infinite for no video called manipulated. */
  readonly threshold: number | null;
  /** On which videos the threshold was tuned, in words; null where it was not. */
  readonly tunedOn: string | null;
};

/** The figures in words. */
export const FIGURE_WORDS: Readonly<Record<FigureName, string>> = {
  realAccuracy: 'real videos called real',
  fakeAccuracy: 'manipulated videos called manipulated',
  accuracy: 'accuracy',
  areaUnderCurve: 'area under the ROC curve',
  f1: 'F1',
  precision: 'precision',
  recall: 'recall',
  averagePrecision: 'average precision',
  equalErrorRate: 'equal error rate',
  logLoss: 'log loss',
  brierScore: 'Brier score',
  calibrationError: 'expected calibration error',
  coverage: 'videos that are not “not sure”',
  coveredError: 'of those, judged wrongly',
  likelyManipulatedShare: 'videos “likely manipulated”',
  likelyManipulatedError: 'of those, real',
  notSureShare: 'videos “not sure”',
  noManipulationFoundShare: 'videos “no manipulation found”',
  noManipulationFoundError: 'of those, manipulated',
};

/** What a figure without a value shows. */
const NONE = '–';

export function valueText(value: number | null): string {
  return value === null ? NONE : value.toFixed(4);
}

export function intervalText({ interval }: Figure): string {
  return interval === null ? NONE : `${valueText(interval.low)} to ${valueText(interval.high)}`;
}

export function thresholdText(threshold: number | null): string {
  if (threshold === null) return 'the labels of the file';
  return Number.isFinite(threshold) ? `score ${threshold} or more` : 'no score is high enough';
}

/** Why figures are missing, in a sentence; null where none is for want of a class. */
export function missingText(evaluation: Evaluation): string | null {
  const missing = missingClass(evaluation);
  return missing === null
    ? null
    : `No ${missing} video is in it: figures that need both classes have no value.`;
}

/** How many videos are left out, in a sentence. @param count from 1 */
export function unlabelledText(count: number): string {
  return count === 1
    ? 'One video has no true label, and is left out.'
    : `${count} videos have no true label, and are left out.`;
}

/** The three lines that the original's result_all.py prints of a set. null without one of the classes, where it fails. */
function originalLines(evaluation: Evaluation): string | null {
  if (missingClass(evaluation) !== null) return null;
  const { realAccuracy, fakeAccuracy, accuracy, areaUnderCurve, f1 } = evaluation.figures;
  const shown = ({ value }: Figure, factor = 1): string => (factor * (value ?? 0)).toFixed(3);
  return `Real accuracy ${shown(realAccuracy, 100)} Fake accuracy ${shown(fakeAccuracy, 100)}, Accuracy: ${shown(accuracy, 100)}
ROC AUC: ${shown(areaUnderCurve)}
F1 Score: ${shown(f1)}`;
}

/** A file's evaluation for a terminal. Names of files and classes come from anybody. */
export function formatEvaluation(evaluation: FileEvaluation): string {
  const { name, unlabelled, all, strata, threshold, tunedOn } = evaluation;
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = all.confusion;
  const width = Math.max(...FIGURE_NAMES.map((each) => FIGURE_WORDS[each].length)) + 2;
  const cell = (count: number): string => String(count).padStart(14);
  return [
    `${printable(name)}:`,
    originalLines(all) ?? missingText(all),
    '',
    `${all.realVideos} real and ${all.fakeVideos} manipulated videos; called manipulated: ${thresholdText(threshold)}${tunedOn === null ? '' : `, tuned on ${printable(tunedOn)}`}`,
    unlabelled === 0 ? null : unlabelledText(unlabelled),
    ...FIGURE_NAMES.map(
      (each) =>
        `  ${FIGURE_WORDS[each].padEnd(width)}${valueText(all.figures[each].value)}  (${intervalText(all.figures[each])})`,
    ),
    '',
    `  ${''.padEnd(18)}${'called real'.padStart(14)}${'called fake'.padStart(14)}`,
    `  ${'real'.padEnd(18)}${cell(trueNegatives)}${cell(falsePositives)}`,
    `  ${'manipulated'.padEnd(18)}${cell(falseNegatives)}${cell(truePositives)}`,
    ...strata.map(formatStratum),
    '',
  ]
    .filter((line) => line !== null)
    .join('\n');
}

/** The figures of a kind of videos that its line has room for. */
export const STRATUM_FIGURES = ['realAccuracy', 'fakeAccuracy', 'areaUnderCurve', 'coveredError'] as const;

function formatStratum(stratum: Stratum): string {
  const figures = STRATUM_FIGURES.map((name) => {
    const figure = stratum.figures[name];
    return `${FIGURE_WORDS[name]} ${valueText(figure.value)}${figure.value === null ? '' : ` (${intervalText(figure)})`}`;
  });
  return `  ${printable(stratumText(stratum))}: ${figures.join('; ')}`;
}

/** "class deepfakes, 204 real and 103 manipulated videos" */
export function stratumText({ by, value, hasAllReal, realVideos, fakeVideos }: Stratum): string {
  return `${by} ${value}, ${hasAllReal ? 'beside all ' : ''}${realVideos} real${hasAllReal ? ',' : ' and'} ${fakeVideos} manipulated videos`;
}

/** The same in JSON: numbers are numbers, and what has no value is null. */
export function evaluationJson(
  { name, unlabelled, all, strata, threshold, tunedOn }: FileEvaluation,
  bands: ScoreBands,
): object {
  return {
    file: name,
    bands,
    /** The file's own labels where this is null; "none" where no score is high enough. */
    threshold: threshold === null || Number.isFinite(threshold) ? threshold : 'none',
    tunedOn,
    unlabelled,
    ...all,
    missingClass: missingClass(all),
    strata,
  };
}

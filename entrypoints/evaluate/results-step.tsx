import { useMemo } from 'preact/hooks';
import { t } from '../../components/texts.tsx';
import {
  formatPredictions,
  formatReportLine,
  formatTable,
  labelledResults,
  listUnjudged,
  predictionOf,
} from '../../models/evaluation/result-files.ts';
import type { RunResults } from '../../models/evaluation/result-files.ts';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import { FiguresSection } from './figures-section.tsx';

type ResultsStepProps = {
  /** Another object computes the figures anew. */
  readonly results: RunResults;
  /** Of the chosen folder: the files are named after it. */
  readonly title: string;
  readonly isRunning: boolean;
  /** Figures are computed only then. */
  readonly isShown: boolean;
  readonly onAgain: (which: 'failed' | 'all') => void;
};

/** The third step: counts, the files to keep, and how well the scores tell the labels. */
export function ResultsStep({ results, title, isRunning, isShown, onAgain }: ResultsStepProps) {
  const labelled = useMemo(() => (isShown ? labelledResults(results.evaluated) : []), [results, isShown]);
  const unjudged = listUnjudged(results);
  const failed = unjudged.filter(({ isFailure }) => isFailure).length;
  const refused = unjudged.length - failed;
  const scored = results.evaluated.length + results.failed.length - unjudged.length;
  const sentences = [
    t('evaluate.results.scored', scored, { count: scored }),
    ...(refused === 0 ? [] : [t('evaluate.results.refused', refused, { count: refused })]),
    ...(failed === 0 ? [] : [t('evaluate.results.failed', failed, { count: failed })]),
  ];
  return (
    <>
      <p>{sentences.join(' ')}</p>
      <RightCounts results={results} />
      <div class="bar">
        <button
          type="button"
          onClick={() => save(`${title}.json`, 'application/json', formatPredictions(results))}
        >
          {t('evaluate.results.saveResults')}
        </button>
        <button type="button" onClick={() => save(`${title}.csv`, 'text/csv', formatTable(results))}>
          {t('evaluate.results.saveTable')}
        </button>
        <button
          type="button"
          onClick={() =>
            save(
              `${title}.report.jsonl`,
              'application/jsonl',
              results.evaluated.map(formatReportLine).join(''),
            )
          }
        >
          {t('evaluate.results.saveReports')}
        </button>
      </div>
      <p class="small quiet">{t('evaluate.results.hint')}</p>
      <div class="bar">
        {failed === 0 ? null : (
          <button type="button" disabled={isRunning} onClick={() => onAgain('failed')}>
            {t('evaluate.results.failedAgain')}
          </button>
        )}
        <button type="button" disabled={isRunning} onClick={() => onAgain('all')}>
          {t('evaluate.results.allAgain')}
        </button>
      </div>
      {isShown ? <FiguresSection videos={labelled} bands={VERDICT_BANDS} isRunning={isRunning} /> : null}
    </>
  );
}

/** How many labels the reference's own classes meet. */
function RightCounts({ results }: { readonly results: RunResults }) {
  const labelled = results.evaluated.flatMap(({ video: { trueLabel }, report }) => {
    const prediction = predictionOf(report);
    return prediction === null || trueLabel === null
      ? []
      : [{ trueLabel, isRight: prediction.label === trueLabel }];
  });
  if (labelled.length === 0) return null;
  const reals = labelled.filter(({ trueLabel }) => trueLabel === 'REAL');
  const fakes = labelled.filter(({ trueLabel }) => trueLabel === 'FAKE');
  const rightOf = (videos: typeof labelled): number => videos.filter(({ isRight }) => isRight).length;
  return (
    <p>
      {t('evaluate.results.right', {
        right: rightOf(labelled),
        count: labelled.length,
        real: rightOf(reals),
        reals: reals.length,
        fake: rightOf(fakes),
        fakes: fakes.length,
      })}
    </p>
  );
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // The download reads the bytes when the click's task is done; afterwards nothing uses the address.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

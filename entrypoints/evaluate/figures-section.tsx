import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type * as DrawPlot from '../../components/evaluation/draw-plot.ts';
import { plotKinds, plotRows } from '../../components/evaluation/plot-table.ts';
import type { PlotWords } from '../../components/evaluation/plot-table.ts';
import { formatNumber, t } from '../../components/texts.tsx';
import { RESAMPLES } from '../../models/evaluation/bootstrap.ts';
import { missingClass } from '../../models/evaluation/evaluate.ts';
import type { Evaluation, Figure, Stratum } from '../../models/evaluation/evaluate.ts';
import { canTune } from '../../models/evaluation/evaluate-set.ts';
import type { SetEvaluation, ThresholdChoice } from '../../models/evaluation/evaluate-set.ts';
import type { FigureName } from '../../models/evaluation/metrics.ts';
import type { VideoResult } from '../../models/evaluation/results.ts';
import type { PlotData, PlotKind } from '../../utils/domain/evaluation-plots.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { useFigures } from './use-figures.ts';

/** That of `npm run evaluate`, so that both draw the same intervals and halves. */
const SEED = 0;
/** With fewer of a class an interval is wider than most differences that are looked for. */
const FEW_VIDEOS = 30;
/** Of a plot's square: four stand side by side. */
const PLOT_SIDE_PIXELS = 210;

type FiguresSectionProps = {
  /** Those with a score and a label. Another array computes anew. */
  readonly videos: readonly VideoResult[];
  readonly bands: ScoreBands;
  readonly isRunning: boolean;
};

/** How well the scores tell manipulated videos from real ones: what `npm run evaluate` says of the result file. */
export function FiguresSection({ videos, bands, isRunning }: FiguresSectionProps) {
  const [choice, setChoice] = useState<ThresholdChoice>({ kind: 'labels' });
  const isPossible = choice.kind !== 'tuned' || canTune(videos);
  const request = useMemo(
    () =>
      videos.length === 0 || !isPossible
        ? null
        : { videos, choice, bands, seed: SEED, resamples: isRunning ? 0 : RESAMPLES },
    [videos, choice, bands, isRunning, isPossible],
  );
  const figures = useFigures(request, isRunning);
  if (videos.length === 0) return <p>{t('evaluate.figures.noLabels')}</p>;
  return (
    <>
      <h3>{t('evaluate.figures.title')}</h3>
      <ThresholdForm choice={choice} onChoice={setChoice} />
      {isPossible ? (
        <div class="stack figures" aria-busy={figures.kind === 'computing'}>
          {figures.kind === 'computing' ? <p role="status">{t('evaluate.figures.computing')}</p> : null}
          {figures.kind === 'failed' ? (
            <p role="alert">{t('evaluate.figures.failed', { message: figures.message })}</p>
          ) : null}
          {figures.kind === 'ready' ? (
            <SetFigures set={figures.set} bands={bands} isRunning={isRunning} />
          ) : null}
        </div>
      ) : (
        <p role="status">{t('evaluate.figures.rule.cantTune')}</p>
      )}
    </>
  );
}

type ChoiceName = 'labels' | 'fixed' | 'youden' | 'fpr' | 'cost';

/** What each choice begins with. */
const FIRST_CHOICES: Readonly<Record<ChoiceName, ThresholdChoice>> = {
  labels: { kind: 'labels' },
  fixed: { kind: 'fixed', threshold: 0.5 },
  youden: { kind: 'tuned', rule: { kind: 'youden' } },
  fpr: { kind: 'tuned', rule: { kind: 'fpr', most: 0.05 } },
  cost: { kind: 'tuned', rule: { kind: 'cost', falseAlarm: 1, miss: 1 } },
};

function ThresholdForm({
  choice,
  onChoice,
}: {
  readonly choice: ThresholdChoice;
  readonly onChoice: (choice: ThresholdChoice) => void;
}) {
  const name = choice.kind === 'tuned' ? choice.rule.kind : choice.kind;
  return (
    <div class="bar">
      <label for="threshold-rule">{t('evaluate.figures.rule.label')}</label>
      <select
        id="threshold-rule"
        value={name}
        onChange={({ currentTarget }) => onChoice(FIRST_CHOICES[currentTarget.value as ChoiceName])}
      >
        {(Object.keys(FIRST_CHOICES) as ChoiceName[]).map((each) => (
          <option key={each} value={each}>
            {t(`evaluate.figures.rule.${each}`)}
          </option>
        ))}
      </select>
      <ChoiceNumbers choice={choice} onChoice={onChoice} />
    </div>
  );
}

function ChoiceNumbers({
  choice,
  onChoice,
}: {
  readonly choice: ThresholdChoice;
  readonly onChoice: (choice: ThresholdChoice) => void;
}) {
  switch (choice.kind) {
    case 'labels':
      return null;
    case 'fixed':
      return (
        <NumberField
          label={t('evaluate.figures.rule.threshold')}
          value={choice.threshold}
          max={1}
          onValue={(threshold) => onChoice({ kind: 'fixed', threshold })}
        />
      );
    case 'tuned': {
      const { rule } = choice;
      switch (rule.kind) {
        case 'youden':
          return null;
        case 'fpr':
          return (
            <NumberField
              label={t('evaluate.figures.rule.share')}
              value={rule.most}
              max={1}
              onValue={(most) => onChoice({ kind: 'tuned', rule: { kind: 'fpr', most } })}
            />
          );
        case 'cost':
          return (
            <>
              <NumberField
                label={t('evaluate.figures.rule.falseAlarm')}
                value={rule.falseAlarm}
                max={MAX_COST}
                onValue={(falseAlarm) => onChoice({ kind: 'tuned', rule: { ...rule, falseAlarm } })}
              />
              <NumberField
                label={t('evaluate.figures.rule.miss')}
                value={rule.miss}
                max={MAX_COST}
                onValue={(miss) => onChoice({ kind: 'tuned', rule: { ...rule, miss } })}
              />
            </>
          );
        default:
          return rule satisfies never;
      }
    }
    default:
      return choice satisfies never;
  }
}

/** Only the two costs' proportion counts: this is as good as never, and sums stay exact. */
const MAX_COST = 1_000_000;

function NumberField({
  label,
  value,
  max,
  onValue,
}: {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly onValue: (value: number) => void;
}) {
  return (
    <label class="bar">
      {label}
      <input
        type="number"
        min={0}
        max={max}
        step="any"
        value={value}
        onChange={({ currentTarget }) => {
          const given = currentTarget.valueAsNumber;
          const next = Number.isNaN(given) ? value : Math.min(max, Math.max(0, given));
          currentTarget.value = String(next);
          onValue(next);
        }}
      />
    </label>
  );
}

type SetFiguresProps = {
  readonly set: SetEvaluation;
  readonly bands: ScoreBands;
  readonly isRunning: boolean;
};

function SetFigures({ set, bands, isRunning }: SetFiguresProps) {
  const { all, strata, threshold, tunedOn } = set;
  const { realVideos, fakeVideos } = all;
  const missing = missingClass(all);
  const isFew = missing === null && Math.min(realVideos, fakeVideos) < FEW_VIDEOS;
  return (
    <>
      {tunedOn === null || threshold === null ? null : (
        <p>
          {Number.isFinite(threshold)
            ? t('evaluate.figures.rule.tuned', { count: tunedOn, threshold: formatNumber(threshold, 4) })
            : t('evaluate.figures.rule.never', { count: tunedOn })}
        </p>
      )}
      <p>
        {t('evaluate.figures.counts', { real: realVideos, fake: fakeVideos })}{' '}
        {missing === 'real' ? t('evaluate.figures.noReal') : null}
        {missing === 'manipulated' ? t('evaluate.figures.noFake') : null}
        {isFew ? t('evaluate.figures.few') : null}
      </p>
      <p class="small quiet">
        {isRunning
          ? t('evaluate.figures.following')
          : t('evaluate.figures.intervals', { draws: RESAMPLES, seed: SEED })}
      </p>
      <Plots set={set} bands={bands} />
      <FigureTable all={all} />
      <ConfusionTable all={all} />
      <StrataTable strata={strata} />
    </>
  );
}

/** Loaded with the first figures: d3 is half as large as all else of the page. */
type Drawing = typeof DrawPlot;

function Plots({ set, bands }: { readonly set: SetEvaluation; readonly bands: ScoreBands }) {
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  useEffect(() => void import('../../components/evaluation/draw-plot.ts').then(setDrawing), []);
  const words = plotWordsOf(set.all);
  return (
    <div class="plots">
      {plotKinds(set.plots).map((kind) => (
        <PlotFigure key={kind} kind={kind} data={set.plots} words={words} bands={bands} drawing={drawing} />
      ))}
    </div>
  );
}

type PlotFigureProps = {
  readonly kind: PlotKind;
  readonly data: PlotData;
  readonly words: PlotWords;
  readonly bands: ScoreBands;
  readonly drawing: Drawing | null;
};

function PlotFigure({ kind, data, words, bands, drawing }: PlotFigureProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const options = { words, bands, document, side: PLOT_SIDE_PIXELS };
    if (drawing !== null) place.current?.replaceChildren(drawing.drawPlot(kind, data, options));
    // The words follow from the same figures as the data.
  }, [drawing, data, kind]);
  const { heading, sentence, columns } = words.texts[kind];
  return (
    <figure>
      <h3>{heading}</h3>
      <p class="small">{sentence}</p>
      <div ref={place} class="square" dir="ltr" />
      <details class="small">
        <summary>{t('evaluate.figures.asTable')}</summary>
        <Table caption={heading} columns={columns} rows={plotRows(kind, data, words)} />
      </details>
    </figure>
  );
}

function plotWordsOf({ figures, realVideos, fakeVideos }: Evaluation): PlotWords {
  const score = t('evaluate.run.score');
  const scoreFrom = t('evaluate.figures.plot.scoreFrom');
  const calledFake = t('evaluate.figures.plot.falseAlarms');
  const found = t('evaluate.figures.plot.found');
  const real = t('evaluate.label.real');
  const fake = t('evaluate.label.fake');
  const share = formatNumber(fakeVideos / (realVideos + fakeVideos), 4);
  return {
    real,
    fake,
    number: (value, digits) => (value === null ? t('evaluate.label.none') : formatNumber(value, digits)),
    part: (count, all) => t('evaluate.figures.part', { count, all }),
    range: (from, to) => t('evaluate.figures.range', { from, to }),
    texts: {
      roc: {
        heading: t('evaluate.figures.plot.roc'),
        sentence: t('evaluate.figures.plot.area', { value: withInterval(figures.areaUnderCurve) }),
        x: calledFake,
        y: found,
        columns: [scoreFrom, calledFake, found],
      },
      precisionRecall: {
        heading: t('evaluate.figures.plot.precisionRecall'),
        sentence: t('evaluate.figures.plot.averagePrecision', {
          value: withInterval(figures.averagePrecision),
          share,
        }),
        x: found,
        y: t('evaluate.figures.plot.rightOfCalled'),
        columns: [scoreFrom, t('evaluate.figures.name.recall'), t('evaluate.figures.name.precision')],
      },
      reliability: {
        heading: t('evaluate.figures.plot.reliability'),
        sentence: t('evaluate.figures.plot.calibrationError', {
          value: withInterval(figures.calibrationError),
        }),
        x: t('evaluate.figures.plot.meanScore'),
        y: t('evaluate.figures.plot.fakeShare'),
        columns: [score, t('evaluate.choose.videos'), fake, t('evaluate.figures.plot.meanScore')],
      },
      histogram: {
        heading: t('evaluate.figures.plot.histogram'),
        sentence: t('evaluate.figures.plot.coverage', {
          coverage: withInterval(figures.coverage),
          error: withInterval(figures.coveredError),
        }),
        x: score,
        y: t('evaluate.choose.videos'),
        columns: [score, real, fake],
      },
    },
  };
}

function valueText(value: number | null): string {
  return value === null ? t('evaluate.label.none') : formatNumber(value, 4);
}

function intervalText({ interval }: Figure): string {
  return interval === null
    ? t('evaluate.label.none')
    : t('evaluate.figures.range', { from: valueText(interval.low), to: valueText(interval.high) });
}

function withInterval(figure: Figure): string {
  return figure.interval === null
    ? valueText(figure.value)
    : t('evaluate.figures.withInterval', {
        value: valueText(figure.value),
        interval: intervalText(figure),
      });
}

const GROUPS = {
  labels: ['accuracy', 'realAccuracy', 'fakeAccuracy', 'f1', 'precision', 'recall'],
  ranking: ['areaUnderCurve', 'averagePrecision', 'equalErrorRate'],
  probability: ['logLoss', 'brierScore', 'calibrationError'],
  verdicts: [
    'coverage',
    'coveredError',
    'likelyManipulatedShare',
    'likelyManipulatedError',
    'notSureShare',
    'noManipulationFoundShare',
    'noManipulationFoundError',
  ],
} as const satisfies Readonly<Record<string, readonly FigureName[]>>;

function FigureTable({ all: { figures } }: { readonly all: Evaluation }) {
  return (
    <Scrolled name={t('evaluate.figures.title')}>
      <table class="small">
        <caption class="hidden-text">{t('evaluate.figures.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('evaluate.figures.column.figure')}</th>
            <th scope="col" class="number">
              {t('evaluate.figures.column.value')}
            </th>
            <th scope="col" class="number">
              {t('evaluate.figures.column.interval')}
            </th>
          </tr>
        </thead>
        {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((group) => (
          <tbody key={group}>
            <tr class="group">
              <th scope="rowgroup" colSpan={3}>
                {t(`evaluate.figures.group.${group}`)}
              </th>
            </tr>
            {GROUPS[group].map((name) => (
              <tr key={name}>
                <th scope="row">{t(`evaluate.figures.name.${name}`)}</th>
                <td class="number">{valueText(figures[name].value)}</td>
                <td class="number">{intervalText(figures[name])}</td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </Scrolled>
  );
}

function ConfusionTable({ all: { confusion } }: { readonly all: Evaluation }) {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  return (
    <>
      <h3>{t('evaluate.figures.confusion.title')}</h3>
      <Table
        caption={t('evaluate.figures.confusion.title')}
        columns={[
          t('evaluate.run.trueLabel'),
          t('evaluate.figures.confusion.calledReal'),
          t('evaluate.figures.confusion.calledFake'),
        ]}
        rows={[
          [t('evaluate.label.real'), formatNumber(trueNegatives), formatNumber(falsePositives)],
          [t('evaluate.label.fake'), formatNumber(falseNegatives), formatNumber(truePositives)],
        ]}
      />
    </>
  );
}

const STRATUM_FIGURES = ['realAccuracy', 'fakeAccuracy', 'areaUnderCurve', 'coveredError'] as const;

function StrataTable({ strata }: { readonly strata: readonly Stratum[] }) {
  if (strata.length === 0) return null;
  return (
    <>
      <h3>{t('evaluate.figures.strata.title')}</h3>
      <Table
        caption={t('evaluate.figures.strata.title')}
        columns={[
          t('evaluate.figures.strata.kind'),
          t('evaluate.choose.videos'),
          ...STRATUM_FIGURES.map((name) => t(`evaluate.figures.name.${name}`)),
        ]}
        rows={strata.map((stratum) => {
          const { realVideos: real, fakeVideos: fake, hasAllReal } = stratum;
          return [
            stratumName(stratum),
            t(`evaluate.figures.strata.${hasAllReal ? 'besideAllReal' : 'counts'}`, { real, fake }),
            ...STRATUM_FIGURES.map((name) => withInterval(stratum.figures[name])),
          ];
        })}
      />
    </>
  );
}

function stratumName({ by, kind }: Stratum): string {
  const name = kindName(kind);
  switch (by) {
    case 'class':
    case 'compression':
    case 'split':
      return t(`evaluate.figures.strata.${by}`, { name });
    case 'face size':
      return t('evaluate.figures.strata.faceSize', { name });
    default:
      return by satisfies never;
  }
}

function kindName(kind: Stratum['kind']): string {
  if (kind === null) return t('evaluate.figures.strata.notKnown');
  if (typeof kind === 'string') return kind;
  const { from, upTo } = kind;
  return upTo === null
    ? t('evaluate.figures.strata.pixelsFrom', { from })
    : t('evaluate.figures.strata.pixels', { from, upTo });
}

/** @param rows the first column names the row; the others are numbers */
function Table({
  caption,
  columns,
  rows,
}: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}) {
  return (
    <Scrolled name={caption}>
      <table class="small">
        <caption class="hidden-text">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" class={index === 0 ? '' : 'number'}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...others]) => (
            <tr key={first}>
              <th scope="row" dir="auto">
                {first}
              </th>
              {others.map((value, index) => (
                <td key={columns[index + 1]} class="number">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  );
}

/** Scrolls by itself where the page is narrower, with the keyboard too. */
function Scrolled({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="scrolled" tabIndex={0} role="group" aria-label={name}>
      {children}
    </div>
  );
}

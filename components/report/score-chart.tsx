import { useMemo, useState } from 'preact/hooks';
import type { FrameScore, ScoreBands } from '../../utils/domain/report.ts';
import { t } from '../texts.tsx';
import { CHART, layOutChart, nearestPoint, pointsInOrder, yOfScore } from './chart-geometry.ts';
import type { ChartLine, ChartPoint } from './chart-geometry.ts';
import { mediaTimeText, scoreOf100 } from './verdict-words.ts';

/** People are told apart by their lines' strokes, since colours stand for verdicts. Further people share the last. */
const STROKES = ['none', '6 4', '2 3', '10 3 2 3'] as const;

type ScoreProps = { readonly scores: readonly FrameScore[]; readonly bands: ScoreBands };

/**
 * Frame scores over the time of the video, one line for each person, on the three bands of the verdict. Read out
 * under the pointer and by the arrow keys; a screen reader hears the point on which the keys stand.
 * @param scores at least one
 */
export function ScoreChart({ scores, bands }: ScoreProps) {
  const lines = useMemo(() => layOutChart(scores), [scores]);
  const points = useMemo(() => pointsInOrder(lines), [lines]);
  const [selected, setSelected] = useState<number | null>(null);
  const point = selected === null ? undefined : points[selected];
  const readOut = (shown: ChartPoint): string => describePoint(shown, bands, lines.length > 1);

  function onPointerMove(event: PointerEvent & { readonly currentTarget: SVGSVGElement }): void {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * CHART.width;
    const y = ((event.clientY - box.top) / box.height) * CHART.height;
    setSelected(nearestPoint(points, x, y));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const next = nextIndex(event.key, selected, points.length);
    if (next === null) return;
    event.preventDefault();
    setSelected(next);
  }

  return (
    <figure class="score-chart">
      {/* Time runs from left to right in every language, as in the players that the user knows. */}
      <svg
        direction="ltr"
        viewBox={`0 0 ${String(CHART.width)} ${String(CHART.height)}`}
        role="slider"
        tabIndex={0}
        aria-label={t('report.scores')}
        aria-valuemin={1}
        aria-valuemax={points.length}
        aria-valuenow={(selected ?? 0) + 1}
        aria-valuetext={readOut(point ?? points[0]!)}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setSelected(null)}
        onKeyDown={onKeyDown}
        onBlur={() => setSelected(null)}
      >
        <Drawing lines={lines} points={points} bands={bands} />
        {point === undefined ? null : (
          <>
            <path class="chart-rule" d={`M${point.x} ${CHART.top}V${CHART.height - CHART.bottom}`} />
            <circle class="chart-selected" cx={point.x} cy={point.y} r="6" />
          </>
        )}
      </svg>
      <figcaption class="small quiet number">
        {point === undefined ? t('report.chartHint') : readOut(point)}
      </figcaption>
      {lines.length > 1 ? <Legend lines={lines} /> : null}
    </figure>
  );
}

/**
 * Draws the same chart for a page without scripts.
 * @param scores at least one
 */
export function StillScoreChart({ scores, bands }: ScoreProps) {
  const lines = layOutChart(scores);
  return (
    <figure class="score-chart">
      <svg
        direction="ltr"
        viewBox={`0 0 ${String(CHART.width)} ${String(CHART.height)}`}
        role="img"
        aria-label={t('report.scores')}
      >
        <Drawing lines={lines} points={pointsInOrder(lines)} bands={bands} />
      </svg>
      {lines.length > 1 ? <Legend lines={lines} /> : null}
    </figure>
  );
}

type DrawingProps = {
  readonly lines: readonly ChartLine[];
  readonly points: readonly ChartPoint[];
  readonly bands: ScoreBands;
};

function Drawing({ lines, points, bands }: DrawingProps) {
  return (
    <>
      <Ground bands={bands} />
      <TimeAxis points={points} />
      {lines.map((line, index) => (
        <Line key={line.personId} line={line} stroke={STROKES[Math.min(index, STROKES.length - 1)]!} />
      ))}
    </>
  );
}

function Ground({ bands }: { readonly bands: ScoreBands }) {
  const { noManipulationUpTo, likelyManipulatedFrom } = bands;
  const right = CHART.width - CHART.right;
  const areas = [
    ['band-manipulated', 'likelyManipulated', likelyManipulatedFrom, 1],
    ['band-not-sure', 'notSure', noManipulationUpTo, likelyManipulatedFrom],
    ['band-no-finding', 'noManipulationFound', 0, noManipulationUpTo],
  ] as const;
  return (
    <>
      {areas.map(([className, verdict, from, to]) => {
        const height = yOfScore(from) - yOfScore(to);
        return (
          <g key={verdict} class={className}>
            <rect x={CHART.left} y={yOfScore(to)} width={right - CHART.left} height={height} />
            {/* HTML breaks the line of a long word where a language needs it. */}
            <foreignObject x={right + 8} y={yOfScore(to)} width={CHART.right - 8} height={height}>
              <div class="band-word">{t(`verdict.${verdict}.band`)}</div>
            </foreignObject>
          </g>
        );
      })}
      {[0, noManipulationUpTo, likelyManipulatedFrom, 1].map((score) => (
        <text key={score} class="chart-tick" x={CHART.left - 6} y={yOfScore(score) + 4} text-anchor="end">
          {scoreOf100(score, bands)}
        </text>
      ))}
    </>
  );
}

function TimeAxis({ points }: { readonly points: readonly ChartPoint[] }) {
  const first = points[0]!;
  const last = points.at(-1)!;
  const y = CHART.height - 8;
  return (
    <>
      <text class="chart-tick" x={first.x} y={y} text-anchor={first.x === last.x ? 'middle' : 'start'}>
        {mediaTimeText(first.mediaTimeSeconds)}
      </text>
      {first.x === last.x ? null : (
        <text class="chart-tick" x={last.x} y={y} text-anchor="end">
          {mediaTimeText(last.mediaTimeSeconds)}
        </text>
      )}
    </>
  );
}

function Line({ line, stroke }: { readonly line: ChartLine; readonly stroke: string }) {
  return (
    <g class="chart-line">
      <polyline
        points={line.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        stroke-dasharray={stroke}
      />
      {line.points.map(({ frameIndex, x, y }) => (
        <circle key={frameIndex} cx={x} cy={y} r="3" />
      ))}
    </g>
  );
}

function Legend({ lines }: { readonly lines: readonly ChartLine[] }) {
  return (
    <ul class="bar small quiet">
      {lines.map(({ personId }, index) => (
        <li key={personId} class="bar">
          <svg class="chart-line" width="28" height="8" viewBox="0 0 28 8" aria-hidden="true">
            <polyline points="0,4 28,4" stroke-dasharray={STROKES[Math.min(index, STROKES.length - 1)]} />
          </svg>
          {t('report.person', { person: personId })}
        </li>
      ))}
    </ul>
  );
}

function describePoint(point: ChartPoint, bands: ScoreBands, hasSeveralPeople: boolean): string {
  const { mediaTimeSeconds, personId, score } = point;
  const values = { time: mediaTimeText(mediaTimeSeconds), score: scoreOf100(score, bands) };
  return hasSeveralPeople
    ? t('report.personPoint', { ...values, person: personId })
    : t('report.point', values);
}

/** Where a key leads from a point; null for keys that lead nowhere. */
function nextIndex(key: string, selected: number | null, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min((selected ?? -1) + 1, count - 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max((selected ?? count) - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

const NUMBER_COLUMNS: readonly string[] = ['frames', 'score'];

/** The head of a table of a report. */
export function ColumnNames({ names }: { readonly names: readonly ColumnName[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col" class={NUMBER_COLUMNS.includes(name) ? 'number' : ''}>
            {t(`report.column.${name}`)}
          </th>
        ))}
      </tr>
    </thead>
  );
}

type ColumnName = 'frame' | 'frames' | 'person' | 'score' | 'time' | 'verdict';

/** The chart's numbers as text. */
export function ScoreTable({ scores, bands }: ScoreProps) {
  const inOrder = scores.toSorted((a, b) => a.frameIndex - b.frameIndex || a.personId - b.personId);
  return (
    <details>
      <summary>{t('report.scoresTable')}</summary>
      <table class="small">
        <ColumnNames names={['frame', 'time', 'person', 'score']} />
        <tbody>
          {inOrder.map(({ frameIndex, personId, mediaTimeSeconds, score }) => (
            <tr key={`${String(frameIndex)}/${String(personId)}`}>
              <td class="number-cell">{frameIndex + 1}</td>
              <td class="number-cell">{mediaTimeText(mediaTimeSeconds)}</td>
              <td class="number-cell">{personId}</td>
              <td class="number">{scoreOf100(score, bands)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

import type { FrameScore } from '../../utils/domain/report.ts';

/** The drawing's own units; the SVG scales to its column. The bands' words stand in the right margin. */
export const CHART = { width: 672, height: 220, left: 34, right: 152, top: 10, bottom: 26 } as const;
/** Points keep this far from the sides of the plot. */
const INSET = 8;

export type ChartPoint = FrameScore & { readonly x: number; readonly y: number };
export type ChartLine = { readonly personId: number; readonly points: readonly ChartPoint[] };

/** Where a score of 0 to 1 lies: 1 at the top. */
export function yOfScore(score: number): number {
  return CHART.top + (1 - score) * (CHART.height - CHART.top - CHART.bottom);
}

/** Where a time of the video lies. @param times of all points, at least one */
export function timeScale(times: readonly number[]): (seconds: number) => number {
  const first = Math.min(...times);
  const span = Math.max(...times) - first;
  const innerWidth = CHART.width - CHART.left - CHART.right - 2 * INSET;
  // All frames of a paused video have one time, which is drawn in the middle.
  return (seconds) => CHART.left + INSET + (span === 0 ? 0.5 : (seconds - first) / span) * innerWidth;
}

/** One line for each person, in order of the people; its points in order of time. */
export function layOutChart(scores: readonly FrameScore[]): readonly ChartLine[] {
  const xOf = timeScale(scores.map(({ mediaTimeSeconds }) => mediaTimeSeconds));
  return [...Map.groupBy(scores, ({ personId }) => personId)]
    .toSorted(([a], [b]) => a - b)
    .map(([personId, own]) => ({
      personId,
      points: own
        .toSorted((a, b) => a.mediaTimeSeconds - b.mediaTimeSeconds || a.frameIndex - b.frameIndex)
        .map((score) => ({ ...score, x: xOf(score.mediaTimeSeconds), y: yOfScore(score.score) })),
    }));
}

/** All points from left to right, as the keyboard goes through them. */
export function pointsInOrder(lines: readonly ChartLine[]): readonly ChartPoint[] {
  return lines.flatMap(({ points }) => points).toSorted((a, b) => a.x - b.x || a.personId - b.personId);
}

/** Index of the point nearest to a place in the drawing; null where there are no points. */
export function nearestPoint(points: readonly ChartPoint[], x: number, y: number): number | null {
  let nearest: number | null = null;
  let nearestDistance = Infinity;
  for (const [index, point] of points.entries()) {
    // The time has more weight than the score, since the pointer follows the line sideways.
    const distance = Math.abs(point.x - x) * 3 + Math.abs(point.y - y);
    if (distance >= nearestDistance) continue;
    nearest = index;
    nearestDistance = distance;
  }
  return nearest;
}

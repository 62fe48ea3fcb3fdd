import { expect, test } from 'vitest';
import {
  CHART,
  layOutChart,
  nearestPoint,
  pointsInOrder,
  yOfScore,
} from '../../../../components/report/chart-geometry.ts';
import { frameScores } from '../../../fixtures/scans/scans.ts';

test('draws one line for each person, from left to right, inside the plot', () => {
  const lines = layOutChart([...frameScores(2, 0.2), ...frameScores(1, 0.9).toReversed()]);
  expect(lines.map(({ personId }) => personId)).toEqual([1, 2]);
  for (const { points } of lines) {
    expect(points).toHaveLength(15);
    const places = points.map(({ x }) => x);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const { x, y } of points) {
      expect(x).toBeGreaterThanOrEqual(CHART.left);
      expect(x).toBeLessThanOrEqual(CHART.width - CHART.right);
      expect(y).toBeGreaterThanOrEqual(CHART.top);
      expect(y).toBeLessThanOrEqual(CHART.height - CHART.bottom);
    }
  }
});

test('puts high scores above low ones', () => {
  expect(yOfScore(1)).toBe(CHART.top);
  expect(yOfScore(0)).toBe(CHART.height - CHART.bottom);
});

test('puts a single frame in the middle', () => {
  const [line] = layOutChart([{ ...frameScores(1, 0.5)[0]!, mediaTimeSeconds: 4 }]);
  expect(line?.points[0]?.x).toBe((CHART.left + CHART.width - CHART.right) / 2);
});

test('finds the point under the pointer', () => {
  const points = pointsInOrder(layOutChart([...frameScores(1, 0.9), ...frameScores(2, 0.1)]));
  for (const [index, { x, y }] of points.entries()) expect(nearestPoint(points, x + 2, y + 2)).toBe(index);
  expect(nearestPoint([], 0, 0)).toBeNull();
});

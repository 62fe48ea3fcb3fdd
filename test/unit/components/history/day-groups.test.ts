import { expect, test } from 'vitest';
import { groupByDay } from '../../../../components/history/history-row.tsx';

const NOW = new Date(2026, 10, 23, 14, 5).getTime();
const HOUR = 3_600_000;

test('splits a list into days and keeps its order', () => {
  const entries = [1, 3, 15, 20, 40].map((hoursAgo) => ({ finishedAt: NOW - hoursAgo * HOUR, hoursAgo }));
  const groups = groupByDay(entries, NOW, 'en-GB');
  expect(groups.map(({ heading, entries: own }) => [heading, own.map(({ hoursAgo }) => hoursAgo)])).toEqual([
    ['Today', [1, 3]],
    ['Yesterday', [15, 20]],
    ['Saturday', [40]],
  ]);
});

test('makes no group of nothing', () => {
  expect(groupByDay([], NOW, 'en-GB')).toEqual([]);
});

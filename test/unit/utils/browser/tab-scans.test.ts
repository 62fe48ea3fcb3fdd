import { describe, expect, test } from 'vitest';
import type { Scan } from '../../../../utils/domain/scan.ts';
import { withScan } from '../../../../utils/browser/tab-scans.ts';
import { finishedState, scanIn, verdictOf } from '../../../fixtures/scans/scans.ts';

const running = (scanId: string): Scan =>
  scanIn({ kind: 'running', framesScanned: 1, framesAsked: 15 }, { scanId });

test('puts a new scan in front', () => {
  expect(withScan([running('a')], running('b')).map(({ scanId }) => scanId)).toEqual(['b', 'a']);
});

test('replaces a known scan where it stands', () => {
  const finished = scanIn(finishedState(verdictOf(0.2)), { scanId: 'a' });
  expect(withScan([running('b'), running('a')], finished)).toEqual([running('b'), finished]);
});

test('keeps the twenty latest', () => {
  let scans: readonly Scan[] = [];
  for (let index = 0; index < 25; index++) scans = withScan(scans, running(String(index)));
  expect(scans.map(({ scanId }) => scanId)).toEqual(
    Array.from({ length: 20 }, (_, index) => String(24 - index)),
  );
});

describe('of twenty', () => {
  const idsAfter = (scans: readonly Scan[]): readonly string[] =>
    scans.reduce<readonly Scan[]>(withScan, []).map(({ scanId }) => scanId);
  const automatic = (scanId: string, score: number): Scan =>
    scanIn(finishedState(verdictOf(score)), { scanId, isAutomatic: true });
  const feed = Array.from({ length: 30 }, (_, index) => automatic(`feed-${String(index)}`, 0.1));

  test('quiet automatic scans are dropped first, before checks by hand and loud verdicts', () => {
    const asked = [running('by-hand'), automatic('loud', 0.9)];
    const kept = idsAfter([...asked, ...feed]);
    expect(kept).toHaveLength(20);
    expect(kept.slice(-2)).toEqual(['loud', 'by-hand']);
    expect(kept[0]).toBe('feed-29');
  });

  test('a check by hand that is new takes a quiet one’s place', () => {
    const kept = idsAfter([...feed, running('by-hand')]);
    expect([kept[0], kept[1], kept.at(-1)]).toEqual(['by-hand', 'feed-29', 'feed-11']);
  });
});

import { expect, test } from 'vitest';
import type { Scan } from '../../../utils/scan.ts';
import { withScan } from '../../../utils/tab-scans.ts';
import { finishedState, scanIn, verdictOf } from '../../fixtures/scans/scans.ts';

const running = (scanId: string): Scan =>
  scanIn({ kind: 'running', framesLooked: 1, framesAsked: 15 }, { scanId });

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

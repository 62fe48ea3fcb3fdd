import type { FrameSourceKind, ScanReport } from '../../../../utils/domain/report.ts';
import { reportOf } from '../../../fixtures/scans/scans.ts';
import { expect, test } from 'vitest';
import { isWorthRemembering } from '../../../../entrypoints/background/automatic.ts';
import type { Verdict } from '../../../../utils/domain/verdict.ts';

const judged = (framesUsed: number): Verdict => ({
  kind: 'no-manipulation-found',
  score: 0.1,
  decidingPersonId: 0,
  pooledScore: 0.1,
  framesUsed,
  framesScanned: framesUsed,
  framesAsked: 15,
  people: [],
  doubts: [],
});

const refused = (reason: 'no-face' | 'face-turned' | 'unreadable', framesScanned: number): Verdict => ({
  kind: 'refused',
  reason,
  framesScanned,
  framesAsked: 15,
});

const finished = (verdict: Verdict, source: FrameSourceKind | null = null): ScanReport =>
  reportOf(verdict, { source });

test.each([
  ['a verdict on four frames', finished(judged(4), 'element'), true],
  ['a verdict on a paused video’s one frame', finished(judged(1), 'element'), false],
  ['what was seen on the screen', finished(judged(15), 'screen'), false],
  ['that nobody is in it', finished(refused('no-face', 15)), true],
  ['that all faces lie on their side', finished(refused('face-turned', 15)), true],
  [
    'a verdict on what the page covers',
    finished({ ...judged(15), doubts: ['covered-by-page'] } as Verdict, 'element'),
    false,
  ],
  ['that nobody is in a paused video’s one frame', finished(refused('no-face', 1)), false],
  ['that it can’t be read', finished(refused('unreadable', 0)), false],
])('%s: %s', (_what, report, isWorth) => {
  expect(isWorthRemembering(report)).toBe(isWorth);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStateReporter } from '../../../../models/host/report-scan.ts';
import type { ScanState } from '../../../../utils/domain/scan.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const progress = (framesScanned: number): ScanState => ({ kind: 'running', framesScanned, framesAsked: 15 });

test('progress is passed on at most four times a second, and its latest always', () => {
  const reported: ScanState[] = [];
  const report = createStateReporter((state) => reported.push(state));
  report({ kind: 'loading-model' });
  for (let frame = 0; frame <= 10; frame++) {
    report(progress(frame));
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(1000);
  expect(reported[0]).toEqual({ kind: 'loading-model' });
  expect(reported[1]).toEqual(progress(0));
  expect(reported.length).toBeLessThanOrEqual(2 + 3);
  expect(reported.at(-1)).toEqual(progress(10));
});

test('an end is passed on at once, and nothing after it', () => {
  const reported: ScanState[] = [];
  const report = createStateReporter((state) => reported.push(state));
  report(progress(0));
  report(progress(1));
  report({ kind: 'cancelled' });
  report(progress(2));
  vi.advanceTimersByTime(1000);
  expect(reported).toEqual([progress(0), { kind: 'cancelled' }]);
});

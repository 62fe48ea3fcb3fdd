import { expect, test } from 'vitest';
import { readFrameCount } from '../../../../entrypoints/options/frame-count.ts';
import { explainInstallProblem } from '../../../../entrypoints/options/install-problem.ts';
import { paceOf } from '../../../../entrypoints/options/install-time.ts';

test.each([
  ['15', 15],
  ['3', 4],
  ['-20', 4],
  ['61', 60],
  ['7.6', 8],
  ['', 15],
  ['many', 15],
])('takes %j as %d frames', (text, count) => {
  expect(readFrameCount(text)).toBe(count);
});

test('says nothing of the time left before it can be known', () => {
  expect(paceOf(0, 100, 5000)).toBeNull();
  expect(paceOf(50, 100, 200)).toBeNull();
});

test('tells the speed and the time left from the mean so far', () => {
  expect(paceOf(30e6, 120e6, 2000)).toEqual({ bytesPerSecond: 15e6, secondsLeft: 6 });
  expect(paceOf(120e6, 120e6, 8000)?.secondsLeft).toBe(0);
});

test('has words of its own for each thing that the user can change', () => {
  const codes = [
    'checkpoint-malformed',
    'checkpoint-unsupported',
    'checkpoint-refused',
    'checkpoint-too-large',
    'network-mismatch',
    'storage-full',
    'source-failed',
    'options-invalid',
    'internal',
  ] as const;
  expect(new Set(codes.map((code) => explainInstallProblem(code).title)).size).toBe(codes.length);
  expect(new Set(codes.map((code) => explainInstallProblem(code).remedy)).size).toBe(codes.length);
});

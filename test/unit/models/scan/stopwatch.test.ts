import { expect, test } from 'vitest';
import { createStopwatch } from '../../../../models/scan/stopwatch.ts';

test('overlapping work counts once, pauses not at all, failed work like any other', async () => {
  let now = 0;
  const stopwatch = createStopwatch(() => now);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const one = stopwatch.during(() => first.promise);
  now = 10;
  const two = stopwatch.during(() => second.promise);
  now = 30;
  first.resolve('a');
  expect(await one).toBe('a');
  now = 35;
  expect(stopwatch.milliseconds()).toBe(35);
  second.reject(new Error('b'));
  await expect(two).rejects.toThrow('b');
  now = 1000;
  expect(stopwatch.milliseconds()).toBe(35);
});

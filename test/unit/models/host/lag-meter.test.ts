import { expect, test } from 'vitest';
import { createLagMeter } from '../../../../models/host/machine-watch.ts';

const at = (meter: ReturnType<typeof createLagMeter>, lates: readonly number[], from = 0): boolean[] =>
  lates.map((late, index) => meter(late, from + index * 1000));

test('one or two late rings are no lag', () => {
  expect(at(createLagMeter(150), [0, 900, 0, 400, 0, 0, 900])).toEqual(Array(7).fill(false));
});

test('three late rings of five are, until ten seconds after the last of them', () => {
  const meter = createLagMeter(150);
  expect(at(meter, [200, 0, 200, 200])).toEqual([false, false, false, true]);
  // One more ring still sees three late ones among the last five: the ten seconds count from it.
  expect(at(meter, Array<number>(12).fill(0), 4000)).toEqual([
    ...Array<boolean>(10).fill(true),
    false,
    false,
  ]);
});

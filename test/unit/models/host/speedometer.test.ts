import { expect, test } from 'vitest';
import { createSpeedometer } from '../../../../models/host/speedometer.ts';

function stage(): { readonly at: (now: number, doneByteLength: number) => number | null } {
  let now = 0;
  const speedometer = createSpeedometer(() => now);
  return {
    at: (moment, doneByteLength) => {
      now = moment;
      return speedometer(doneByteLength);
    },
  };
}

test('says nothing before it can know', () => {
  const { at } = stage();
  expect(at(0, 0)).toBeNull();
  expect(at(1000, 5e6)).toBeNull();
  expect(at(2000, 10e6)).toBe(5e6);
});

test('follows a network that becomes slower', () => {
  const { at } = stage();
  for (let second = 0; second <= 10; second++) at(second * 1000, second * 10e6);
  let speed: number | null = null;
  for (let second = 11; second <= 20; second++) speed = at(second * 1000, 100e6 + (second - 10) * 1e6);
  expect(speed).toBeCloseTo(1e6, -4);
});

test('is never negative where bytes are fetched again', () => {
  const { at } = stage();
  at(0, 50e6);
  expect(at(2000, 30e6)).toBeNull();
  expect(at(4000, 34e6)).toBe(2e6);
});

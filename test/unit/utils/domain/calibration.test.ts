import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { verdictKindOf } from '../../../../models/scan/aggregate-verdict.ts';
import {
  bandsFor,
  calibrationFacts,
  countScores,
  falseAlarmChoices,
  of100,
  partOf,
  wilsonInterval,
} from '../../../../utils/domain/calibration.ts';
import type { Calibration } from '../../../../utils/domain/calibration.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';
import { REDNESS } from '../../../fixtures/detectors/redness.ts';

const KINDS = ['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const;
/** Scores on the borders and between them, where counting goes wrong. */
const scores = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 100 }).map((step) => step / 100),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  { minLength: 1, maxLength: 60 },
);
const bandsOf = fc
  .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 100 }))
  .filter(([upTo, from]) => upTo < from)
  .map(([upTo, from]) => ({ noManipulationUpTo: upTo / 100, likelyManipulatedFrom: from / 100 }));

test('counts in every band what the verdict would be, borders included', () => {
  fc.assert(
    fc.property(scores, bandsOf, (given, bands) => {
      const counts = countScores(given);
      for (const kind of KINDS) {
        const count = given.filter((score) => verdictKindOf(score, bands) === kind).length;
        expect(partOf(counts, kind, bands)).toEqual({ count, videos: given.length });
      }
    }),
  );
});

test('refuses scores and bands that it cannot count', () => {
  expect(() => countScores([0.5, Number.NaN])).toThrow(RangeError);
  expect(() => countScores([1.01])).toThrow(RangeError);
  const bands = { noManipulationUpTo: 0.3, likelyManipulatedFrom: 0.705 };
  expect(() => partOf(countScores([0.5]), 'not-sure', bands)).toThrow(/0.705/);
});

describe('the interval by Wilson', () => {
  // Newcombe (Statistics in Medicine 17, 1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('is the published one for %d of %d', (count, videos, low, high) => {
    const interval = wilsonInterval({ count, videos });
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('holds the share, lies within 0 to 1, and is mirrored with the share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (videos, some) => {
        const count = some % (videos + 1);
        const { low, high } = wilsonInterval({ count, videos });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(count / videos);
        expect(high).toBeGreaterThanOrEqual(count / videos);
        expect(high).toBeLessThanOrEqual(1);
        const mirrored = wilsonInterval({ count: videos - count, videos });
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
      }),
    );
    expect(() => wilsonInterval({ count: 0, videos: 0 })).toThrow(RangeError);
  });
});

test('shares are whole numbers of 100, with one digit below 1', () => {
  expect(of100({ count: 39, videos: 590 })).toBe(7);
  expect(of100({ count: 1, videos: 592 })).toBe(0.2);
  expect(of100({ count: 1, videos: 100 })).toBe(1);
  expect(of100({ count: 0, videos: 77 })).toBe(0);
});

describe('the sensitivity', () => {
  const calibrationOf = (real: readonly number[]): Calibration => ({
    networks: ['only'],
    sets: [{ name: 'Set', real: countScores(real), fake: countScores([0.9]) }],
  });

  test('takes the lowest border that keeps to the chosen share of false alarms, above "no manipulation found"', () => {
    fc.assert(
      fc.property(scores, fc.constantFrom(1, 2, 5, 10), (real, falseAlarmsOf100) => {
        const detector = { bands: VERDICT_BANDS, calibration: calibrationOf(real) };
        const bands = bandsFor(detector, falseAlarmsOf100);
        expect(bands.noManipulationUpTo).toBe(0.3);
        expect(bands.likelyManipulatedFrom).toBeGreaterThan(0.3);
        const isKept = (from: number): boolean =>
          real.filter((score) => score >= from).length * 100 <= falseAlarmsOf100 * real.length;
        const choices = falseAlarmChoices(detector);
        if (!choices.some((choice) => choice.falseAlarmsOf100 === falseAlarmsOf100)) return;
        expect(isKept(bands.likelyManipulatedFrom)).toBe(true);
        const below = Math.round(bands.likelyManipulatedFrom * 100 - 1) / 100;
        expect(below === 0.3 || !isKept(below)).toBe(true);
      }),
    );
  });

  test('of the published networks: 1, 2, 5 and 10 of 100 real videos of Celeb-DF v2', () => {
    const borders = falseAlarmChoices(GENCONVIT).map(({ falseAlarmsOf100, bands }) => [
      falseAlarmsOf100,
      bands.likelyManipulatedFrom,
    ]);
    expect(borders).toEqual([
      [1, 0.95],
      [2, 0.91],
      [5, 0.75],
      [10, 0.59],
    ]);
    expect(bandsFor(GENCONVIT, null)).toBe(GENCONVIT.bands);
  });

  test('is offered only where it can be kept', () => {
    expect(falseAlarmChoices(REDNESS)).toEqual([]);
    expect(bandsFor(REDNESS, 1)).toBe(REDNESS.bands);
    // Every real video scores 1: no border keeps to anything.
    const hopeless = { bands: VERDICT_BANDS, calibration: calibrationOf([1, 1, 1]) };
    expect(falseAlarmChoices(hopeless)).toEqual([]);
    expect(bandsFor(hopeless, 5)).toBe(VERDICT_BANDS);
  });
});

test('a report is told of the hardest set, by its own bands, and whether all networks judged', () => {
  const loud = { kind: 'likely-manipulated', bands: VERDICT_BANDS } as const;
  const { calibration } = GENCONVIT;
  expect(calibrationFacts(calibration, loud, { networks: ['vae', 'ed'] })).toEqual({
    testSet: 'Celeb-DF v2',
    upTo: 30,
    from: 70,
    real: 590,
    realAlike: 39,
    realOf100: 7,
    realLow: 5,
    realHigh: 9,
    fake: 592,
    fakeAlike: 549,
    fakeOf100: 93,
    fakeLow: 90,
    fakeHigh: 95,
    isOfSameNetworks: true,
  });
  const strict = { ...loud, bands: bandsFor(GENCONVIT, 1) };
  expect(calibrationFacts(calibration, strict, { networks: ['ed'] })).toMatchObject({
    from: 95,
    realAlike: 5,
    isOfSameNetworks: false,
  });
  // Other weights than the published ones score in another way.
  expect(calibrationFacts(calibration, loud, { networks: ['ed'], isForeign: true })).toBe(null);
  expect(calibrationFacts(null, loud, { networks: ['mean'] })).toBe(null);
});

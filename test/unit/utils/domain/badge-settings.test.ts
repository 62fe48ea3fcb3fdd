import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DEFAULT_BADGE_SETTINGS,
  isPausedByUser,
  validBadgeSettings,
} from '../../../../utils/domain/automatic.ts';

test('the default is the smallest budget, no pause, and nothing on videos in full screen', () => {
  expect(DEFAULT_BADGE_SETTINGS).toMatchObject({
    budget: 'low',
    isPausedEverywhere: false,
    pausedUntil: null,
    showsInFullScreen: false,
  });
});

test('whatever lies in the storage becomes valid settings, and valid ones stay as they are', () => {
  fc.assert(
    fc.property(fc.anything(), (stored) => {
      const settings = validBadgeSettings(stored);
      expect(['low', 'medium', 'high']).toContain(settings.budget);
      expect(validBadgeSettings(settings)).toEqual(settings);
    }),
    { seed: 31 },
  );
  const chosen = {
    ...DEFAULT_BADGE_SETTINGS,
    budget: 'high',
    pausedUntil: 5,
    onlyPluggedIn: true,
    showsInFullScreen: true,
  } as const;
  expect(validBadgeSettings(chosen)).toEqual(chosen);
});

test('a pause of an hour is one until its end', () => {
  const settings = { isPausedEverywhere: false, pausedUntil: 1000 };
  expect([isPausedByUser(settings, 999), isPausedByUser(settings, 1000)]).toEqual([true, false]);
});

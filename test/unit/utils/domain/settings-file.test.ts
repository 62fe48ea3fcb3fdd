import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BADGE_SETTINGS } from '../../../../utils/domain/automatic.ts';
import { DEFAULT_SETTINGS } from '../../../../utils/domain/settings.ts';
import { changedSettings, parseSettingsFile, settingsFile } from '../../../../utils/domain/settings-file.ts';
import type { AllSettings } from '../../../../utils/domain/settings-file.ts';
import { badgeSiteOf } from '../../../../utils/domain/sites.ts';

const { pausedUntil: _, ...BADGES } = DEFAULT_BADGE_SETTINGS;
const SETTINGS: AllSettings = {
  ...DEFAULT_SETTINGS,
  ...BADGES,
  badgeSites: [badgeSiteOf('https://x.com/')!, badgeSiteOf('https://mastodon.example/')!],
};
type Json = { version: number; settings: Record<string, unknown> };
const json = (): Json => JSON.parse(settingsFile(SETTINGS)) as Json;
const withValue = (key: string, value: unknown): string => {
  const { settings, ...rest } = json();
  return JSON.stringify({ ...rest, settings: { ...settings, [key]: value } });
};

test('a file is read back as it was written', () => {
  expect(parseSettingsFile(settingsFile(SETTINGS))).toEqual({ settings: SETTINGS });
});

test('a site’s hosts are made of its name: a file can’t bring others', () => {
  expect(settingsFile(SETTINGS)).not.toContain('*://');
  const sites = [{ siteId: 'x', name: 'X', pagePatterns: [], originPatterns: ['<all_urls>'] }];
  for (const badgeSites of [sites, ['<all_urls>'], ['*'], ['x.com/path'], ['a b'], ['']]) {
    expect(parseSettingsFile(withValue('badgeSites', badgeSites))).toEqual({
      problem: { code: 'invalid', key: 'badgeSites' },
    });
  }
});

describe('what is refused', () => {
  test.each([
    ['no JSON', 'x', { code: 'not-json' }],
    ['a history', '{"format":"trueframe-history","version":1,"entries":[]}', { code: 'foreign' }],
    ['a later version', JSON.stringify({ ...json(), version: 2 }), { code: 'newer' }],
    ['an earlier one', JSON.stringify({ ...json(), version: 0 }), { code: 'older' }],
    ['too many frames', withValue('framesAsked', 61), { code: 'invalid', key: 'framesAsked' }],
    ['another budget', withValue('budget', 'unlimited'), { code: 'invalid', key: 'budget' }],
    ['a value that is missing', withValue('keepCrops', undefined), { code: 'invalid', key: 'keepCrops' }],
    ['a name that nothing has', withValue('telemetry', true), { code: 'invalid', key: 'telemetry' }],
  ])('%s', (_name, content, problem) => {
    expect(parseSettingsFile(content)).toEqual({ problem });
  });

  test('any text and any JSON, by a code and never by an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (content) => {
        expect(parseSettingsFile(content)).toHaveProperty('problem');
      }),
    );
  });
});

test('what would change is named, and the order of sites is no change', () => {
  expect(changedSettings(SETTINGS, { ...SETTINGS, badgeSites: SETTINGS.badgeSites.toReversed() })).toEqual(
    [],
  );
  expect(
    changedSettings(SETTINGS, { ...SETTINGS, framesAsked: null, historyDays: 30, badgeSites: [] }),
  ).toEqual(['framesAsked', 'historyDays', 'badgeSites']);
});

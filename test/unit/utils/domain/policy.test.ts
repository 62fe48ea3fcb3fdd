import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isSiteAllowed, parsePolicy, sitesOfPolicy, withPolicy } from '../../../../utils/domain/policy.ts';
import type { Policy } from '../../../../utils/domain/policy.ts';
import { DEFAULT_SETTINGS } from '../../../../utils/domain/settings.ts';
import { badgeSiteOf } from '../../../../utils/domain/sites.ts';

const POLICY: Required<Policy> = {
  detector: 'genconvit',
  badgeSites: ['youtube.com', 'news.example'],
  historyDays: 14,
  downloads: false,
};

test('without a policy everything is the user’s choice', () => {
  const none = parsePolicy({});
  expect(none).toEqual({ policy: {}, problem: null });
  expect(withPolicy(DEFAULT_SETTINGS, none)).toEqual(DEFAULT_SETTINGS);
  expect(isSiteAllowed({ siteId: 'x' }, none)).toBe(true);
  expect(sitesOfPolicy(none)).toBeNull();
});

test('a policy takes the place of what the user has chosen', () => {
  const state = parsePolicy(POLICY);
  expect(state).toEqual({ policy: POLICY, problem: null });
  expect(withPolicy({ ...DEFAULT_SETTINGS, modelId: 'own', historyDays: 90 }, state)).toEqual({
    ...DEFAULT_SETTINGS,
    modelId: 'detector:genconvit',
    historyDays: 14,
  });
  expect(
    withPolicy({ ...DEFAULT_SETTINGS, historyDays: 90 }, parsePolicy({ historyDays: 0 })).historyDays,
  ).toBeNull();
});

test('only its sites may have badges, whatever address of them is named', () => {
  const state = parsePolicy(POLICY);
  expect(isSiteAllowed(badgeSiteOf('https://m.youtube.com/watch')!, state)).toBe(true);
  expect(isSiteAllowed(badgeSiteOf('https://news.example/')!, state)).toBe(true);
  expect(isSiteAllowed(badgeSiteOf('https://x.com/')!, state)).toBe(false);
  expect(sitesOfPolicy(state)?.map(({ siteId }) => siteId)).toEqual(['youtube', 'news.example']);
  expect(isSiteAllowed(badgeSiteOf('https://x.com/')!, parsePolicy({ badgeSites: [] }))).toBe(false);
});

test.each([
  [{ historyDays: -1 }, 'historyDays'],
  [{ historyDays: 1.5 }, 'historyDays'],
  [{ badgeSites: ['*'], downloads: false }, 'badgeSites'],
  [{ badgeSites: 'x.com' }, 'badgeSites'],
  [{ detector: '../x' }, 'detector'],
  [{ downloads: 'no' }, 'downloads'],
  [{ downloads: false, colour: 'red' }, 'colour'],
])('%j is ignored as a whole, with the name of what is wrong', (stored, problem) => {
  expect(parsePolicy(stored)).toEqual({ policy: {}, problem });
});

test('the browser is told of the same fields', () => {
  const { properties } = JSON.parse(readFileSync('public/managed-schema.json', 'utf8')) as {
    readonly properties: object;
  };
  expect(Object.keys(properties).toSorted()).toEqual(Object.keys(POLICY).toSorted());
});

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../../utils/domain/settings.ts';
import {
  finishedState,
  reportOfVersion1,
  scanIn,
  upgradedReport,
  verdictOf,
} from '../../../fixtures/scans/scans.ts';

const storage = await vi.hoisted(async () =>
  (await import('../../../support/fake-storage.ts')).installFakeStorage(),
);
vi.mock('wxt/browser', () => ({ browser: { storage } }));
const { changeSettings, readSettings, watchSettings } = await import('../../../../utils/browser/settings.ts');
const { readBadgeSettings } = await import('../../../../utils/browser/badge-settings.ts');
const { readBadgeSites, readBroughtOrigins, readPendingSite } =
  await import('../../../../utils/browser/badge-sites.ts');
const { findTabScan, readTabScans, writeTabScans } = await import('../../../../utils/browser/tab-scans.ts');
const { createStoredItem } = await import('../../../../utils/browser/stored-item.ts');

beforeEach(() => {
  storage.local.values.clear();
  storage.session.values.clear();
});

const SITE = { siteId: 'x', name: 'X', pagePatterns: ['*://*.x.com/*'], originPatterns: ['*://*.x.com/*'] };

describe('what version 0.1.0 stored', () => {
  test('is read as it was', async () => {
    const settings = { framesAsked: null, keepFacePictures: true, modelId: 'ed-fp16-webgpu-0f3a5b9c21d4' };
    const badgeSettings = {
      budget: 'high',
      isPausedEverywhere: true,
      pausedUntil: 1_790_000_000_000,
      onlyPluggedIn: true,
      notOnMetered: true,
      showsInFullScreen: true,
    };
    await storage.local.set({
      settings,
      'badge-settings': badgeSettings,
      'badge-sites': [SITE],
      'badge-origins': ['*://*.x.com/*'],
    });
    await storage.session.set({
      'badge-site-pending': { site: SITE, heldOrigins: [], askedAt: 5 },
    });
    expect(await readSettings()).toEqual({ ...DEFAULT_SETTINGS, ...settings });
    expect(await readBadgeSettings()).toEqual(badgeSettings);
    expect(await readBadgeSites()).toEqual([SITE]);
    expect(await readBroughtOrigins()).toEqual(['*://*.x.com/*']);
    expect(await readPendingSite()).toEqual({ site: SITE, heldOrigins: [], askedAt: 5 });
  });

  test('in part is made whole with the defaults', async () => {
    await storage.local.set({ settings: { framesAsked: 6 }, 'badge-settings': { budget: 'medium' } });
    expect(await readSettings()).toEqual({ ...DEFAULT_SETTINGS, framesAsked: 6 });
    expect(await readBadgeSettings()).toMatchObject({ budget: 'medium', pausedUntil: null });
  });
});

test.each([null, 'text', 7, [], { framesAsked: 'many', keepFacePictures: 1, modelId: {} }])(
  'settings that are no settings are the defaults: %#',
  async (settings) => {
    await storage.local.set({ settings });
    expect(await readSettings()).toEqual(DEFAULT_SETTINGS);
  },
);

test.each([
  [1, 4],
  [1000, 60],
  [7.5, 15],
])('%d frames are read as %d', async (stored, framesAsked) => {
  await storage.local.set({ settings: { framesAsked: stored } });
  expect((await readSettings()).framesAsked).toBe(framesAsked);
});

test.each([
  [5, 5],
  [3, null],
  ['5', null],
])('a sensitivity of %j is read as %j', async (stored, falseAlarmsOf100) => {
  await storage.local.set({ settings: { falseAlarmsOf100: stored } });
  expect((await readSettings()).falseAlarmsOf100).toBe(falseAlarmsOf100);
});

test('a change keeps the other settings, and is told to those who watch until they stop', async () => {
  const heard: unknown[] = [];
  const stop = watchSettings((settings) => heard.push(settings));
  await changeSettings({ framesAsked: 30 });
  await changeSettings({ keepFacePictures: true });
  stop();
  await changeSettings({ framesAsked: 40 });
  expect(heard).toEqual([
    { ...DEFAULT_SETTINGS, framesAsked: 30 },
    { ...DEFAULT_SETTINGS, framesAsked: 30, keepFacePictures: true },
  ]);
});

test('of a list of sites what is no site is left out', async () => {
  await storage.local.set({ 'badge-sites': [null, { ...SITE, originPatterns: [3] }, SITE, 'x'] });
  expect(await readBadgeSites()).toEqual([SITE]);
});

test('of a tab’s scans what is no scan of this version is left out', async () => {
  const scan = scanIn(finishedState(verdictOf(0.4)), { scanId: 'kept', tabId: 3 });
  await writeTabScans(3, [scan]);
  const former = { ...scan, scanId: 'former', state: { kind: 'finished', verdict: verdictOf(0.4) } };
  await storage.session.set({ 'scans:4': [former, null], 'scans:5': 'text' });
  expect(await readTabScans(3)).toEqual([scan]);
  expect(await readTabScans(4)).toEqual([]);
  expect(await findTabScan('kept')).toEqual(scan);
  expect(await findTabScan('former')).toBeNull();
  await writeTabScans(3, []);
  expect(storage.session.values.has('scans:3')).toBe(false);
});

test('scans that a version with reports of version 1 stored get their reports’ new form', async () => {
  const finished = scanIn(finishedState(verdictOf(0.82)), { scanId: 'finished' });
  const running = scanIn({ kind: 'running', framesScanned: 4, framesAsked: 15 }, { scanId: 'running' });
  if (finished.state.kind !== 'finished') throw new Error('not finished');
  const former = [
    { ...finished, state: { ...finished.state, report: reportOfVersion1(finished.state.report) } },
    { ...running, state: { kind: 'running', framesLooked: 4, framesAsked: 15 } },
  ];
  await storage.session.set({ 'scans:6': former });
  const report = upgradedReport(finished.state.report);
  expect(await readTabScans(6)).toEqual([{ ...finished, state: { kind: 'finished', report } }, running]);
  expect(await findTabScan('running')).toEqual(running);
});

test('an item of a later version migrates what an earlier one stored', async () => {
  await storage.local.set({ counted: 3 });
  const item = createStoredItem({
    key: 'local:counted',
    version: 2,
    migrations: { 2: (former) => ({ count: former }) },
    valid: (stored) => stored,
  });
  expect(await item.read()).toEqual({ count: 3 });
  expect(storage.local.values.get('counted')).toEqual({ count: 3 });
});

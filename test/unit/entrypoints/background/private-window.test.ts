import { beforeEach, expect, test, vi } from 'vitest';
import { ED_MODEL, finishedState, scanIn, verdictOf } from '../../../fixtures/scans/scans.ts';

const storage = await vi.hoisted(async () =>
  (await import('../../../support/fake-storage.ts')).installFakeStorage(),
);
const { REAL_AT_LEAST, ONE_FAKE } = vi.hoisted(() => ({
  REAL_AT_LEAST: Array.from({ length: 101 }, (_, step) => (step === 0 ? 100 : step <= 90 ? 10 : 0)),
  ONE_FAKE: { atLeast: Array.from({ length: 101 }, () => 1), exactly: {} },
}));
const memory = vi.hoisted(() => ({ recallVerdict: vi.fn(), rememberVerdict: vi.fn() }));
vi.mock('wxt/browser', () => ({ browser: { storage } }));
vi.mock('../../../../utils/browser/verdict-memory-db.ts', () => memory);
vi.mock('../../../../utils/domain/choose-models.ts', () => ({ chooseModels: () => [ED_MODEL] }));
vi.mock('../../../../models/store/model-store.ts', () => ({ listModels: () => Promise.resolve([]) }));
vi.mock('../../../../models/store/browser-store.ts', () => ({
  BROWSER_STORE: {
    // Ten of 100 real videos score .9, all others 0.
    registry: {
      get: () => ({
        bands: { noManipulationUpTo: 0.3, likelyManipulatedFrom: 0.7 },
        calibration: {
          networks: ['ed'],
          sets: [
            { name: 'Set', real: { atLeast: REAL_AT_LEAST, exactly: { 0: 90, 90: 10 } }, fake: ONE_FAKE },
          ],
        },
      }),
    },
  },
}));
const { beginAutomatic, rememberScan } = await import('../../../../entrypoints/background/automatic.ts');

const PAGE = 'https://x.com/home';
const SITE = { siteId: 'x', name: 'X', pagePatterns: ['*://*.x.com/*'], originPatterns: ['*://*.x.com/*'] };
const LINKS = { levels: [], isAlone: true, isAdvertisement: false };
const VIDEO = { links: LINKS, fileUrl: 'https://x.com/a.mp4', isServed: false, durationSeconds: 9 };
const SENDER = { tabId: 1, frameId: 0, url: PAGE, pageUrl: PAGE, pageTitle: null, isOwnPage: false };

beforeEach(async () => {
  vi.clearAllMocks();
  memory.recallVerdict.mockResolvedValue({ scanId: 'former', verdict: verdictOf(0.1), model: ED_MODEL });
  await storage.local.set({ 'badge-sites': [SITE] });
});

test('a video in a private window is checked as if it had never been met', async () => {
  expect(await beginAutomatic(VIDEO, { ...SENDER, isPrivate: false })).toMatchObject({ kind: 'remembered' });
  memory.recallVerdict.mockClear();
  expect(await beginAutomatic(VIDEO, { ...SENDER, isPrivate: true })).toMatchObject({ kind: 'check' });
  expect(memory.recallVerdict).not.toHaveBeenCalled();
});

test('a verdict from a private window is not remembered', async () => {
  const scan = scanIn(finishedState(verdictOf(0.1)), { documentUrl: PAGE });
  const video = { ...scan.video, pageUrl: PAGE, fileUrl: VIDEO.fileUrl };
  await rememberScan({ ...scan, video, isPrivate: true });
  expect(memory.rememberVerdict).not.toHaveBeenCalled();
  await rememberScan({ ...scan, video, isPrivate: false });
  expect(memory.rememberVerdict).toHaveBeenCalledOnce();
});

test('a frame of a site with badges in another site’s page is not checked by itself', async () => {
  const sender = { ...SENDER, pageUrl: 'https://news.example/', frameId: 2, isPrivate: false };
  expect(await beginAutomatic(VIDEO, sender)).toEqual({ kind: 'not-now' });
  expect(memory.recallVerdict).not.toHaveBeenCalled();
});

test('a remembered verdict is shown with how often it is wrong, and only while the bands are those that it was found by', async () => {
  const sender = { ...SENDER, isPrivate: false };
  const shown = await beginAutomatic(VIDEO, sender);
  expect(shown).toMatchObject({
    kind: 'remembered',
    state: { report: { calibration: { testSet: 'Set', real: 100, realAlike: 90 } } },
  });
  // From .91 on there is no false alarm.
  await storage.local.set({ settings: { falseAlarmsOf100: 5 } });
  expect(await beginAutomatic(VIDEO, sender)).toMatchObject({ kind: 'check' });
  const bands = { noManipulationUpTo: 0.3, likelyManipulatedFrom: 0.91 };
  memory.recallVerdict.mockResolvedValue({
    scanId: 'former',
    verdict: verdictOf(0.1),
    bands,
    model: ED_MODEL,
  });
  expect(await beginAutomatic(VIDEO, sender)).toMatchObject({
    kind: 'remembered',
    state: { report: { bands } },
  });
  await storage.local.set({ settings: {} });
});

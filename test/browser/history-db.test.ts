import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ED_MODEL,
  historyEntry,
  refusalOf,
  reportOfVersion1,
  reportOfVersion2,
  upgradedReport,
  verdictOf,
  verdictOfVersion1,
} from '../fixtures/scans/scans.ts';
import { openModulePage } from '../support/module-page.ts';

let page: Page;
let closePage: () => Promise<void>;

beforeAll(async () => {
  ({ page, close: closePage } = await openModulePage('history-db.ts', 'history_'));
});
afterAll(() => closePage());
beforeEach(() =>
  page.evaluate(`new Promise((done, fail) => {
    const deletion = indexedDB.deleteDatabase('history');
    deletion.onsuccess = () => done();
    deletion.onerror = () => fail(deletion.error);
  })`),
);

/** Makes a database of an earlier version of the extension; version 1 was that of 0.1.0. */
async function seed(entries: readonly unknown[], version = 1): Promise<void> {
  await page.evaluate(`new Promise((done, fail) => {
    const opening = indexedDB.open('history', ${String(version)});
    opening.onupgradeneeded = () => {
      const store = opening.result.createObjectStore('entries', { keyPath: 'scanId' });
      store.createIndex('byTime', ['finishedAt', 'scanId']);
      for (const entry of ${JSON.stringify(entries)}) {
        store.put({ ...entry, facePicture: entry.facePicture && new Blob([entry.facePicture], { type: 'image/png' }) });
      }
    };
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      opening.result.close();
      done();
    };
  })`);
}

const list = (): Promise<readonly Record<string, unknown>[]> =>
  page.evaluate(`history_.listHistory({ limit: 10, before: null, search: '' })`);

const FRAME_SCORES = [{ personId: 1, frameIndex: 0, mediaTimeSeconds: 0.5, score: 0.82 }];
const FORMER = {
  scanId: 'former',
  pageUrl: 'https://site.example/watch',
  title: 'Interview',
  fileUrl: null,
  finishedAt: 2000,
  verdict: verdictOfVersion1(verdictOf(0.82)),
  frameScores: FRAME_SCORES,
  model: ED_MODEL,
  facePicture: 'PNG',
  way: 'screen',
  screenScale: 0.5,
};

describe('a history of version 0.1.0', () => {
  test('is read with a report, and keeps its order and pictures', async () => {
    const { way: _way, screenScale: _scale, ...older } = FORMER;
    const verdict = verdictOfVersion1(refusalOf('unreadable'));
    const refused = { ...older, verdict, frameScores: [], model: null };
    await seed([FORMER, { ...refused, scanId: 'older', finishedAt: 1000, facePicture: null }]);
    const [first, second] = await list();
    expect(first).toMatchObject({
      scanId: 'former',
      title: 'Interview',
      report: {
        version: 3,
        verdict: verdictOf(0.82),
        frameScores: [
          { ...FRAME_SCORES[0], box: null, networkScores: {}, pixelsSha256: null, measures: null },
        ],
        used: { source: 'screen', screenScale: 0.5, model: ED_MODEL, noiseSeed: null, settings: null },
        quality: { bitsPerPixel: null },
        timings: null,
      },
    });
    expect(first).not.toHaveProperty('verdict');
    expect(second).toMatchObject({
      scanId: 'older',
      report: { verdict: refusalOf('unreadable'), used: { source: null, screenScale: null, model: null } },
    });
    expect(await page.evaluate(`history_.getHistoryEntry('former').then((e) => e.facePicture.text())`)).toBe(
      'PNG',
    );
  });

  test('lists no entry that it can’t read, and deletes none', async () => {
    await seed([FORMER, { scanId: 'broken', finishedAt: 3000, verdict: 'yes', facePicture: null }]);
    expect((await list()).map(({ scanId }) => scanId)).toEqual(['former']);
    expect(await page.evaluate('history_.countHistory()')).toBe(2);
  });
});

test.each([
  ['2, with a report of version 1,', 2, reportOfVersion1],
  ['3, with a report of version 2,', 3, reportOfVersion2],
])('an entry of database version %s is read, and has what it had', async (_what, version, former) => {
  const entry = historyEntry({ scanId: 'kept', title: 'Clip' });
  await seed([{ ...entry, report: former(entry.report) }], version);
  expect(await list()).toEqual([
    JSON.parse(JSON.stringify({ ...entry, report: upgradedReport(entry.report) })),
  ]);
});

test('an entry is read as it was written', async () => {
  const entry = historyEntry({ scanId: 'kept', title: 'Clip' });
  await page.evaluate(`history_.putHistoryEntries([${JSON.stringify(entry)}])`);
  expect(await list()).toEqual([JSON.parse(JSON.stringify(entry))]);
});

test('a database of a later version is refused by a code', async () => {
  await seed([], 99);
  expect(await page.evaluate(`history_.countHistory().catch(({ code }) => code)`)).toBe('database-newer');
});

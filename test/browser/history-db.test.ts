import type { Page } from 'playwright-core';
import type * as HistoryDb from '../../utils/browser/history-db.ts';
import type { Imported } from '../../utils/browser/history-db.ts';
import type { HistorySummary } from '../../utils/domain/history.ts';
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
  page.evaluate(
    `history_.listHistory(10).then((listed) => history_.getHistoryEntries(listed.map(({ scanId }) => scanId)))`,
  );

const summaries = (): Promise<readonly HistorySummary[]> => page.evaluate('history_.listWholeHistory()');
const ids = async (): Promise<readonly string[]> => (await summaries()).map(({ scanId }) => scanId);

/** Runs a function of the module with values that pass into the page as JSON. */
const call = <Value>(name: keyof typeof HistoryDb, ...values: readonly unknown[]): Promise<Value> =>
  page.evaluate<Value>(`history_.${name}(...${JSON.stringify(values)})`);

/** The number of rows of a store, counted without the module. */
const countRows = (store: string): Promise<number> =>
  page.evaluate<number>(`new Promise((done, fail) => {
    const opening = indexedDB.open('history');
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const counting = opening.result.transaction('${store}').objectStore('${store}').count();
      counting.onsuccess = () => {
        opening.result.close();
        done(counting.result);
      };
    };
  })`);

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
    expect(await call('countHistory')).toBe(1);
    expect(await countRows('entries')).toBe(2);
  });
});

test.each([
  ['2, with a report of version 1,', 2, reportOfVersion1],
  ['3, with a report of version 2,', 3, reportOfVersion2],
])('an entry of database version %s is read, and has what it had', async (_what, version, former) => {
  const entry = historyEntry({ scanId: 'kept', title: 'Clip' });
  await seed([{ ...entry, report: former(entry.report) }], version);
  const expected = { ...entry, report: upgradedReport(entry.report) };
  expect(await list()).toEqual([JSON.parse(JSON.stringify(expected))]);
  expect(await summaries()).toMatchObject([
    { scanId: 'kept', title: 'Clip', site: 'example.com', score: 0.82 },
  ]);
});

test('an entry of database version 4 is read as it was, and gets a summary', async () => {
  const { ownLabel: _label, note: _note, ...former } = historyEntry({ scanId: 'kept', title: 'Clip' });
  await seed([former], 4);
  expect(await list()).toEqual([JSON.parse(JSON.stringify({ ...former, ownLabel: null, note: '' }))]);
  expect(await summaries()).toMatchObject([
    { scanId: 'kept', searchText: expect.stringContaining('clip') as string },
  ]);
});

test('an entry is read as it was written', async () => {
  const entry = historyEntry({ scanId: 'kept', title: 'Clip' });
  await page.evaluate(`history_.putHistoryEntries([${JSON.stringify(entry)}])`);
  expect(await list()).toEqual([JSON.parse(JSON.stringify(entry))]);
});

const three = ['a', 'b', 'c'].map((scanId, index) =>
  historyEntry({ scanId, finishedAt: 1000 * (index + 1) }),
);
/** Faces of two pixels, of this many scans in turn. */
const keepFaces = (scanId: string): Promise<void> =>
  page.evaluate(`history_.keepCrops('${scanId}', [1, 2].map((shade) => ({
    personId: 1, frameIndex: shade, mediaTimeSeconds: shade, score: 0.5, logits: { ed: [0.1, 0.2] },
    picture: new ImageData(new Uint8ClampedArray(8).fill(shade), 2, 1),
  })))`);
const faces = (scanId: string): Promise<unknown> =>
  page.evaluate(`history_.getKeptCrops('${scanId}').then((crops) => crops && crops.map(({ picture, ...crop }) =>
    ({ ...crop, pixels: [picture.width, picture.height, ...picture.data] })))`);

test('deleted entries come back with their faces, and no others do', async () => {
  await call('putHistoryEntries', three);
  await keepFaces('b');
  expect(await faces('b')).toEqual(
    [1, 2].map((shade) => ({
      personId: 1,
      frameIndex: shade,
      mediaTimeSeconds: shade,
      score: 0.5,
      logits: { ed: [0.1, 0.2] },
      pixels: [2, 1, ...Array<number>(8).fill(shade)],
    })),
  );
  await page.evaluate(`(async () => { globalThis.kept = await history_.getKeptScans(['a', 'b']); })()`);
  await call('deleteHistoryEntries', ['a', 'b']);
  expect(await ids()).toEqual(['c']);
  expect(await faces('b')).toBeNull();
  expect([await countRows('entries'), await countRows('crops')]).toEqual([1, 0]);
  await page.evaluate(
    `history_.putHistoryEntries(kept.map(({ entry }) => entry), kept.flatMap(({ crops }) => crops ?? []))`,
  );
  expect(await ids()).toEqual(['c', 'b', 'a']);
  expect(await faces('b')).toHaveLength(2);
  expect((await summaries()).map(({ cropByteLength = 0 }) => cropByteLength > 0)).toEqual([
    false,
    true,
    false,
  ]);
});

test('faces of a scan without an entry are not kept, and those of the oldest make room', async () => {
  await keepFaces('never');
  expect(await countRows('crops')).toBe(0);
  await call('putHistoryEntries', three);
  for (const scanId of ['a', 'b', 'c']) await keepFaces(scanId);
  // Each of the first two scans seems to take half of the room for all.
  await page.evaluate(`new Promise((done, fail) => {
    const opening = indexedDB.open('history');
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('summaries', 'readwrite');
      const store = transaction.objectStore('summaries');
      for (const scanId of ['a', 'b']) {
        store.get(scanId).onsuccess = ({ target }) =>
          store.put({ ...target.result, cropByteLength: history_.MAX_CROP_BYTES / 2 });
      }
      transaction.onerror = () => fail(transaction.error);
      transaction.oncomplete = () => {
        opening.result.close();
        done();
      };
    };
  })`);
  await keepFaces('c');
  expect([await faces('a'), await ids()]).toEqual([null, ['c', 'b', 'a']]);
  expect(await faces('b')).toHaveLength(2);
  await call('dropCrops');
  expect(await countRows('crops')).toBe(0);
  expect((await summaries()).every((summary) => !('cropByteLength' in summary))).toBe(true);
});

test('a label and a note are kept, and found by the search', async () => {
  await call('putHistoryEntries', three);
  await call('annotateHistoryEntry', 'b', { ownLabel: 'real', note: 'Original beim Sender' });
  expect(await list()).toMatchObject([{ note: '' }, { ownLabel: 'real', note: 'Original beim Sender' }, {}]);
  expect((await summaries())[1]?.searchText).toContain('original beim sender');
});

test('entries of a file are added, those that are here stay, and a missing note is filled in', async () => {
  await call('putHistoryEntries', [three[0], { ...three[1], note: 'own' }]);
  const notes = three.map((entry) => ({ ...entry, title: 'Other', note: 'from the file', ownLabel: 'real' }));
  const imported = await call<Imported>('importHistoryEntries', notes);
  expect(imported.added).toEqual(['c']);
  expect(imported.changed.map(({ scanId, note }) => [scanId, note])).toEqual([
    ['a', ''],
    ['b', 'own'],
  ]);
  expect((await list()).map(({ title, note, ownLabel }) => [title, note, ownLabel])).toEqual([
    ['Other', 'from the file', 'real'],
    [three[1]!.title, 'own', 'real'],
    [three[0]!.title, 'from the file', 'real'],
  ]);
});

test('a file that would make the history too long changes nothing', async () => {
  await call('putHistoryEntries', three);
  const answer = await page.evaluate(`history_.importHistoryEntries(
    Array.from({ length: history_.MAX_HISTORY_ENTRIES }, (_, index) => (
      { ...${JSON.stringify(historyEntry())}, scanId: 'imported-' + index })))`);
  expect(answer).toBeNull();
  expect(await ids()).toEqual(['c', 'b', 'a']);
});

test('scans that ended up to a time are listed, oldest first', async () => {
  await call('putHistoryEntries', three);
  expect(await call('listScanIdsUpTo', 2000)).toEqual(['a', 'b']);
});

test('a database of a later version is refused by a code', async () => {
  await seed([], 99);
  expect(await page.evaluate(`history_.countHistory().catch(({ code }) => code)`)).toBe('database-newer');
});

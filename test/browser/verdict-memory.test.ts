import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as VerdictMemory from '../../utils/browser/verdict-memory-db.ts';
import type { RememberedVerdict } from '../../utils/browser/verdict-memory-db.ts';
import { DEMO_MODEL, ED_MODEL, verdictOf, verdictOfVersion1 } from '../fixtures/scans/scans.ts';
import { openModulePage } from '../support/module-page.ts';

let page: Page;
let closePage: () => Promise<void>;

beforeAll(async () => {
  ({ page, close: closePage } = await openModulePage('verdict-memory-db.ts', 'memory'));
});
afterAll(() => closePage());
beforeEach(() => page.evaluate('memory.forgetVerdicts()'));

/** Calls a function of utils/browser/verdict-memory-db.ts in the page, where there is IndexedDB. */
function call(name: keyof typeof VerdictMemory, ...values: readonly unknown[]): Promise<unknown> {
  return page.evaluate(`memory.${name}(...${JSON.stringify(values)})`);
}

function remembered(change: Partial<RememberedVerdict> = {}): RememberedVerdict {
  return {
    scanId: 'scan-1',
    keys: { post: 'post-1', file: 'file-1' },
    verdict: verdictOf(0.1),
    model: ED_MODEL,
    finishedAt: 1000,
    usedAt: 1000,
    ...change,
  };
}

describe('a remembered verdict', () => {
  test('is recalled as it was, by either key', async () => {
    const verdict = remembered();
    await call('rememberVerdict', verdict);
    for (const keys of [verdict.keys, { post: 'post-1', file: null }, { post: null, file: 'file-1' }]) {
      expect(await call('recallVerdict', keys, ED_MODEL.modelId, null)).toEqual(verdict);
    }
    expect(await call('recallVerdict', { post: null, file: null }, ED_MODEL.modelId, null)).toBe(null);
    expect(await call('recallVerdict', { post: 'file-1', file: null }, ED_MODEL.modelId, null)).toBe(null);
  });

  test('is not another model’s', async () => {
    await call('rememberVerdict', remembered());
    expect(await call('recallVerdict', remembered().keys, DEMO_MODEL.modelId, null)).toBe(null);
    await call('rememberVerdict', remembered({ scanId: 'scan-2', model: DEMO_MODEL }));
    expect(await call('recallVerdict', remembered().keys, ED_MODEL.modelId, null)).toMatchObject({
      scanId: 'scan-1',
    });
  });

  test('is not that of another file in the same post', async () => {
    await call('rememberVerdict', remembered());
    const other = { post: 'post-1', file: 'file-2' };
    expect(await call('recallVerdict', other, ED_MODEL.modelId, null)).toBe(null);
    await call('rememberVerdict', remembered({ scanId: 'scan-2', keys: other }));
    expect(await call('recallVerdict', other, ED_MODEL.modelId, null)).toMatchObject({ scanId: 'scan-2' });
    expect(await call('recallVerdict', remembered().keys, ED_MODEL.modelId, null)).toMatchObject({
      scanId: 'scan-1',
    });
  });

  test('takes the place of an older one on the same video', async () => {
    await call('rememberVerdict', remembered());
    await call('rememberVerdict', remembered({ scanId: 'scan-2', finishedAt: 2000 }));
    expect(await call('listRememberedScanIds')).toHaveLength(1);
    expect(await call('recallVerdict', remembered().keys, ED_MODEL.modelId, null)).toMatchObject({
      scanId: 'scan-2',
    });
  });

  test('that was met again is kept longer; met again without a trace, it is not', async () => {
    await call('rememberVerdict', remembered());
    await call('recallVerdict', remembered().keys, ED_MODEL.modelId, null);
    expect(await call('recallVerdict', remembered().keys, ED_MODEL.modelId, 5000)).toMatchObject({
      usedAt: 1000,
    });
    expect(await call('recallVerdict', remembered().keys, ED_MODEL.modelId, null)).toMatchObject({
      usedAt: 5000,
    });
  });
});

test('verdicts whose keys had no page’s origin in them are forgotten', async () => {
  const { keys, ...rest } = remembered();
  const former = { ...rest, ...keys, modelId: ED_MODEL.modelId, verdict: verdictOfVersion1(verdictOf(0.1)) };
  await page.evaluate(`new Promise((done, fail) => {
    const deletion = indexedDB.deleteDatabase('verdict-memory');
    deletion.onerror = () => fail(deletion.error);
    deletion.onsuccess = () => {
      const opening = indexedDB.open('verdict-memory', 1);
      opening.onupgradeneeded = () => {
        const store = opening.result.createObjectStore('verdicts', { keyPath: 'scanId' });
        store.createIndex('byPost', ['modelId', 'post']);
        store.createIndex('byFile', ['modelId', 'file']);
        store.createIndex('byUse', 'usedAt');
        store.put(${JSON.stringify(former)});
      };
      opening.onerror = () => fail(opening.error);
      opening.onsuccess = () => {
        opening.result.close();
        done();
      };
    };
  })`);
  expect(await call('recallVerdict', keys, ED_MODEL.modelId, null)).toBe(null);
  expect(await call('listRememberedScanIds')).toEqual([]);
});

test('what was not met again for longest makes room', async () => {
  const limit = await page.evaluate<number>('memory.MAX_REMEMBERED_VERDICTS');
  const template = JSON.stringify(remembered());
  await page.evaluate(`(async () => {
    // In one transaction.
    await memory.restoreVerdicts(Array.from({ length: ${String(limit)} }, (_, index) => {
      const keys = { post: null, file: 'file-' + index };
      return { ...${template}, scanId: 'scan-' + index, keys, usedAt: index };
    }));
  })()`);
  await call('recallVerdict', { post: null, file: 'file-0' }, ED_MODEL.modelId, limit);
  await call(
    'rememberVerdict',
    remembered({ scanId: 'new', keys: { post: null, file: 'new' }, usedAt: limit + 1 }),
  );
  expect(await call('listRememberedScanIds')).toHaveLength(limit);
  const isKnown = async (file: string): Promise<boolean> =>
    (await call('recallVerdict', { post: null, file }, ED_MODEL.modelId, null)) !== null;
  expect([await isKnown('file-0'), await isKnown('file-1'), await isKnown('new')]).toEqual([
    true,
    false,
    true,
  ]);
});

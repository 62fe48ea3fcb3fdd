import { expect, test } from 'vitest';
import { createDetailsStore } from '../../../../models/host/kept-crops.ts';
import type { Scan } from '../../../../utils/domain/scan.ts';

function scan(scanId: string, tabId: number, isPrivate: boolean): Scan {
  return {
    scanId,
    tabId,
    frameId: 0,
    isPrivate,
    video: {
      pageUrl: 'https://example.com/',
      title: 'A video',
      fileUrl: null,
      widthPixels: 1,
      heightPixels: 1,
      durationSeconds: null,
    },
    startedAt: 0,
    state: { kind: 'cancelled' },
  };
}

test('crops of a private window go with its tab, all others stay', () => {
  const store = createDetailsStore();
  store.keep(scan('private', 1, true), []);
  store.keep(scan('private elsewhere', 2, true), []);
  store.keep(scan('ordinary', 1, false), []);
  store.forgetPrivate(1);
  expect(['private', 'private elsewhere', 'ordinary'].map((id) => store.get(id) !== null)).toEqual([
    false,
    true,
    true,
  ]);
});

test('the oldest of five scans is forgotten', () => {
  const store = createDetailsStore();
  for (const id of ['1', '2', '3', '4', '5']) store.keep(scan(id, 1, false), []);
  expect(store.get('1')).toBeNull();
  expect(store.get('2')).not.toBeNull();
});

test('automatic scans are dropped first: a page’s feed replaces no scan that the user has asked for', () => {
  const store = createDetailsStore();
  store.keep(scan('by hand', 1, false), []);
  for (const id of ['1', '2', '3', '4', '5']) store.keep({ ...scan(id, 1, false), isAutomatic: true }, []);
  expect(['by hand', '1', '2', '3', '4', '5'].filter((id) => store.get(id) !== null)).toEqual([
    'by hand',
    '3',
    '4',
    '5',
  ]);
});

import { describe, expect, test } from 'vitest';
import { chooseSources } from '../../../../models/frames/choose-sources.ts';
import type { SourceFacts } from '../../../../models/frames/choose-sources.ts';

const FOREIGN = 'https://cdn.example.net/a.mp4';
const OWN = 'https://www.example.org/a.mp4';

function facts(change: Partial<SourceFacts> & { readonly fileUrl?: string | null } = {}): SourceFacts {
  const { fileUrl = FOREIGN, ...others } = change;
  return {
    video: { fileUrl, durationSeconds: 60 },
    pageOrigin: 'https://www.example.org',
    isHostAllowed: false,
    isPrivate: false,
    isOwnPage: false,
    isAutomatic: false,
    ...others,
  };
}

test('a video that a script feeds has no file', () => {
  expect(chooseSources(facts({ fileUrl: null }))).toEqual({ order: ['element'], addresses: [] });
});

test('no file is requested from a private window', () => {
  expect(chooseSources(facts({ isPrivate: true, isHostAllowed: true }))).toEqual({
    order: ['element'],
    addresses: [],
  });
});

test('a foreign file is first tried as its server allows it, and never in a way that is not allowed', () => {
  expect(chooseSources(facts())).toEqual({
    order: ['source', 'element'],
    addresses: [{ url: FOREIGN, isWithCors: true }],
  });
});

test('an allowed host’s file is read by that permission', () => {
  expect(chooseSources(facts({ isHostAllowed: true }))).toEqual({
    order: ['source', 'element'],
    addresses: [
      { url: FOREIGN, isWithCors: false },
      { url: FOREIGN, isWithCors: true },
    ],
  });
});

test('a file of the page’s own origin, whose picture is there already, is not asked for a second time', () => {
  expect(chooseSources(facts({ fileUrl: OWN }))).toEqual({
    order: ['element', 'source'],
    addresses: [{ url: OWN, isWithCors: false }],
  });
});

test.each([
  ['a film', 7200],
  ['a live stream', null],
])('%s is looked at where it plays, and its file only where that can’t be read', (_what, durationSeconds) => {
  const { order } = chooseSources(
    facts({ video: { fileUrl: FOREIGN, durationSeconds }, isHostAllowed: true }),
  );
  expect(order).toEqual(['element', 'source']);
});

test('an address that was given to the extension itself has its file alone, however long', () => {
  const given = facts({
    video: { fileUrl: FOREIGN, durationSeconds: null },
    isOwnPage: true,
    pageOrigin: 'chrome-extension://id',
  });
  expect(chooseSources(given)).toMatchObject({ order: ['source'] });
  expect(chooseSources({ ...given, isPrivate: true })).toEqual({ order: [], addresses: [] });
});

test('an automatic scan requests no file but a closed one of a host that was allowed with the site', () => {
  expect(chooseSources(facts({ isAutomatic: true }))).toEqual({ order: ['element'], addresses: [] });
  expect(chooseSources(facts({ isAutomatic: true, fileUrl: OWN, isHostAllowed: true }))).toEqual({
    order: ['element'],
    addresses: [],
  });
  expect(chooseSources(facts({ isAutomatic: true, isHostAllowed: true }))).toEqual({
    order: ['element', 'source'],
    addresses: [{ url: FOREIGN, isWithCors: false }],
  });
  expect(chooseSources(facts({ isAutomatic: true, isHostAllowed: true, isPrivate: true }))).toEqual({
    order: ['element'],
    addresses: [],
  });
});

describe('where a service worker answers for the page, so that it may show another file than its address gives,', () => {
  const served = (change: Partial<SourceFacts> = {}, fileUrl = FOREIGN): ReturnType<typeof chooseSources> =>
    chooseSources(facts({ video: { fileUrl, isServed: true, durationSeconds: 60 }, ...change }));

  test.each([FOREIGN, OWN])('the element is looked at alone: %s', (fileUrl) => {
    expect(served({}, fileUrl)).toEqual({ order: ['element'], addresses: [] });
    expect(served({ isAutomatic: true }, fileUrl)).toEqual({ order: ['element'], addresses: [] });
  });

  test.each([FOREIGN, OWN])(
    'a file that the user has allowed comes after it, never by CORS: %s',
    (fileUrl) => {
      expect(served({ isHostAllowed: true }, fileUrl)).toEqual({
        order: ['element', 'source'],
        addresses: [{ url: fileUrl, isWithCors: false }],
      });
    },
  );

  test('nothing more is asked for by itself than elsewhere', () => {
    const automatic = { isAutomatic: true, isHostAllowed: true };
    expect(served(automatic).order).toEqual(['element', 'source']);
    expect(served(automatic, OWN).order).toEqual(['element']);
    expect(served({ ...automatic, isPrivate: true }).order).toEqual(['element']);
  });
});

test.each([
  'http://192.168.0.1/a.mp4',
  'http://localhost:8080/a.mp4',
  'http://router.local/a.mp4',
  'http://2130706433/a',
])('a page’s word for a file on another machine of the user’s network, %s, requests nothing', (fileUrl) => {
  for (const isAutomatic of [false, true]) {
    expect(chooseSources(facts({ fileUrl, isHostAllowed: true, isAutomatic }))).toEqual({
      order: ['element'],
      addresses: [],
    });
  }
  expect(chooseSources(facts({ fileUrl, pageOrigin: new URL(fileUrl).origin })).addresses).toEqual([
    { url: fileUrl, isWithCors: false },
  ]);
  // The user has typed it.
  expect(chooseSources(facts({ fileUrl, isOwnPage: true })).addresses).toEqual([
    { url: fileUrl, isWithCors: true },
  ]);
});

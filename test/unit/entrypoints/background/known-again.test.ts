import { describe, expect, test } from 'vitest';
import { knownAgain, recalledBy } from '../../../../entrypoints/background/automatic.ts';
import type { ScannedVideo } from '../../../../utils/domain/scan.ts';
import type { FrameSourceKind } from '../../../../utils/domain/report.ts';

const X_FILE = 'https://video.twimg.com/x.mp4';
const X_PAGE = 'https://x.com/home';
const EVIL_PAGE = 'https://evil.example/';

type Case = Partial<ScannedVideo> & {
  readonly documentUrl?: string | undefined;
  readonly source?: FrameSourceKind;
};

function known({ documentUrl = EVIL_PAGE, source = 'element', ...change }: Case) {
  const video: ScannedVideo = {
    pageUrl: X_PAGE,
    title: 'A clip',
    fileUrl: X_FILE,
    widthPixels: 640,
    heightPixels: 360,
    durationSeconds: 10,
    ...change,
  };
  return knownAgain({ video, documentUrl }, source);
}

describe('the address of a file', () => {
  test.each([
    ['a page’s word for what its element plays', { isServed: true }],
    ['the same without a service worker', {}],
    ['what the element of the site itself plays from another host', { documentUrl: X_PAGE }],
    ['of the page’s own host at another port', { fileUrl: 'https://evil.example:8443/own.mp4' }],
    ['the word of a document without an address', { documentUrl: 'about:srcdoc' }],
    ['a file of no address', { documentUrl: X_PAGE, fileUrl: null }],
  ])('is not known again: %s', (_what, change: Case) => {
    expect(known(change).fileUrl).toBeNull();
  });

  test.each([
    ['read from the file itself', { source: 'source' }],
    [
      'read from the file itself, though a service worker answers for the page',
      { source: 'source', isServed: true },
    ],
    ['of the page’s own origin', { fileUrl: 'https://evil.example/own.mp4', isServed: true }],
  ] satisfies readonly (readonly [string, Case])[])('is known again: %s', (_what, change: Case) => {
    expect(known(change).fileUrl).toBe(change.fileUrl ?? X_FILE);
  });
});

describe('the address of a post', () => {
  test.each([
    ['https://x.com/somebody/status/1', X_PAGE],
    ['https://twitter.com/somebody/status/1', X_PAGE],
    ['https://telegram.org/s/channel/12', 'https://web.telegram.org/k/'],
    ['https://youtube.com/watch?v=abc', 'https://www.youtube.com/'],
    ['https://forum.example/posts/a-1', 'https://www.forum.example/'],
    ['https://forum.example/posts/a-1?id=2', 'https://forum.example/posts'],
  ])('%s is known again from %s', (postUrl, documentUrl) => {
    expect(known({ postUrl, documentUrl }).postUrl).toBe(postUrl);
  });

  test.each([
    ['https://x.com/somebody/status/1', EVIL_PAGE],
    ['https://forum.example/posts/a-1', 'https://evil.forum.example/'],
    ['https://forum.example/posts/a-1', X_PAGE],
    ['https://x.com/somebody/status/1', 'about:blank'],
    ['not an address', EVIL_PAGE],
  ])('%s is not known again from %s', (postUrl, documentUrl) => {
    expect(known({ postUrl, documentUrl }).postUrl).toBeNull();
  });

  test('is none for what was asked for by hand', () => {
    expect(known({ documentUrl: X_PAGE })).toEqual({ postUrl: null, fileUrl: null });
  });
});

test('where the browser does not say which document it was, the file’s address is known where the file was read', () => {
  const video = {
    pageUrl: X_FILE,
    title: '',
    fileUrl: X_FILE,
    widthPixels: 0,
    heightPixels: 0,
    durationSeconds: 9,
  };
  expect(knownAgain({ video }, 'source')).toEqual({ postUrl: null, fileUrl: X_FILE });
  expect(knownAgain({ video }, null)).toEqual({ postUrl: null, fileUrl: null });
});

describe('a verdict is recalled', () => {
  const OWN_FILE = 'https://evil.example/own.mp4';
  test.each([
    ['by another origin’s file', { fileUrl: X_FILE, isServed: false }, X_FILE],
    ['not by one for which a service worker answers', { fileUrl: X_FILE, isServed: true }, null],
    ['by the page’s own file, whoever answers for it', { fileUrl: OWN_FILE, isServed: true }, OWN_FILE],
  ])('%s', (_what, video, fileUrl) => {
    expect(recalledBy({ ...video, postUrl: null }, EVIL_PAGE)).toEqual({ postUrl: null, fileUrl });
  });
});

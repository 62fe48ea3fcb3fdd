import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unsignedFileAddress, videoKeys } from '../../../../utils/domain/memory-keys.ts';

const SIGNATURES = [
  'X-Amz-Signature',
  'X-Amz-Date',
  'Expires',
  'Signature',
  'Key-Pair-Id',
  'token',
  'hdnts',
  '_nc_ht',
  'oh',
  'oe',
  'utm_source',
];

describe('a file’s address', () => {
  test('is the same for every signature, user and expiry', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...SIGNATURES), fc.string()), { maxLength: 6 }),
        (parameters) => {
          const url = new URL('https://cdn.example/a/clip.mp4?id=7');
          for (const [name, value] of parameters) url.searchParams.append(name, value);
          expect(unsignedFileAddress(url.href)).toBe('https://cdn.example/a/clip.mp4?id=7');
        },
      ),
      { seed: 37 },
    );
  });

  test('keeps every parameter that may say which file is meant', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^(?:id|v|file|quality|n|q)\d?$/),
        fc.webQueryParameters(),
        (name, value) => {
          const withParameter = new URL('https://cdn.example/play');
          withParameter.searchParams.set(name, value);
          expect(unsignedFileAddress(withParameter.href)).not.toBe('https://cdn.example/play');
        },
      ),
      { seed: 38 },
    );
  });

  test('of a shared access signature loses its short parameters only beside the signature', () => {
    expect(unsignedFileAddress('https://blob.example/v.mp4?sv=1&se=2&sp=r&sig=x')).toBe(
      'https://blob.example/v.mp4',
    );
    expect(unsignedFileAddress('https://blob.example/v.mp4?se=2')).toBe('https://blob.example/v.mp4?se=2');
  });

  // A player's program, in which only the parameter names the video.
  test.each([
    ['https://cdn.example/stream?token=AAA', 'https://cdn.example/stream?token=BBB'],
    ['https://a.example/play?session=12', 'https://a.example/play?session=13'],
    ['https://a.example/v.php?author=3', 'https://a.example/v.php?author=4'],
    ['https://a.example/v.mp4?author=3', 'https://a.example/v.mp4?author=4'],
    ['http://a.example/v.mp4', 'https://a.example/v.mp4'],
    ['http://localhost:8080/v.mp4', 'http://localhost:8081/v.mp4'],
    ['https://a.example/play?sig=1&sp=1', 'https://a.example/play?sig=1&sp=2'],
  ])('of %s is another one than of %s', (one, other) => {
    expect(unsignedFileAddress(one)).not.toBe(unsignedFileAddress(other));
  });

  test.each(['blob:https://x.com/1', 'data:video/mp4;base64,AA', 'no address', null])(
    'is none of %s',
    (url) => {
      expect(unsignedFileAddress(url)).toBe(null);
    },
  );
});

describe('the keys of a video', () => {
  const VIDEO = {
    pageUrl: 'https://x.com/home',
    postUrl: 'https://x.com/a/status/1',
    fileUrl: 'https://cdn.example/a.mp4',
    durationSeconds: 6.04,
  };

  test('tell nothing of its addresses', async () => {
    const { post, file } = await videoKeys(VIDEO);
    expect(post).toMatch(/^[0-9a-f]{32}$/);
    expect(file).toMatch(/^[0-9a-f]{32}$/);
    expect(post).not.toBe(file);
  });

  test('tell the videos of one post apart by their length', async () => {
    const [one, other] = await Promise.all([videoKeys(VIDEO), videoKeys({ ...VIDEO, durationSeconds: 9 })]);
    expect(one.post).not.toBe(other.post);
    expect(one.file).not.toBe(other.file);
  });

  test('are none of a live stream, which is another one each time', async () => {
    expect(await videoKeys({ ...VIDEO, durationSeconds: null })).toEqual({ post: null, file: null });
  });

  test('are others on another site, scheme or port, and none on a page without an origin', async () => {
    const pages = ['https://x.com/home', 'https://evil.example/', 'http://x.com/', 'https://x.com:8443/'];
    const keys = await Promise.all(pages.map((pageUrl) => videoKeys({ ...VIDEO, pageUrl })));
    expect(new Set(keys.map(({ post }) => post)).size).toBe(4);
    expect(new Set(keys.map(({ file }) => file)).size).toBe(4);
    expect(await videoKeys({ ...VIDEO, pageUrl: 'https://x.com/i/12?a#b' })).toEqual(keys[0]);
    for (const pageUrl of [null, 'about:blank', 'data:text/html,a', 'no address']) {
      expect(await videoKeys({ ...VIDEO, pageUrl })).toEqual({ post: null, file: null });
    }
  });
});

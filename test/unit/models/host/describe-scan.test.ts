import { describe, expect, test } from 'vitest';
import { browserName, describeOrigin } from '../../../../models/host/describe-scan.ts';
import type { ScannedVideo } from '../../../../utils/domain/scan.ts';

const VIDEO: ScannedVideo = {
  pageUrl: 'https://site.example/watch/12',
  title: 'Interview',
  fileUrl: 'https://cdn.example/clips/talk%20one.mp4?quality=720',
  widthPixels: 640,
  heightPixels: 360,
  durationSeconds: 4,
};
const signal = new AbortController().signal;

describe('the origin of a video', () => {
  test('in a page is its addresses and the file’s name', async () => {
    expect(await describeOrigin(VIDEO, { kind: 'page' }, signal)).toEqual({
      kind: 'page',
      pageUrl: 'https://site.example/watch/12',
      title: 'Interview',
      fileUrl: 'https://cdn.example/clips/talk%20one.mp4?quality=720',
      fileName: 'talk one.mp4',
      fileSha256: null,
    });
  });

  test('on the disk is the file’s name and its hash', async () => {
    const file = new File(['abc'], 'clip.mp4');
    const video = { ...VIDEO, pageUrl: 'file:///clip.mp4', title: 'clip.mp4', fileUrl: null };
    expect(await describeOrigin(video, { kind: 'file', file }, signal)).toMatchObject({
      kind: 'file',
      pageUrl: null,
      fileName: 'clip.mp4',
      // FIPS 180-2, appendix B.1.
      fileSha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
  });

  test('on the disk has no hash where the file is very large, or can’t be read any more', async () => {
    const unread = { slice: () => expect.unreachable('it is not read') };
    const large = { ...unread, size: 2 ** 30 + 1 } as unknown as Blob;
    const gone = {
      size: 3,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }),
    } as unknown as Blob;
    for (const file of [large, gone]) {
      expect(await describeOrigin(VIDEO, { kind: 'file', file }, signal)).toMatchObject({ fileSha256: null });
    }
  });

  test('stops being read when the scan is cancelled', async () => {
    const cancelled = AbortSignal.abort();
    await expect(describeOrigin(VIDEO, { kind: 'file', file: new Blob(['abc']) }, cancelled)).rejects.toThrow(
      /abort/i,
    );
  });
});

test.each([
  [
    [
      { brand: 'Chromium', version: '148' },
      { brand: 'Google Chrome', version: '148' },
      { brand: 'Not?A_Brand', version: '24' },
    ],
    'Google Chrome 148',
  ],
  [[{ brand: 'Chromium', version: '156' }], 'Chromium 156'],
  [undefined, 'Firefox 149'],
])('a browser is named by its brand, and without one by its user agent: %#', (brands, name) => {
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:149.0) Gecko/20100101 Firefox/149.0';
  const navigator = { userAgent, ...(brands && { userAgentData: { brands } }) };
  expect(browserName(navigator as unknown as Parameters<typeof browserName>[0])).toBe(name);
});

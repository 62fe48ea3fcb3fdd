import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATTERN } from '../fixtures/files/pattern.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { REPOSITORY } from '../support/build-once.ts';
import { casesAt } from '../support/cases.ts';
import { launchChromium } from '../support/chromium.ts';
import type { RunningChromium } from '../support/chromium.ts';
import { createRandom } from '../support/random.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { testPageFolder } from '../support/test-pages.ts';
import type { DecodingRequest, DecodingResult, PictureComparison } from './decoder-page/protocol.ts';

let site: Site;
let chromium: RunningChromium;
let page: Page;

beforeAll(async () => {
  site = await startSite({
    folders: {
      '/page/': testPageFolder('decoder'),
      '/assets/': resolve(testPageFolder('decoder'), 'assets'),
      '/ffmpeg/': resolve(REPOSITORY, 'node_modules/@ffmpeg/core/dist/esm'),
      '/files/': resolve(REPOSITORY, 'test/fixtures/files'),
      '/videos/': TEST_VIDEO_FOLDER,
    },
  });
  chromium = await launchChromium();
  page = await chromium.context.newPage();
  await page.goto(`${site.origin}/page/index.html`);
  await page.waitForFunction(() => 'decodeFile' in globalThis);
});
afterAll(async () => {
  await chromium.close();
  await site.close();
});

type PageFunctions = {
  decodeFile: (request: DecodingRequest) => Promise<DecodingResult>;
  decodeLarge: (path: string, byteLength: number) => Promise<DecodingResult>;
  compareDecoders: (path: string, framesAsked: number) => Promise<PictureComparison>;
  readFolder: (
    files: Readonly<Record<string, string>>,
    framesAsked: number | null,
  ) => Promise<DecodingResult>;
  cancelDecoding: (path: string) => Promise<string>;
};

function decode(path: string, rest: Partial<DecodingRequest> = {}): Promise<DecodingResult> {
  return page.evaluate((request) => (globalThis as unknown as PageFunctions).decodeFile(request), {
    path,
    framesAsked: 5,
    ...rest,
  } satisfies DecodingRequest);
}

describe('a file that the browser can’t decode', () => {
  test('is decoded in a Worker and comes in the colours that it states', async () => {
    const plain = await decode('/files/mpeg4.avi');
    expect(plain.ending).toEqual({ kind: 'end' });
    expect(plain.frames).toHaveLength(5);
    expect(plain.frames[0]).toMatchObject({
      size: { width: PATTERN.width, height: PATTERN.height },
      decoded: { frames: 1 },
    });
    // By hand: Y 82 (± 2), Cb 104, Cr 156 of BT.601 in the limited range.
    const [red, green, blue] = plain.frames[0]!.middle;
    const luma = 1.164 * (82 - 16);
    for (const [found, expected] of [
      [red, luma + 1.596 * 28],
      [green, luma - 0.392 * -24 - 0.813 * 28],
      [blue, luma + 2.017 * -24],
    ] as const) {
      expect(Math.abs(found! - expected)).toBeLessThan(5);
    }
    // The same samples of BT.709 in the full range are other colours.
    const full = await decode('/files/hd-full.mp4');
    const [fullRed, fullGreen, fullBlue] = full.frames[0]!.middle;
    for (const [found, expected] of [
      [fullRed, 82 + 1.575 * 28],
      [fullGreen, 82 - 0.187 * -24 - 0.468 * 28],
      [fullBlue, 82 + 1.856 * -24],
    ] as const) {
      expect(Math.abs(found! - expected)).toBeLessThan(5);
    }
  });

  test('is shown with square pixels', async () => {
    const { frames } = await decode('/files/wide.mkv', { framesAsked: 1 });
    expect(frames[0]!.size).toEqual({ width: 2 * PATTERN.width, height: PATTERN.height });
  });

  test('that is encrypted, has no picture or is no video is refused with that reason', async () => {
    expect((await decode('/files/encrypted.mp4')).ending).toMatchObject({ reason: 'protected' });
    expect(await decode('/files/pattern.ts')).toMatchObject({
      problem: 'unplayable',
      ending: { kind: 'refused' },
    });
    const cut = { keptBytes: 1000 };
    expect(await decode('/files/hevc.mp4', { change: cut })).toMatchObject({ problem: 'damaged' });
  });

  test('of three gigabytes is read by its parts, beyond the range of signed numbers of 32 bits', async () => {
    const { frames, ending } = await page.evaluate(
      ([file, size]) => (globalThis as unknown as PageFunctions).decodeLarge(file, size),
      ['/files/mpeg4.m4v', 3 * 2 ** 30 + 100] as const,
    );
    expect([frames.length, ending]).toEqual([5, { kind: 'end' }]);
  });

  test('with random damage ends within the time for an answer, with frames or with a reason', async () => {
    const random = createRandom(7);
    const names = ['mpeg4.avi', 'mpeg2.mpeg', 'wmv2.wmv', 'flv1.flv', 'prores.mov', 'hevc.mp4', 'mpeg4.mkv'];
    for (const name of casesAt(names, 0, 2, 5)) {
      for (const count of [3, 60]) {
        const bytes = Array.from(
          { length: count },
          () => [Math.floor(random() * 1e6), Math.floor(random() * 256)] as const,
        );
        const { frames, ending, problem } = await decode(`/files/${name}`, {
          change: { bytes },
          maxSilenceMilliseconds: 10_000,
        });
        const isJudged = frames.length > 0 && ending?.kind === 'end';
        const isRefused = frames.length === 0 && ending?.kind === 'refused';
        expect(isJudged || isRefused, `${name}, ${count} bytes`).toBe(true);
        if (isRefused && ending.reason !== 'protected') expect(problem).not.toBeNull();
      }
    }
  });

  test('is released at once when the check is cancelled', async () => {
    const ended = await page.evaluate(
      (path) => (globalThis as unknown as PageFunctions).cancelDecoding(path),
      '/files/prores.mov',
    );
    expect(ended).toBe('AbortError');
  });
});

test('a file that both can decode gives the same frames, alike to the eye and the networks', async () => {
  const compared = await page.evaluate(
    (path) => (globalThis as unknown as PageFunctions).compareDecoders(path, 15),
    '/videos/one-face.mp4',
  );
  expect(compared.browserSeconds).toHaveLength(15);
  expect(compared.ffmpegSeconds.map((seconds) => seconds.toFixed(3))).toEqual(
    compared.browserSeconds.map((seconds) => seconds.toFixed(3)),
  );
  expect(compared.sizes[1]).toEqual(compared.sizes[0]);
  // H.264 is decoded to the bit, and both go through the browser's own conversion.
  for (const { most, mean } of compared.differences) {
    expect(most).toBeLessThanOrEqual(2);
    expect(mean).toBeLessThan(0.5);
  }
});

describe('a folder of frames', () => {
  const readFolder = (files: Readonly<Record<string, string>>, framesAsked: number | null) =>
    page.evaluate(([given, asked]) => (globalThis as unknown as PageFunctions).readFolder(given, asked), [
      files,
      framesAsked,
    ] as const);

  test('is a video in the order of the names’ numbers, without files that are no pictures', async () => {
    const { frames, ending } = await readFolder(
      {
        'f10.png': '#0000ff',
        'f9.png': '#00ff00',
        'notes.txt': '#ffffff',
        'f1.png': '#ff0000',
        'f11.png': 'broken',
      },
      null,
    );
    expect(frames.map(({ seconds, middle }) => [seconds, ...middle])).toEqual([
      [0, 255, 0, 0],
      [1, 0, 255, 0],
      [2, 0, 0, 255],
    ]);
    expect(ending).toEqual({ kind: 'end' });
  });

  test('is read at as many places as are asked for', async () => {
    const files = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`${index}.png`, '#102030']));
    const { frames } = await readFolder(files, 5);
    expect(frames.map(({ seconds }) => seconds)).toEqual([0, 5, 10, 15, 20]);
  });

  test('without a picture is refused', async () => {
    expect(await readFolder({ 'a.png': 'broken' }, 5)).toMatchObject({
      problem: 'damaged',
      ending: { kind: 'refused', reason: 'unreadable' },
    });
    expect((await readFolder({ 'notes.txt': '#ffffff' }, 5)).ending).toMatchObject({ kind: 'refused' });
  });
});

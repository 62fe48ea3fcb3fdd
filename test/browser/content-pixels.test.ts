import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFakeHost } from '../support/fake-host.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { launchChromium } from '../support/chromium.ts';
import type { RunningChromium } from '../support/chromium.ts';
import { compareCut } from './cut-comparison.ts';

let site: Site;
let chromium: RunningChromium;

beforeAll(async () => {
  await ensureTestVideos();
  site = await startSite({ pages: {}, folders: { '/videos/': TEST_VIDEO_FOLDER } });
  chromium = await launchChromium();
  await addFakeHost(chromium.context);
}, 600_000);

afterAll(async () => {
  await chromium.close();
  await site.close();
});

test.each([
  ['H.264', 'sent whole', 'one-face.mp4', [1280, 720]],
  ['VP9', 'sent whole', 'one-face.webm', [640, 360]],
  ['of full HD', 'sent whole', 'one-face-1080p.mp4', [1920, 1080]],
  ['turned on its side in its file', 'sent whole', 'rotated.mp4', [640, 360]],
  ['of pixels that are not square', 'sent whole', 'wide-pixels.mp4', [640, 360]],
  ['too large to be sent whole', 'cut in the page', 'large-face.mp4', [2560, 1440]],
  ['of an odd number of pixels', 'cut in the page', 'odd-size.webm', [639, 359]],
] as const)(
  'video %s is %s as the page’s canvas shows it, pixel for pixel',
  async (_what, how, name, size) => {
    const { isStored, sizes, last, differentPixels } = await compareCut(
      chromium,
      site.origin,
      `/videos/${name}`,
    );
    expect(last).toBe('end');
    expect(isStored).toBe(how === 'sent whole');
    const thumbnailSize = size[0] < 640 ? size : [640, 360];
    expect(sizes).toEqual([[...size, ...thumbnailSize], size]);
    expect(differentPixels).toBe(0);
  },
);

test.each(['pq', 'hlg'])(
  'high dynamic range (%s) is brought to the screen’s as the page’s canvas does it, pixel for pixel',
  async (transfer) => {
    const name = transfer === 'pq' ? 'hdr.webm' : 'hlg.webm';
    const comparison = await compareCut(chromium, site.origin, `/videos/${name}`);
    // Chromium keeps the colour space; otherwise there would be nothing to convert.
    expect(comparison.transfer).toBe(transfer);
    expect(comparison.isStored).toBe(false);
    expect(comparison.differentPixels).toBe(0);
  },
);

test('transparent parts of a video lie on black, as on the page’s opaque canvas, pixel for pixel', async () => {
  const comparison = await compareCut(chromium, site.origin, '/videos/see-through.webm');
  expect(comparison.format).toBe('I420A');
  expect(comparison.isStored).toBe(false);
  expect(comparison.differentPixels).toBe(0);
});

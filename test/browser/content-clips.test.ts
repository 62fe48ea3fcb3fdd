import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildExtension } from '../e2e/site/extension.ts';
import { addFakeHost, checkVideo, injectContentScript } from '../e2e/site/fake-host.ts';
import { startSite } from '../e2e/site/server.ts';
import type { Site } from '../e2e/site/server.ts';
import { launchChromium } from './chromium.ts';
import type { RunningChromium } from './chromium.ts';

const CLIPS = resolve(import.meta.dirname, '../../../shared/clips');
const isThere = existsSync(CLIPS);
if (!isThere) {
  console.log('skipped: sampling of unusual video files needs ../shared/clips, which is not there');
}

let site: Site;
let chromium: RunningChromium;

beforeAll(async () => {
  if (!isThere) return;
  await buildExtension();
  site = await startSite({ pages: {}, folders: { '/clips/': CLIPS } });
  chromium = await launchChromium();
  await addFakeHost(chromium.context);
}, 600_000);

afterAll(async () => {
  if (!isThere) return;
  await chromium.close();
  await site.close();
});

type Outcome = {
  /** Both sizes as sent, and the element's own. */
  readonly sizes: readonly (readonly number[])[];
  readonly last: string;
  /** Of the first frame at full size, drawn by the page and cut by the content script. */
  readonly differentPixels: number | null;
};

/** Opens a clip, checks it paused, and compares the full-size cut with what the page's own canvas draws. */
async function checkClip(name: string): Promise<Outcome> {
  const page = await chromium.context.newPage();
  await page.goto(`${site.origin}/nothing`);
  await page.setContent(`<video src="/clips/${name}" muted preload="auto" width="480"></video>`);
  await page.evaluate(`new Promise((done) => {
    const video = document.querySelector('video');
    const seek = () => { video.currentTime = Math.min(0.1, video.duration / 2 || 0); };
    video.addEventListener('seeked', done, {once: true});
    video.addEventListener('error', done, {once: true});
    if (video.readyState >= 1) seek(); else video.addEventListener('loadedmetadata', seek, {once: true});
    setTimeout(done, 3000);
  })`);
  await injectContentScript(page);
  await page.evaluate(`(() => {
    const {videoWidth: width, videoHeight: height} = document.querySelector('video');
    testHost.region = {left: 0, top: 0, width, height, outWidth: width, outHeight: height};
  })()`);
  await checkVideo(page, { kind: 'largest' });
  await page.waitForFunction('["end", "refuse"].includes(testHost.received.at(-1)?.type)');
  const outcome = await page.evaluate<Outcome>(`(() => {
    const video = document.querySelector('video');
    const {videoWidth: width, videoHeight: height} = video;
    const cut = testHost.received.find(({type}) => type === 'cuts')?.cuts[0];
    let differentPixels = null;
    if (cut) {
      const context = new OffscreenCanvas(width, height).getContext('2d', {willReadFrequently: true});
      context.drawImage(video, 0, 0, width, height);
      const expected = context.getImageData(0, 0, width, height).data;
      differentPixels = cut.width === width && cut.height === height ? 0 : Infinity;
      for (let at = 0; at < expected.length; at++) if (expected[at] !== cut.data[at]) differentPixels++;
    }
    const sizes = testHost.received.filter(({type}) => type === 'frame')
      .map((frame) => [frame.widthPixels, frame.heightPixels, frame.thumbnail.width, frame.thumbnail.height]);
    return {sizes: [...sizes, [width, height]], last: testHost.received.at(-1).type, differentPixels};
  })()`);
  await page.close();
  return outcome;
}

test
  .skipIf(!isThere)
  .each([
    'a_0017_fake_vp9.webm',
    'twofaces_h264.mp4',
    'x_rotated_meta_h264.mp4',
    'x_nonsquare_sar_h264.mp4',
    'x_1frame_h264.mp4',
  ])('%s is sent as it is shown, pixel for pixel', async (name) => {
  const { sizes, last, differentPixels } = await checkClip(name);
  const [sent, [width, height] = []] = sizes;
  expect(last).toBe('end');
  expect(sent?.slice(0, 2)).toEqual([width, height]);
  const longest = Math.max(width!, height!);
  expect(Math.max(...sent!.slice(2))).toBe(Math.min(640, longest));
  expect(differentPixels).toBe(0);
});

test.skipIf(!isThere).each(['corrupt_garbage.mp4', 'x_audio_only.m4a'])(
  '%s has no picture: a refusal, not a wait',
  async (name) => {
    const { sizes, last } = await checkClip(name);
    expect(last).toBe('refuse');
    expect(sizes).toHaveLength(1);
  },
);

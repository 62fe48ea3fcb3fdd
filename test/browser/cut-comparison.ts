import { checkVideo, injectContentScript } from '../e2e/site/fake-host.ts';
import type { RunningChromium } from './chromium.ts';

/** What the content script sent of a paused video, beside what the page itself draws of it. */
export type CutComparison = {
  /** Both sizes as sent, and the element's own. */
  readonly sizes: readonly (readonly number[])[];
  readonly last: string;
  /** Of the first frame at full size, drawn by the page and cut by the content script. */
  readonly differentPixels: number | null;
  /** The `VideoColorSpace` of the frame; null where there is none. */
  readonly transfer: string | null;
};

/**
 * Opens a video, checks it paused, and compares the full-size cut with what the page's own canvas draws.
 * @param origin of a site that has the video; the context has the fake host
 */
export async function compareCut(
  { context }: RunningChromium,
  origin: string,
  videoUrl: string,
): Promise<CutComparison> {
  const page = await context.newPage();
  await page.goto(`${origin}/nothing`);
  await page.setContent(`<video src="${videoUrl}" muted preload="auto" width="480"></video>`);
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
  const comparison = await page.evaluate<CutComparison>(`(() => {
    const video = document.querySelector('video');
    const {videoWidth: width, videoHeight: height} = video;
    const cut = testHost.received.find(({type}) => type === 'cuts')?.cuts[0];
    let differentPixels = null;
    let transfer = null;
    if (cut) {
      const context = new OffscreenCanvas(width, height).getContext('2d', {willReadFrequently: true});
      context.drawImage(video, 0, 0, width, height);
      const expected = context.getImageData(0, 0, width, height).data;
      differentPixels = cut.width === width && cut.height === height ? 0 : Infinity;
      for (let at = 0; at < expected.length; at++) if (expected[at] !== cut.data[at]) differentPixels++;
      const frame = new VideoFrame(video);
      transfer = frame.colorSpace.transfer;
      frame.close();
    }
    const sizes = testHost.received.filter(({type}) => type === 'frame')
      .map((frame) => [frame.widthPixels, frame.heightPixels, frame.thumbnail.width, frame.thumbnail.height]);
    return {sizes: [...sizes, [width, height]], last: testHost.received.at(-1).type, differentPixels, transfer};
  })()`);
  await page.close();
  return comparison;
}

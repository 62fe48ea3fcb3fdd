import { MAX_CUT_SIDE_PIXELS } from '../../utils/domain/frames-port.ts';
import { checkVideo, injectContentScript } from '../support/fake-host.ts';
import type { RunningChromium } from '../support/chromium.ts';
import { addTestScript } from '../support/test-pages.ts';

/** The frame of a paused video that the content script sent, and the page's own drawing of it. */
export type CutComparison = {
  /** Whether the frame was sent whole, to be cut by the host. */
  readonly isStored: boolean;
  /** Both sizes as sent, and the element's own. */
  readonly sizes: readonly (readonly number[])[];
  readonly last: string;
  /**
   * Number of different pixels between the page's drawing and the content script's cut of the first frame, at full size
   * up to the largest cut.
   */
  readonly differentPixels: number | null;
  /** The transfer of the frame's `VideoColorSpace`; null where there is none. */
  readonly transfer: string | null;
  readonly format: string | null;
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
  await addTestScript(page, 'restorer');
  await page.evaluate(`(() => {
    const {videoWidth, videoHeight} = document.querySelector('video');
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.min(side, ${String(MAX_CUT_SIDE_PIXELS)}));
    testHost.region = {left: 0, top: 0, width, height, outWidth: width, outHeight: height};
  })()`);
  await checkVideo(page, { kind: 'largest' });
  await page.waitForFunction('["end", "refuse"].includes(testHost.received.at(-1)?.type)');
  const comparison = await page.evaluate<CutComparison>(`(async () => {
    const video = document.querySelector('video');
    const {videoWidth: width, videoHeight: height} = video;
    const stored = testHost.received.find(({type}) => type === 'stored-frame');
    const restored = stored && await restoreFrame(stored, testHost.region);
    const cut = restored?.cut ?? testHost.received.find(({type}) => type === 'cuts')?.cuts[0];
    let differentPixels = null;
    let transfer = null;
    let format = null;
    if (cut) {
      const context = new OffscreenCanvas(width, height).getContext('2d', {alpha: false, willReadFrequently: true});
      context.drawImage(video, 0, 0, width, height);
      const {region} = testHost;
      const expected = context.getImageData(0, 0, region.width, region.height).data;
      differentPixels = cut.width === region.width && cut.height === region.height ? 0 : Infinity;
      for (let at = 0; at < expected.length; at++) if (expected[at] !== cut.data[at]) differentPixels++;
      const frame = new VideoFrame(video);
      transfer = frame.colorSpace.transfer;
      format = frame.format;
      frame.close();
    }
    const sizes = testHost.received.filter(({type}) => type.endsWith('frame')).map((frame) => {
      const {thumbnail} = restored ?? frame;
      return [frame.widthPixels, frame.heightPixels, thumbnail.width, thumbnail.height];
    });
    return {isStored: stored !== undefined, sizes: [...sizes, [width, height]], last: testHost.received.at(-1).type, differentPixels, transfer, format};
  })()`);
  await page.close();
  return comparison;
}

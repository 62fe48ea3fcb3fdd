import type { Page } from 'playwright-core';
import type { Driver, VideoTab } from './driver.ts';

/** Finds a page's videos, through open shadow roots, in document order. */
const VIDEOS = `(() => {
  const videosIn = (root) => [...root.querySelectorAll('*')].flatMap((element) => [
    ...(element instanceof HTMLVideoElement ? [element] : []),
    ...(element.shadowRoot ? videosIn(element.shadowRoot) : []),
  ]);
  return videosIn(document);
})()`;

/** A JavaScript expression for one video of the page. */
export const videoExpression = (index = 0): string => `${VIDEOS}[${String(index)}]`;

/** The middle of a video in CSS pixels of the viewport. The video is scrolled into it. */
export async function centreOfVideo(page: Page, index = 0): Promise<{ x: number; y: number }> {
  return page.evaluate<{ x: number; y: number }>(`(() => {
    const video = ${videoExpression(index)};
    video.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { left, top, width, height } = video.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  })()`);
}

/**
 * Chooses "Check this video" with the pointer on the middle of a video.
 * @param clicked the element that the browser reports as clicked: the video itself, or one that lies over it
 */
export async function menuOn(
  driver: Driver,
  tab: VideoTab,
  clicked: 'video' | 'page',
  index = 0,
): Promise<void> {
  const at = await centreOfVideo(tab.page, index);
  const srcUrl =
    clicked === 'video' ? await tab.page.evaluate<string>(`${videoExpression(index)}.currentSrc`) : null;
  await driver.checkByMenu(tab, { at, srcUrl });
}

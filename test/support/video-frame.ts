import type { Page } from 'playwright-core';

/**
 * A page's function that seeks a video and waits for its frame. On a busy machine the frame comes some time after `seeked`.
 * @param seconds lies within the frame, at most `frameSeconds` after its beginning
 */
export const SHOW_FRAME = `async (video, seconds, frameSeconds) => {
  const isShown = () => {
    let frame;
    try {
      frame = new VideoFrame(video);
    } catch {
      // There is no frame yet (WebCodecs, VideoFrame(image)).
      return false;
    }
    const shownSeconds = frame.timestamp / 1e6;
    frame.close();
    return !video.seeking && shownSeconds <= seconds && shownSeconds > seconds - frameSeconds;
  };
  video.currentTime = seconds;
  while (!isShown()) await new Promise((elapsed) => setTimeout(elapsed, 10));
}`;

/** One frame of a file of the page's site, as a PNG in base64. The page has a `<video>`; its frames last at most 0.1 s. */
export async function frameOf(page: Page, path: string, seconds: number): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const video = document.querySelector('video');
    if (!video.src.endsWith('${path}')) {
      const loaded = new Promise((resolve, reject) => {
        video.addEventListener('loadeddata', resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
      });
      video.src = '${path}';
      await loaded;
    }
    await (${SHOW_FRAME})(video, ${String(seconds)}, 0.1);
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1];
  })()`);
}

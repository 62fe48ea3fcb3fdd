import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { ask } from '../../utils/browser/messages.ts';
import { largestFirst, VIDEOS_PORT } from '../../utils/domain/page-video.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import { validVideos } from '../../utils/browser/content-replies.ts';

export type TabVideosFollower = {
  /** Puts the content script into frames that hold none yet. Resolves once it is there. */
  readonly openFrames: () => Promise<void>;
  /** Asks every frame for its list again. */
  readonly listAgain: () => void;
  readonly stop: () => void;
};

/** After this time the popup shows the videos of the other frames. */
const LIST_MILLISECONDS = 500;

type Frame = { readonly port: Browser.runtime.Port; videos: readonly PageVideo[] | null; isLate: boolean };

/**
 * Follows the videos in all frames of a tab that can be read. Each frame's content script sends its list over a port of
 * its own. Frames that come later are opened when the browser, or the document around them, reports them.
 * @param onVideos called with the visible videos first, the largest first, and with whether a frame does not answer.
 *   The first call comes when all frames have sent their lists, or when their time is over
 * @param onRefused called with the background's error, such as `page-refused`
 */
export function followTabVideos(
  tabId: number,
  onVideos: (videos: readonly PageVideo[], isFrameSilent: boolean) => void,
  onRefused: (error: unknown) => void,
): TabVideosFollower {
  const frames = new Map<number, Frame>();
  const { run: inOrder } = createSerialQueue();
  let isStopped = false;
  let isSilent = false;
  let waiting: Promise<void> | null = null;

  const tell = (): void => {
    const lists = [...frames.values()];
    if (isStopped || lists.some(({ videos, isLate }) => videos === null && !isLate)) return;
    onVideos(
      lists.flatMap(({ videos }) => videos ?? []).toSorted(largestFirst),
      isSilent || lists.some(({ videos }) => videos === null),
    );
  };

  const connect = (frameId: number): void => {
    const port = browser.tabs.connect(tabId, { frameId, name: VIDEOS_PORT });
    const frame: Frame = { port, videos: null, isLate: false };
    frames.set(frameId, frame);
    setTimeout(() => {
      frame.isLate = true;
      if (frame.videos === null) tell();
    }, LIST_MILLISECONDS);
    port.onMessage.addListener((received: unknown) => {
      if (received === 'frame-loaded') {
        void openFrames();
        return;
      }
      const videos = validVideos(received, frameId);
      // Most changes of a page change nothing about its videos.
      if (JSON.stringify(videos) === JSON.stringify(frame.videos)) return;
      frame.videos = videos;
      tell();
    });
    port.onDisconnect.addListener(() => {
      if (frames.get(frameId) === frame) frames.delete(frameId);
      tell();
      // The frame has gone, shows another document, or its script has ended. A frame that never sent a list has no
      // script.
      if (!isStopped && frame.videos !== null) void openFrames();
    });
  };

  const open = async (): Promise<void> => {
    waiting = null;
    try {
      const { frameIds, isComplete } = await ask('background', 'openFrames', { tabId });
      if (isStopped) return;
      isSilent = !isComplete;
      for (const frameId of frameIds) {
        if (!frames.has(frameId)) connect(frameId);
      }
      tell();
    } catch (error) {
      if (!isStopped) onRefused(error);
    }
  };
  /** A request that comes while another one waits adds nothing to it. */
  const openFrames = (): Promise<void> => (waiting ??= inOrder(open));

  const onUpdated = (updatedId: number, { status }: { readonly status?: string | undefined }): void => {
    // The frame has a new document. The content script is injected once the document is loaded.
    if (updatedId === tabId && status !== undefined) void openFrames();
  };
  browser.tabs.onUpdated.addListener(onUpdated);
  void openFrames();
  return {
    openFrames,
    listAgain: () => frames.forEach(({ port }) => port.postMessage(null)),
    stop: () => {
      isStopped = true;
      browser.tabs.onUpdated.removeListener(onUpdated);
      for (const { port } of frames.values()) port.disconnect();
    },
  };
}

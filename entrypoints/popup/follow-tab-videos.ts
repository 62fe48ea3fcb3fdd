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
  /** Asks every frame for its list once more. */
  readonly listAgain: () => void;
  readonly stop: () => void;
};

/** After this time the popup shows the videos of the other frames. */
const LIST_MILLISECONDS = 500;

type Frame = { readonly port: Browser.runtime.Port; videos: readonly PageVideo[] | null; isLate: boolean };

/**
 * Follows the videos in all frames of a tab that can be read. Each frame's content script tells of them over a port of its
 * own; frames that come later are opened as the browser or the document around them tells of them.
 * @param onVideos visible ones first, the largest first, and whether a frame does not answer; at first once all frames have
 *   told theirs or their time is over
 * @param onRefused with what the background threw, such as `page-refused`
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
      // The frame is gone, shows another document, or its script has ended. One that has told nothing holds no script.
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
  /** Requests that come while one waits are the same request. */
  const openFrames = (): Promise<void> => (waiting ??= inOrder(open));

  const onUpdated = (updatedId: number, { status }: { readonly status?: string | undefined }): void => {
    // A new document: the content script is put into it once it is loaded.
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

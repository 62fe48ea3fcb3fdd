import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../components/texts.tsx';
import type { VideoActions } from '../../components/video-row.tsx';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { askForHost } from '../../utils/browser/host-permission.ts';
import { ask, askFrame } from '../../utils/browser/messages.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import { readTabScans, watchTabScans } from '../../utils/browser/tab-scans.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';
import { followTabVideos } from './follow-tab-videos.ts';
import type { TabVideosFollower } from './follow-tab-videos.ts';

export type TabVideos =
  | { readonly kind: 'loading' }
  /** The browser keeps this page closed to extensions; `message` says so. */
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly videos: readonly CheckableVideo[];
      /** A part of the page does not answer, so that videos may be missing. */
      readonly isFrameSilent: boolean;
      /** Hosts of large frames that the extension may not read, the largest first. */
      readonly closedHosts: readonly string[];
      /** To be called in the task of the click: the browser asks the user. */
      readonly allowHost: (host: string) => void;
    };

export type CheckableVideo = {
  readonly video: PageVideo;
  /** The video's last check in this page; null where there was none. */
  readonly scan: Scan | null;
  readonly isStarting: boolean;
  readonly actions: VideoActions;
};

/** The videos of the tab with the states of their checks, kept up to date while the popup is open. */
export function useTabVideos(tabId: number | null): TabVideos {
  const [page, setPage] = useState<
    | { readonly kind: 'loading' }
    | { readonly kind: 'refused'; readonly message: string }
    | { readonly kind: 'ready'; readonly videos: readonly PageVideo[]; readonly isFrameSilent: boolean }
  >({ kind: 'loading' });
  const [closedHosts, setClosedHosts] = useState<readonly string[]>([]);
  const [scans, setScans] = useState<readonly Scan[]>([]);
  const [starting, setStarting] = useState<ReadonlySet<string>>(new Set());

  const follower = useRef<TabVideosFollower | null>(null);

  /** Called seldom: the frames of a page rarely change, and the search takes the page's time. */
  const findClosedHosts = useCallback(async (): Promise<void> => {
    if (tabId === null) return;
    try {
      setClosedHosts(await ask('background', 'listClosedHosts', { tabId }));
    } catch {
      // The list of videos fails in the same way, and the page shows that failure.
      setClosedHosts([]);
    }
  }, [tabId]);

  useEffect(() => {
    if (tabId === null) return undefined;
    const following = followTabVideos(
      tabId,
      (videos, isFrameSilent) => setPage({ kind: 'ready', videos, isFrameSilent }),
      (error) => setPage({ kind: 'refused', message: explain(error) }),
    );
    follower.current = following;
    void following.openFrames().then(findClosedHosts);
    const onScans = (changed: readonly Scan[]): void => {
      setScans(changed);
      // Only the frame's content script knows which video a scan belongs to.
      following.listAgain();
    };
    void readTabScans(tabId).then(setScans);
    const stopWatching = watchTabScans(tabId, onScans);
    return () => {
      stopWatching();
      following.stop();
    };
  }, [tabId, findClosedHosts]);

  if (tabId === null) return { kind: 'refused', message: t('page.none') };
  if (page.kind !== 'ready') return page;

  async function check(video: PageVideo, source?: 'screen'): Promise<void> {
    if (tabId === null) return;
    const key = videoKey(video);
    setStarting((keys) => new Set([...keys, key]));
    try {
      const target = { kind: 'video', videoId: video.videoId } as const;
      await ask('background', 'checkInTab', {
        tabId,
        frameId: video.frameId,
        target,
        ...(source !== undefined && { source }),
      });
    } catch (error) {
      setPage({ kind: 'refused', message: explain(error) });
      return;
    } finally {
      setStarting((keys) => new Set([...keys].filter((other) => other !== key)));
    }
    follower.current?.listAgain();
  }

  const allowHost = (host: string, then: () => Promise<unknown>): void => {
    void askForHost(host).then((isAllowed) => (isAllowed ? then() : undefined));
  };

  return {
    kind: 'ready',
    closedHosts,
    isFrameSilent: page.isFrameSilent,
    allowHost: (host) =>
      allowHost(host, () => Promise.all([follower.current?.openFrames(), findClosedHosts()])),
    videos: page.videos.map((video) => {
      const scan = scans.find(({ scanId }) => scanId === video.scanId) ?? null;
      return {
        video,
        scan,
        isStarting: starting.has(videoKey(video)),
        actions: {
          onCheck: () => void check(video),
          onUseScreen: () => void check(video, 'screen'),
          onAllowHost: (host) => allowHost(host, () => check(video)),
          onCancel: () => {
            if (scan !== null) void askFrame(scan, 'cancelScan', { scanId: scan.scanId });
          },
        },
      };
    }),
  };
}

/** Each frame numbers its own videos, so the key contains the frame's number as well. */
function videoKey({ frameId, videoId }: PageVideo): string {
  return `${String(frameId)}/${String(videoId)}`;
}

function explain(error: unknown): string {
  if (!isDetectorError(error, 'page-refused')) return t('page.failed');
  return t(error.params.place === 'frame' ? 'page.frameRefused' : 'page.refused');
}

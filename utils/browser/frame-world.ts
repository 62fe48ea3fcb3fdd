import { browser } from 'wxt/browser';
import { documentElementOf } from './dom.ts';
import type { ScreenPlace, SeenVideo } from '../domain/content-messages.ts';
import type { ScanReport } from '../domain/report.ts';

/**
 * The globals by which the extension's scripts in a frame find each other: one watches for playing videos, one scans them, one
 * finds them on the screen, one draws the judged faces on them. They share the frame's isolated world, which pages can't read.
 */
export type FrameWorld = typeof globalThis & {
  trueFrameBadges?: RunningScript;
  trueFrame?: RunningContent;
  trueFrameScreen?: ScreenFinder;
  trueFrameFaces?: FaceFollower;
  /** The extension's own element in the page, which covers no video. */
  trueFrameOverlay?: Element;
};

/** The scripts that the background puts in when they are first needed, by what they leave in the frame's world. */
export type ScriptOnDemand = 'trueFrameScreen' | 'trueFrameFaces';

/**
 * The object that one of the scripts has left in this frame's world. An element with the id `trueFrame` is a property
 * of the window as well, but not its own one (HTML, "named properties object").
 */
export function inWorld<Name extends 'trueFrameBadges' | 'trueFrame' | ScriptOnDemand | 'trueFrameOverlay'>(
  name: Name,
): FrameWorld[Name] {
  const world: FrameWorld = globalThis;
  return (Object.hasOwn(world, name) ? world[name] : undefined) as FrameWorld[Name];
}

export type RunningScript = {
  /** false once the extension was updated or removed, or the script has ended. */
  readonly isAlive: () => boolean;
  readonly stop: () => void;
};

export type RunningContent = RunningScript & { readonly automatic: AutomaticChecks };

/** Finds videos on the screen. Between two calls it has no listeners and no state. */
export type ScreenFinder = {
  /** The place of a video's picture in the tab's visible page, once the browser has drawn all earlier changes. */
  readonly findPlace: (video: HTMLVideoElement) => Promise<ScreenPlace>;
  /** The page's changes to the video's picture, for any source of the frames. */
  readonly look: (video: HTMLVideoElement) => Promise<SeenVideo>;
};

/** Draws the judged faces on a playing video, and the timeline of an open card. */
export type FaceFollower = {
  /** Draws until `signal` is aborted; not at all where it is aborted already. */
  readonly follow: (shown: FollowedFaces, signal: AbortSignal) => void;
};

export type FollowedFaces = {
  readonly video: HTMLVideoElement;
  /** The badge's element in the overlay, with the open card in it. */
  readonly place: HTMLElement;
  readonly overlay: {
    /** A new element in the overlay, gone with the signal. */
    readonly addPlace: (className: string, signal: AbortSignal) => HTMLElement;
  };
  readonly report: ScanReport;
};

/** The automatic checks of one frame. */
export type AutomaticChecks = {
  /**
   * Begins a check, or shows the verdict that is remembered of an earlier one.
   * @param onEnd called when the check is over. It may be called twice: after "done" with "later", when the video has
   *   left the page
   * @returns null for a video that the user has checked by hand
   */
  readonly start: (
    video: HTMLVideoElement,
    onEnd: (outcome: AutomaticOutcome) => void,
  ) => AutomaticCheck | null;
  /** Ends all automatic checks with their badges, and the content script too if the user has checked nothing by hand. */
  readonly endAll: () => void;
  /** Whether quiet badges stay on a video in full screen, from the next change on; at first they don't. */
  readonly showInFullScreen: (isShown: boolean) => void;
};

export type AutomaticOutcome =
  /** No further scan is needed until another video is in the element. */
  | 'done'
  /** A later try may succeed, but the tries are limited. */
  | 'failed'
  /** The check may be made again: the video was not ready, or has left the page, or the user has left it. */
  | 'later';

export type AutomaticCheck = {
  /** true: the video is out of sight or paused, so other scans go first. false: it plays in sight again. */
  readonly hold: (isHeld: boolean) => void;
  readonly end: () => void;
};

/**
 * Calls back once when the page has replaced its document: `document.open()` removes the root and all listeners of
 * document and window, but leaves the scripts' world (HTML, "document open steps").
 */
export function onRewritten(callback: () => void, signal: AbortSignal): void {
  const root = documentElementOf(document);
  const observer = new MutationObserver(() => {
    const present = documentElementOf(document) as Element | null;
    if (present === null || present === root) return;
    observer.disconnect();
    callback();
  });
  observer.observe(document, { childList: true });
  signal.addEventListener('abort', () => observer.disconnect());
}

/** False in a content script that still runs after its extension was updated, reloaded or removed. */
export function isExtensionAlive(): boolean {
  // Chromium empties `runtime` then; its types do not say so.
  return (browser.runtime as Partial<typeof browser.runtime> | undefined)?.id !== undefined;
}

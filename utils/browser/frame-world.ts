import type { ScreenPlace } from '../domain/frames-port.ts';

/**
 * What the extension's scripts leave in a frame's isolated world, where pages can't see it: how the small script that looks
 * out for videos, the content script that checks them, and the one that finds them on the screen find each other.
 */
export type FrameWorld = typeof globalThis & {
  trueFrame?: RunningContent;
  trueFrameBadges?: RunningScript;
  trueFrameScreen?: ScreenFinder;
};

export type RunningScript = {
  /** false once its extension was updated or removed under it, or it was told to end. */
  readonly isAlive: () => boolean;
  readonly stop: () => void;
};

export type RunningContent = RunningScript & { readonly automatic: AutomaticChecks };

/** It only answers: nothing of it runs, listens or holds anything in between. */
export type ScreenFinder = {
  /** Where the video's picture is in the tab's visible page, once what was changed before has been drawn. */
  readonly findPlace: (video: HTMLVideoElement) => Promise<ScreenPlace>;
};

/** The automatic checks of one frame. */
export type AutomaticChecks = {
  /**
   * Begins a check, or shows what an earlier one has led to.
   * @param onEnd it is over, and may be again: a badge that was shown goes when its video leaves the page
   * @returns null for a video that is or was checked by hand
   */
  readonly start: (
    video: HTMLVideoElement,
    onEnd: (outcome: AutomaticOutcome) => void,
  ) => AutomaticCheck | null;
  /** Ends every check and takes every quiet badge away; and the script that holds them, unless it is in use by hand. */
  readonly endAll: () => void;
  /** Whether quiet badges stay on a video in full screen, from its next change on; they don't until this is said. */
  readonly showInFullScreen: (isShown: boolean) => void;
};

export type AutomaticOutcome =
  /** Nothing more is to be done until another video is in the element. */
  | 'done'
  /** It may go better another time, if not too often. */
  | 'failed'
  /** Nothing was wrong with it: paused, put aside with its page, or taken out of it. */
  | 'later';

export type AutomaticCheck = {
  /** Its video is out of sight or paused: others go first. */
  readonly hold: (isHeld: boolean) => void;
  readonly end: () => void;
};

/** False in what is left of a content script after its extension was updated, reloaded or removed. */
export function isRuntimeAlive(runtime: { readonly id?: string | undefined } | undefined): boolean {
  // The types know no such moment, but Chromium empties `runtime` then.
  return runtime?.id !== undefined;
}

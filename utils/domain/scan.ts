import type { FrameScore, ScanReport } from './report.ts';

/** What is known of a video when its scan begins. Plain values: they cross ports and go into the history. */
export type ScannedVideo = {
  /** Address of the page in the tab's top frame, without fragment. */
  readonly pageUrl: string;
  /** The page's title, or the video's own where the page gives one. */
  readonly title: string;
  /** The file's address, or null for what a script feeds (blob:, MediaStream). */
  readonly fileUrl: string | null;
  /** A service worker of the page answers its requests: at the file's address there may be another file. */
  readonly isServed?: boolean;
  readonly widthPixels: number;
  readonly heightPixels: number;
  /** null for a live stream. */
  readonly durationSeconds: number | null;
  /** Of an automatic check: the address that names the post the video is in, where one was found. */
  readonly postUrl?: string | null;
};

/** What the user can do about a picture that could not be read. */
export type WaysOut = {
  /** The host of the video's file, which the user can let the extension read; null where that would not help. */
  readonly hostToAllow: string | null;
  readonly canUseScreen: boolean;
  /** Where the user had asked for the screen: what kept it from being looked at. */
  readonly screenProblem?: ScreenProblem | undefined;
};

/** The user's click on the extension has ended with its page; or too little of the video could be seen for long. */
export type ScreenProblem = 'not-let-in' | 'not-in-sight';

/** A small picture of a judged face: RGBA, at most {@link EVIDENCE_SIDE_PIXELS} a side. */
export type EvidenceFace = FrameScore & { readonly picture: ImageData };
export const EVIDENCE_SIDE_PIXELS = 96;
/** The card's strip has room for six. */
export const MAX_EVIDENCE_FACES = 6;

export type ScanFailureCode =
  // The host went away (crash, update): the same check can be made again.
  | 'host-lost'
  // The model's files are not as its description says.
  | 'model-invalid'
  | 'runtime-failed'
  // The video left the page or changed its source under the scan.
  | 'video-gone'
  | 'internal';

/** A scan's state, from the click to its end. The last three are final. */
export type ScanState =
  // Another video is being checked.
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading-model' }
  | { readonly kind: 'running'; readonly framesLooked: number; readonly framesAsked: number }
  | {
      readonly kind: 'finished';
      readonly report: ScanReport;
      /** Only with the refusal of a picture that can't be read. */
      readonly waysOut?: WaysOut | undefined;
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly code: ScanFailureCode; readonly message: string };

export type FinishedState = Extract<ScanState, { readonly kind: 'finished' }>;
export type FailedState = Extract<ScanState, { readonly kind: 'failed' }>;

/** A scan as every other context sees it. */
export type Scan = {
  readonly scanId: string;
  readonly tabId: number;
  readonly frameId: number;
  readonly isPrivate: boolean;
  readonly video: ScannedVideo;
  /** Of the document that holds the video, as the browser says; missing where it does not. */
  readonly documentUrl?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly state: ScanState;
  /** Nobody asked for it by hand: it is on a site where badges are on. */
  readonly isAutomatic?: boolean;
};

export function isFinal(state: ScanState): boolean {
  return state.kind === 'finished' || state.kind === 'cancelled' || state.kind === 'failed';
}

/** Nobody has asked for it, and it says nothing aloud. */
export function isQuiet({ isAutomatic, state }: Pick<Scan, 'isAutomatic' | 'state'>): boolean {
  const isLoud = state.kind === 'finished' && state.report.verdict.kind === 'likely-manipulated';
  return isAutomatic === true && !isLoud;
}

/** One finished scan in the history. Never from a private window. */
export type HistoryEntry = {
  readonly scanId: string;
  /** Of the post where one was found, which a feed's own address does not lead to; else of the page. */
  readonly pageUrl: string;
  readonly title: string;
  readonly fileUrl: string | null;
  /** Milliseconds since the epoch, of the scan's end. */
  readonly finishedAt: number;
  readonly report: ScanReport;
  /** Only where the user has switched pictures on: PNG of the deciding person's most telling face. */
  readonly facePicture: Blob | null;
};

/** A finished scan with everything the host still remembers of it (the last few scans, in memory only). */
export type ScanDetails = {
  readonly scan: Scan;
  readonly crops: readonly {
    readonly personId: number;
    readonly frameIndex: number;
    readonly mediaTimeSeconds: number;
    readonly score: number;
    readonly logits: Readonly<Record<string, readonly number[]>>;
    /** The network's own input: RGBA, the model's side a side. */
    readonly picture: ImageData;
  }[];
};

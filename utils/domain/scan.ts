import * as v from 'valibot';
import { reportSchema } from './report.ts';
import type { FrameScore } from './report.ts';
import { count } from './verdict.ts';
import type { DeepReadonly } from './verdict.ts';

export const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
/** One side of a video's picture, in pixels. Containers store a side in 16 bits. */
export const pictureSide = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));

/** The description of a video when its scan begins. The history and the check page keep addresses of any length. */
export const scannedVideoSchema = v.object({
  /** Address of the page in the tab's top frame, without fragment. */
  pageUrl: v.string(),
  /** The page's title, or the video's own where the page gives one. */
  title: v.string(),
  /** The file's address; null if a script feeds the video (blob:, MediaStream). */
  fileUrl: v.nullable(v.string()),
  /** A service worker of the page answers its requests, so the file's address may give another file. */
  isServed: v.exactOptional(v.boolean()),
  widthPixels: pictureSide,
  heightPixels: pictureSide,
  /** null for a live stream. */
  durationSeconds: v.nullable(seconds),
  /** Only of an automatic check: the address of the post that contains the video; null if none was found. */
  postUrl: v.exactOptional(v.nullable(v.string())),
});
export type ScannedVideo = DeepReadonly<v.InferOutput<typeof scannedVideoSchema>>;

/** Why a file could not be read. */
export const FILE_PROBLEMS = [
  // The browser has no decoder for the file, the file is no video, or its server does not send it.
  'unplayable',
  // The file plays at first and then fails, or no decoder understands its data.
  'damaged',
  // The file has sound alone.
  'no-picture',
  // The file is a live stream, or takes longer to read than the time for it.
  'endless',
  // The server sends no parts of the file.
  'unseekable',
  // The connection broke off.
  'broken-off',
  // The server sends the file too slowly.
  'slow',
  // The file plays, but its picture may not be read: its server redirects to another host than the one that the user
  // has allowed.
  'closed',
] as const;
export type FileProblem = (typeof FILE_PROBLEMS)[number];

/** What the user can do about a picture that could not be read. */
const waysOut = v.object({
  /** The host of the video's file, which the user can let the extension read; null where that would not help. */
  hostToAllow: v.nullable(v.string()),
  canUseScreen: v.boolean(),
  /** Why the screen that the user asked for could not be captured: the permission of the user's click has ended with
   * its page, or too little of the video was in sight for long. */
  screenProblem: v.optional(v.picklist(['not-let-in', 'not-in-sight'])),
  /** Why the video's file could not be read; missing if it was not tried. */
  fileProblem: v.exactOptional(v.picklist(FILE_PROBLEMS)),
  /** The user has allowed the file's host, but the file could not be read even so. */
  isAllowedInVain: v.exactOptional(v.boolean()),
});
export type WaysOut = DeepReadonly<v.InferOutput<typeof waysOut>>;
export type ScreenProblem = NonNullable<WaysOut['screenProblem']>;

/** A small picture of a judged face: RGBA, at most {@link EVIDENCE_SIDE_PIXELS} a side. */
export type EvidenceFace = Pick<FrameScore, 'personId' | 'frameIndex' | 'mediaTimeSeconds' | 'score'> & {
  readonly picture: ImageData;
};
export const EVIDENCE_SIDE_PIXELS = 96;
/** The card's strip has room for six. */
export const MAX_EVIDENCE_FACES = 6;

/** A scan's state, from the click to its end. `finished`, `cancelled` and `failed` are final. */
const scanState = v.variant('kind', [
  // The scan waits for others that run.
  v.object({ kind: v.literal('waiting') }),
  v.object({ kind: v.literal('loading-model') }),
  v.object({ kind: v.literal('running'), framesScanned: count, framesAsked: count }),
  // `waysOut` comes only with the refusal of a picture that can't be read.
  v.object({ kind: v.literal('finished'), report: reportSchema, waysOut: v.optional(waysOut) }),
  v.object({ kind: v.literal('cancelled') }),
  v.object({
    kind: v.literal('failed'),
    code: v.picklist([
      // The host has ended (crash, update). The user can start the scan again.
      'host-lost',
      // The model's files do not match its description.
      'model-invalid',
      'runtime-failed',
      // The video left the page or changed its source during the scan.
      'video-gone',
      'internal',
    ]),
    message: v.string(),
  }),
]);
export type ScanState = DeepReadonly<v.InferOutput<typeof scanState>>;
export type FinishedState = Extract<ScanState, { readonly kind: 'finished' }>;
export type FailedState = Extract<ScanState, { readonly kind: 'failed' }>;

export type ScanFailureCode = FailedState['code'];

/** A scan as every context outside the host sees it. */
export const scanSchema = v.object({
  scanId: v.string(),
  tabId: v.number(),
  frameId: v.number(),
  isPrivate: v.boolean(),
  video: scannedVideoSchema,
  /** Address of the document that holds the video, as the browser says; missing where the browser does not say it. */
  documentUrl: v.exactOptional(v.string()),
  /** Milliseconds since the epoch. */
  startedAt: v.number(),
  state: scanState,
  /** The scan began by itself, on a site where badges are on. */
  isAutomatic: v.exactOptional(v.boolean()),
});
export type Scan = DeepReadonly<v.InferOutput<typeof scanSchema>>;

export function isFinal(state: ScanState): boolean {
  return state.kind === 'finished' || state.kind === 'cancelled' || state.kind === 'failed';
}

/** Whether a scan is automatic and has no *likely manipulated* verdict. */
export function isQuiet({ isAutomatic, state }: Pick<Scan, 'isAutomatic' | 'state'>): boolean {
  const isLoud = state.kind === 'finished' && state.report.verdict.kind === 'likely-manipulated';
  return isAutomatic === true && !isLoud;
}

/** Characters of a note: more than a user writes about one video. */
export const MAX_NOTE_LENGTH = 2000;

/** One finished scan in the history. Scans of private windows are never kept. */
export const historyEntrySchema = v.object({
  scanId: v.string(),
  /** Address of the post where one was found, since a feed's own address does not lead to it; else of the page. */
  pageUrl: v.string(),
  title: v.string(),
  fileUrl: v.nullable(v.string()),
  /** The scan's end, in milliseconds since the epoch. */
  finishedAt: v.number(),
  report: reportSchema,
  /** The user's own label of the video; null for none, as in entries of databases up to version 4. */
  ownLabel: v.optional(v.nullable(v.picklist(['real', 'manipulated'])), null),
  /** The user's own words about the video. */
  note: v.optional(v.pipe(v.string(), v.maxLength(MAX_NOTE_LENGTH)), ''),
  /** PNG of the deciding person's most telling face; null unless the user has switched pictures on. */
  facePicture: v.nullable(v.blob()),
});
export type HistoryEntry = DeepReadonly<v.InferOutput<typeof historyEntrySchema>>;

/** A finished scan with its crops, which the host has in memory for the last few scans only. */
export type ScanDetails = {
  readonly scan: Scan;
  readonly crops: readonly {
    readonly personId: number;
    readonly frameIndex: number;
    readonly mediaTimeSeconds: number;
    readonly score: number;
    readonly logits: Readonly<Record<string, readonly number[]>>;
    /** The network's own input: RGBA, square, with the side that the model takes. */
    readonly picture: ImageData;
  }[];
};

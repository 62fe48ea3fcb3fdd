import type { UsedModel } from './model.ts';
import type { Verdict } from './verdict.ts';

/** Raised with every change of {@link ScanReport} that older code cannot read. */
export const REPORT_VERSION = 1;

/**
 * What a finished scan says: the one value of which badge, popup, history, report page and exported files are views. It
 * holds plain data only, so it crosses ports and goes into IndexedDB and JSON as it is. `reportSchema` in
 * report-schema.ts validates one that comes from outside.
 */
export type ScanReport = {
  readonly version: typeof REPORT_VERSION;
  readonly verdict: Verdict;
  /** The bands of the detector that judged: the verdict's words and the chart follow them. */
  readonly bands: ScoreBands;
  /** One for each judged face, in the order in which the faces were judged. Empty where only the verdict was kept. */
  readonly frameScores: readonly FrameScore[];
  readonly quality: InputQuality;
  readonly used: UsedForScan;
  /** null where only the verdict was kept. */
  readonly timings: ScanTimings | null;
};

/**
 * The scores, 0 to 1, at which a verdict's words change. A score up to and including `noManipulationUpTo` is "no manipulation
 * found", one from `likelyManipulatedFrom` on is "likely manipulated", and between them a verdict is "not sure".
 */
export type ScoreBands = { readonly noManipulationUpTo: number; readonly likelyManipulatedFrom: number };

/** One face in one frame, for the evidence strip and the chart. */
export type FrameScore = {
  /** The person's track, from 1. */
  readonly personId: number;
  readonly frameIndex: number;
  readonly mediaTimeSeconds: number;
  /** 0 to 1, the detector's score of this face alone. */
  readonly score: number;
};

/** What was measured of the footage itself. */
export type InputQuality = {
  /** Of the compressed picture, for each pixel of each frame; null where the browser does not count. */
  readonly bitsPerPixel: number | null;
};

/** What a scan was made with. */
export type UsedForScan = {
  /** Where the frames came from; null where no frame came, or an older version did not record it. */
  readonly source: FrameSourceKind | null;
  /** With the screen source: captured pixels for each of the video's own, along a side. Below 1 detail is lost. */
  readonly screenScale: number | null;
  /** null only for refusals before a model was needed. */
  readonly model: UsedModel | null;
};

/** The video's file, read by the host; the page's playing element; or the screen, where the user asked for it. */
export type FrameSourceKind = 'source' | 'element' | 'screen';

/** Where a scan's time went, in milliseconds summed over its frames. */
export type ScanTimings = {
  readonly totalMilliseconds: number;
  readonly detectionMilliseconds: number;
  readonly inferenceMilliseconds: number;
};

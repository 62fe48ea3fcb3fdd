import * as v from 'valibot';
import { usedModelSchema } from './model.ts';
import { count, share, verdictSchema, withFramesScanned } from './verdict.ts';
import type { DeepReadonly, Verdict } from './verdict.ts';

/** Raised with every change of {@link ScanReport} that older code cannot read. */
export const REPORT_VERSION = 2;

/** A scan has no more than 3,600 frames; a crowd of 20 in each. */
const MAX_FRAME_SCORES = 72_000;

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const ratio = v.pipe(v.number(), v.finite(), v.minValue(0));

/** One judged face in one frame, for the evidence strip and the chart. */
const frameScore = v.object({
  /** The person's track, from 1. */
  personId: count,
  frameIndex: count,
  mediaTimeSeconds: v.pipe(v.number(), v.finite()),
  /** The detector's score of this face alone. */
  score: share,
});
export type FrameScore = DeepReadonly<v.InferOutput<typeof frameScore>>;

/** The video's file, read by the host; the page's playing element; or the screen, where the user asked for it. */
const frameSource = v.picklist(['source', 'element', 'screen']);
export type FrameSourceKind = v.InferOutput<typeof frameSource>;

export const scoreBands = v.object({ noManipulationUpTo: share, likelyManipulatedFrom: share });
export type ScoreBands = DeepReadonly<v.InferOutput<typeof scoreBands>>;

const part = v.object({ count, videos: v.pipe(count, v.minValue(1)) });

/** How many videos of each class in a labelled test set get the same verdict. */
const calibrationFacts = v.object({
  testSet: v.pipe(v.string(), v.maxLength(300)),
  real: part,
  fake: part,
  /** false where other networks judged than those whose scores were counted. */
  isOfSameNetworks: v.boolean(),
});
export type CalibrationFacts = DeepReadonly<v.InferOutput<typeof calibrationFacts>>;

/**
 * The result of a finished scan: badge, popup, history, report page and exported files show this value. It holds plain data
 * only, so it crosses ports and goes into IndexedDB and JSON as it is. The schema validates a report that comes from
 * outside, and leaves out the fields that this version does not know.
 */
export const reportSchema = v.object({
  version: v.literal(REPORT_VERSION),
  verdict: verdictSchema,
  /**
   * The bands of the detector that judged, for the verdict's words and the chart. A score up to and including
   * `noManipulationUpTo` is "no manipulation found", one from `likelyManipulatedFrom` on is "likely manipulated", and a
   * score between them is "not sure".
   */
  bands: scoreBands,
  /** null where it was never measured; missing for refusals, and where an older version did not record it. */
  calibration: v.exactOptional(v.nullable(calibrationFacts)),
  /** One for each judged face, in the order in which the faces were judged. Empty where only the verdict was kept. */
  frameScores: v.pipe(v.array(frameScore), v.maxLength(MAX_FRAME_SCORES)),
  /** `bitsPerPixel` is of the compressed picture, for each pixel of each frame; null where the browser does not count. */
  quality: v.object({ bitsPerPixel: v.nullable(ratio) }),
  used: v.object({
    /** null where no frame came, or where an older version did not record it. */
    source: v.nullable(frameSource),
    /** With the screen source: captured pixels for each of the video's own, along a side. Below 1 detail is lost. */
    screenScale: v.nullable(ratio),
    /** null only for refusals before a model was needed. */
    model: v.nullable(usedModelSchema),
  }),
  /** Summed over the scan's frames; null where only the verdict was kept. */
  timings: v.nullable(
    v.object({
      totalMilliseconds: milliseconds,
      detectionMilliseconds: milliseconds,
      inferenceMilliseconds: milliseconds,
    }),
  ),
});
export type ScanReport = DeepReadonly<v.InferOutput<typeof reportSchema>>;
export type UsedForScan = ScanReport['used'];

/** The report of a stored verdict of which nothing else was kept. */
export function reportOfVerdict(verdict: Verdict, used: UsedForScan, bands: ScoreBands): ScanReport {
  return {
    version: REPORT_VERSION,
    verdict,
    bands,
    frameScores: [],
    quality: { bitsPerPixel: null },
    used,
    timings: null,
  };
}

/** A stored report in this version's form; any other value as it is. */
export function upgradeReport(stored: unknown): unknown {
  const { version, verdict } = Object(stored) as { readonly version?: unknown; readonly verdict?: unknown };
  if (version !== 1 || verdict === undefined) return stored;
  return { ...Object(stored), version: REPORT_VERSION, verdict: withFramesScanned(verdict) } as object;
}

import * as v from 'valibot';
import { sha256, usedModelSchema } from './model.ts';
import { count, faceMark, measure, share, verdictSchema, withFramesScanned } from './verdict.ts';
import type { DeepReadonly, Verdict } from './verdict.ts';

/** Raised with every change of {@link ScanReport} that older code cannot read. */
export const REPORT_VERSION = 3;

/** A scan has no more than 3,600 frames. This allows for 20 faces in each. */
const MAX_FRAME_SCORES = 72_000;

/**
 * Each mark occurs once. The number is written out, since counting the schema's marks would bring the schema into the
 * content script.
 */
const MAX_MARKS = 4;

/** The measured facts of one judged face. */
const faceMeasures = v.object({
  /** Side of the face as dlib would box it, in the video's own pixels. */
  sidePixels: measure,
  /** See models/scan/fine-detail.ts; null where it was not measured. */
  fineDetail: v.nullable(share),
  /** The face detector's confidence. */
  detectorScore: share,
  marks: v.pipe(v.array(faceMark), v.maxLength(MAX_MARKS)),
});
export type FaceMeasures = DeepReadonly<v.InferOutput<typeof faceMeasures>>;

/** One judged face in one frame. `box`, `pixelsSha256` and `measures` are null in reports of versions 1 and 2. */
const frameScore = v.object({
  /** The person's track, from 1. */
  personId: count,
  frameIndex: count,
  mediaTimeSeconds: v.pipe(v.number(), v.finite()),
  /** The detector's score of this face alone. */
  score: share,
  /** The square that was judged, in shares of the shown picture's sides. */
  box: v.nullable(v.object({ left: share, top: share, width: share, height: share })),
  /** Each network's own score, by the network's id. Empty in reports of versions 1 and 2. */
  networkScores: v.record(v.pipe(v.string(), v.maxLength(300)), share),
  /**
   * SHA-256 of the networks' input as RGB bytes, row by row. null in reports of versions 1 and 2, and where no pixels
   * were kept.
   */
  pixelsSha256: v.nullable(sha256),
  measures: v.nullable(faceMeasures),
});
export type FrameScore = DeepReadonly<v.InferOutput<typeof frameScore>>;

/**
 * The video's file, played by the browser in the host; the page's playing element; the screen, where the user asked for it; a
 * file on the user's disk that FFmpeg decoded, since the browser can't; or the pictures of a folder.
 */
const frameSource = v.picklist(['source', 'element', 'screen', 'ffmpeg', 'images']);
export type FrameSourceKind = v.InferOutput<typeof frameSource>;

export const scoreBands = v.object({ noManipulationUpTo: share, likelyManipulatedFrom: share });
export type ScoreBands = DeepReadonly<v.InferOutput<typeof scoreBands>>;

const of100 = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/**
 * How many videos of each class in a labelled test set get the same verdict. The fields have the names of the
 * placeholders in the verdict's texts, so the content script passes them on as they are. Shares, their 95 % intervals
 * and borders are parts of 100, rounded as they are shown.
 */
const calibrationFacts = v.object({
  testSet: v.pipe(v.string(), v.maxLength(300)),
  /** The borders of "not sure". */
  upTo: of100,
  from: of100,
  real: v.pipe(count, v.minValue(1)),
  realAlike: count,
  realOf100: of100,
  realLow: of100,
  realHigh: of100,
  fake: v.pipe(count, v.minValue(1)),
  fakeAlike: count,
  fakeOf100: of100,
  fakeLow: of100,
  fakeHigh: of100,
  /** false if other networks judged than those whose scores were counted. */
  isOfSameNetworks: v.boolean(),
});
export type CalibrationFacts = DeepReadonly<v.InferOutput<typeof calibrationFacts>>;

/** The quality gate's measures of one person. Shares are of the person's judged faces. */
const personMeasures = v.object({
  /** Judged frames. */
  frames: count,
  /** Side of the person's median face, the upper one of the two middle ones. */
  sidePixels: measure,
  /** Fine detail of the median face; null where it was not measured. */
  fineDetail: v.nullable(share),
  nearProfileShare: share,
  lowScoreShare: share,
  /** Standard deviation of the frames' scores, 0 to .5. */
  scoreSpread: share,
  /** The highest minus the lowest of the networks' mean scores; null with one network. */
  networkGap: v.nullable(share),
});
export type PersonMeasures = DeepReadonly<v.InferOutput<typeof personMeasures>>;

/** All measures of the quality gate. */
const quality = v.object({
  /** Bits of the compressed picture for each pixel of each frame; null where the browser does not count. */
  bitsPerPixel: v.nullable(measure),
  /** People with enough judged frames for a verdict; null in reports of versions 1 and 2. */
  peopleCount: v.nullable(count),
  /** `sidePixels` of the person with the largest faces; null without a person. */
  largestSidePixels: v.nullable(measure),
  /** null without a verdict, and in reports of versions 1 and 2. */
  decidingPerson: v.nullable(personMeasures),
});
export type ScanQuality = DeepReadonly<v.InferOutput<typeof quality>>;

const text = v.string();

/** The settings that change a scan's result. */
const scanSettings = v.object({
  /**
   * null for as many as the video had to give. Frames of a file lie at equal distances; other frames are taken as the
   * video plays.
   */
  framesAsked: v.nullable(count),
  policy: v.picklist(['by-hand', 'automatic', 'evaluation']),
});
export type ScanSettings = DeepReadonly<v.InferOutput<typeof scanSettings>>;

/** The video that was scanned, as the browser names it. */
const videoOrigin = v.object({
  /** A video in a page, a file's address that the user gave, or a file on the user's disk. */
  kind: v.picklist(['page', 'address', 'file']),
  /** Address of the post where one was found, else of the page or the file; null for a file on the disk. */
  pageUrl: v.nullable(text),
  title: text,
  fileUrl: v.nullable(text),
  fileName: v.nullable(text),
  /** SHA-256 of a file on the disk; null for all other videos, and for a file beyond the limit on its size. */
  fileSha256: v.nullable(sha256),
});
export type VideoOrigin = DeepReadonly<v.InferOutput<typeof videoOrigin>>;

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
  /** null where it was never measured; missing for refusals and stand-ins, and where an older version did not record it. */
  calibration: v.exactOptional(v.nullable(calibrationFacts)),
  /**
   * One for each judged face, in the order in which the faces were judged: the place in this list is the face's place in the
   * stream of noise. Empty where only the verdict was kept.
   */
  frameScores: v.pipe(v.array(frameScore), v.maxLength(MAX_FRAME_SCORES)),
  quality,
  used: v.object({
    /** null where no frame came, or where an older version did not record it. */
    source: v.nullable(frameSource),
    /** With the screen source: captured pixels for each of the video's own, along a side. Below 1 detail is lost. */
    screenScale: v.nullable(measure),
    /** null only for refusals before a model was needed. */
    model: v.nullable(usedModelSchema),
    /** Seed of the networks' random inputs; null if there was none, and in reports of versions 1 and 2. */
    noiseSeed: v.nullable(count),
    /** Version of the extension. It and the next two are null in reports of versions 1 and 2. */
    appVersion: v.nullable(text),
    /** Brand and version, as the browser tells the extension. */
    browser: v.nullable(text),
    settings: v.nullable(scanSettings),
  }),
  /** null in reports of versions 1 and 2, and where only the verdict was kept. */
  origin: v.nullable(videoOrigin),
  /** Summed over the scan's frames; null where only the verdict was kept. */
  timings: v.nullable(
    v.object({
      totalMilliseconds: measure,
      detectionMilliseconds: measure,
      inferenceMilliseconds: measure,
    }),
  ),
});
export type ScanReport = DeepReadonly<v.InferOutput<typeof reportSchema>>;
export type UsedForScan = ScanReport['used'];

/** The fields of `used` that reports of version 2 did not have. */
export const NOT_RECORDED = { noiseSeed: null, appVersion: null, browser: null, settings: null } as const;

/** The quality of a video that was not measured. */
export const NO_QUALITY: ScanQuality = {
  bitsPerPixel: null,
  peopleCount: null,
  largestSidePixels: null,
  decidingPerson: null,
};

/** Makes the report of a stored verdict that was kept without anything else. */
export function reportOfVerdict(
  verdict: Verdict,
  used: Pick<UsedForScan, 'source' | 'screenScale' | 'model'>,
  bands: ScoreBands,
): ScanReport {
  return {
    version: REPORT_VERSION,
    verdict,
    bands,
    frameScores: [],
    quality: NO_QUALITY,
    used: { ...used, ...NOT_RECORDED },
    origin: null,
    timings: null,
  };
}

/** Brings a frame's score of an earlier version into this version's form. */
export function upgradeFrameScore(stored: unknown): object {
  return { box: null, networkScores: {}, pixelsSha256: null, measures: null, ...Object(stored) } as object;
}

/** Brings a stored report into this version's form; any other value stays as it is. */
export function upgradeReport(stored: unknown): unknown {
  const former = Object(stored) as Readonly<Record<string, unknown>>;
  const { version, verdict, frameScores, quality: measured, used } = former;
  if ((version !== 1 && version !== 2) || verdict === undefined) return stored;
  return {
    ...former,
    version: REPORT_VERSION,
    verdict: withFramesScanned(verdict),
    frameScores: Array.isArray(frameScores) ? frameScores.map(upgradeFrameScore) : frameScores,
    quality: { ...NO_QUALITY, ...Object(measured) } as object,
    used: { ...NOT_RECORDED, ...Object(used) } as object,
    origin: null,
  };
}

import * as v from 'valibot';
import { GRAPH_DEVICES } from './model.ts';
import { REPORT_VERSION } from './report.ts';
import type { ScanReport } from './report.ts';

/** Longest id or name that this project writes, with room: a model id of two networks has 50 characters. */
const MAX_NAME_LENGTH = 300;
/** Networks of one detector. */
const MAX_NETWORKS = 16;
/** A scan looks at no more than 3,600 frames; a crowd of 20 in each. */
const MAX_FRAME_SCORES = 72_000;
/** People whom one scan tells apart. */
const MAX_PEOPLE = 1000;
const MAX_DOUBTS = 32;

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const name = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH));

const doubts = v.pipe(
  v.array(
    v.picklist([
      'few-frames',
      'mostly-small',
      'mostly-near-profile',
      'mostly-low-score',
      'mostly-blurred',
      'class-contradicts-score',
      'scaled-on-screen',
      'compressed',
    ]),
  ),
  v.maxLength(MAX_DOUBTS),
);
const verdictKind = v.picklist(['likely-manipulated', 'not-sure', 'no-manipulation-found']);
const refused = v.literal('refused');

const personVerdict = v.union([
  v.object({ kind: verdictKind, personId: count, score: share, framesUsed: count, doubts }),
  v.object({ kind: refused, reason: v.literal('too-few-frames'), personId: count, framesUsed: count }),
]);

export const verdictSchema = v.union([
  v.object({
    kind: verdictKind,
    score: share,
    decidingPersonId: count,
    doubts,
    framesUsed: count,
    framesLooked: count,
    framesAsked: count,
    pooledScore: share,
    people: v.pipe(v.array(personVerdict), v.maxLength(MAX_PEOPLE)),
    isStoppedEarly: v.exactOptional(v.boolean()),
  }),
  v.object({
    kind: refused,
    reason: v.picklist([
      'no-face',
      'face-too-small',
      'too-few-frames',
      'unreadable',
      'protected',
      'canvas-noise',
      'model-missing',
    ]),
    framesLooked: count,
    framesAsked: count,
  }),
]);

export const usedModelSchema = v.object({
  modelId: name,
  detectorId: v.optional(name),
  networks: v.pipe(v.array(name), v.maxLength(MAX_NETWORKS)),
  title: v.optional(name),
  dtype: name,
  device: v.picklist(GRAPH_DEVICES),
  isDemo: v.boolean(),
  isForeign: v.optional(v.boolean()),
});

/** A report as it is stored or exported. Fields that this version does not know are left out. */
export const reportSchema = v.object({
  version: v.literal(REPORT_VERSION),
  verdict: verdictSchema,
  bands: v.object({ noManipulationUpTo: share, likelyManipulatedFrom: share }),
  frameScores: v.pipe(
    v.array(
      v.object({
        personId: count,
        frameIndex: count,
        mediaTimeSeconds: v.pipe(v.number(), v.finite()),
        score: share,
      }),
    ),
    v.maxLength(MAX_FRAME_SCORES),
  ),
  quality: v.object({ bitsPerPixel: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))) }),
  used: v.object({
    source: v.nullable(v.picklist(['source', 'element', 'screen'])),
    screenScale: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
    model: v.nullable(usedModelSchema),
  }),
  timings: v.nullable(
    v.object({
      totalMilliseconds: milliseconds,
      detectionMilliseconds: milliseconds,
      inferenceMilliseconds: milliseconds,
    }),
  ),
}) satisfies v.GenericSchema<unknown, ScanReport>;

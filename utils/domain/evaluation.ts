import * as v from 'valibot';
import { GRAPH_DEVICES } from './model.ts';
import { reportSchema } from './report.ts';
import type { ScanReport } from './report.ts';
import { count } from './verdict.ts';
import type { DeepReadonly } from './verdict.ts';

/** The data sets whose folders are known; `labelled` is any folder with labels, `other` one without. */
export const DATASET_KINDS = ['dfdc', 'faceforensics', 'timit', 'celeb', 'labelled', 'other'] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];

/** Which frames of a file are examined, see `framePositions` in models/frames/file-source.ts. */
export const SAMPLINGS = ['linspace', 'step'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

const trueLabel = v.picklist(['REAL', 'FAKE']);
export type TrueLabel = v.InferOutput<typeof trueLabel>;

/** A video of a run, with what its data set says of it. */
export const plannedVideoSchema = v.object({
  /** Of the file, from the chosen folder's own name on, with `/`. It names the video within its run. */
  path: v.string(),
  /** The file's name, as the original's result files have it. */
  name: v.string(),
  /** As the original writes it: lower case, `uncategorized` outside the data sets. */
  klass: v.string(),
  /** null where nothing says. */
  trueLabel: v.nullable(trueLabel),
  /** `c23`, `c40` or `raw`; only of FaceForensics++. */
  compression: v.nullable(v.string()),
});
export type PlannedVideo = DeepReadonly<v.InferOutput<typeof plannedVideoSchema>>;

/** By size and time a file is known again when its folder is chosen a second time; both are null for an address. */
export const fileStampSchema = v.object({
  byteLength: v.nullable(count),
  /** Milliseconds since the epoch. */
  modifiedAt: v.nullable(v.number()),
});
export type FileStamp = DeepReadonly<v.InferOutput<typeof fileStampSchema>>;

/** A video of a run that has ended with a report: judged, or refused for a reason. */
export const evaluatedVideoSchema = v.object({
  video: plannedVideoSchema,
  stamp: fileStampSchema,
  /** What was asked for: a line of another run with other settings is not this run's. */
  settingsKey: v.string(),
  milliseconds: count,
  report: reportSchema,
});
export type EvaluatedVideo = DeepReadonly<v.InferOutput<typeof evaluatedVideoSchema>>;

/** A video that has no report: the file can't be opened, the engine has failed, or its data set gives it no label. */
export const failedVideoSchema = v.object({
  video: plannedVideoSchema,
  code: v.string(),
  message: v.string(),
});
export type FailedVideo = DeepReadonly<v.InferOutput<typeof failedVideoSchema>>;

/** The settings of a run that change its scores. */
export const evaluationSettingsSchema = v.object({
  /** null for as many as the file has to give. */
  framesAsked: v.nullable(count),
  sampling: v.picklist(SAMPLINGS),
  modelIds: v.array(v.string()),
  /** null for the device that the model's self-test has chosen. */
  device: v.nullable(v.picklist(GRAPH_DEVICES)),
});
export type EvaluationSettings = DeepReadonly<v.InferOutput<typeof evaluationSettingsSchema>>;

export function settingsKeyOf({ framesAsked, sampling, modelIds, device }: EvaluationSettings): string {
  return [framesAsked ?? 'all', sampling, modelIds.join('+'), device ?? 'tested'].join(' ');
}

/** `scored` has a verdict, `refused` a reason for none, and `unreadable` is a file of which no frame could be judged. */
export function outcomeOf({ verdict }: ScanReport): 'scored' | 'refused' | 'unreadable' {
  if (verdict.kind !== 'refused') return 'scored';
  return verdict.reason === 'unreadable' || verdict.reason === 'protected' ? 'unreadable' : 'refused';
}

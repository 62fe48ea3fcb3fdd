import * as v from 'valibot';
import {
  evaluatedVideoSchema,
  evaluationSettingsSchema,
  failedVideoSchema,
  fileStampSchema,
  plannedVideoSchema,
} from '../../utils/domain/evaluation.ts';
import type { EvaluationSettings, PlannedVideo } from '../../utils/domain/evaluation.ts';
import { count } from '../../utils/domain/verdict.ts';
import type { DeepReadonly } from '../../utils/domain/verdict.ts';

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** Of a file that lies in the folder itself. */
const pictureName = v.pipe(v.string(), v.regex(/^(?!\.\.?$)[^/\0]+$/));

/** One video in the queue of `npm run predict -- --queue`, as its job holds it. */
export const queuedVideoSchema = v.object({
  formatVersion: v.literal(1),
  video: plannedVideoSchema,
  /** As the coordinator sees the file. */
  stamp: fileStampSchema,
  /** null for a file, which the worker finds by `video.path`. */
  url: v.nullable(v.pipe(v.string(), v.url(), v.regex(/^https?:/i))),
  /** The pictures of a folder of frames that are examined, by their names in it; null for other videos. */
  frames: v.nullable(v.array(v.object({ number: count, name: pictureName }))),
  settings: evaluationSettingsSchema,
  /** The SHA-256 of each of `settings.modelIds`, see `storedSha256Of`. */
  models: v.array(sha256),
});
export type QueuedVideo = DeepReadonly<v.InferOutput<typeof queuedVideoSchema>>;

const queuedResultSchema = v.variant('kind', [
  v.object({ kind: v.literal('done'), evaluated: evaluatedVideoSchema }),
  v.object({ kind: v.literal('failed'), failed: failedVideoSchema }),
]);
/** A video's end as its worker gives it back. */
export type QueuedResult = DeepReadonly<v.InferOutput<typeof queuedResultSchema>>;

/**
 * Reads a worker's result.
 * @param settingsKey of the run, which the result must have been judged by
 * @returns a failure `results-invalid` for anything else than this video's result
 */
export function readQueuedResult(value: unknown, video: PlannedVideo, settingsKey: string): QueuedResult {
  if (!v.is(queuedResultSchema, value)) return invalid(video, 'the worker’s result is not of this version');
  // As it came: the report keeps the order of its keys, as that of a local run.
  const result: QueuedResult = value;
  const given = result.kind === 'done' ? result.evaluated.video : result.failed.video;
  if (given.path !== video.path) return invalid(video, `the worker’s result is of ${given.path}`);
  if (result.kind === 'done' && result.evaluated.settingsKey !== settingsKey) {
    return invalid(video, `the worker has judged with ${result.evaluated.settingsKey}`);
  }
  // Name, class and true label are the run's own: a worker says nothing about them.
  return result.kind === 'done'
    ? { ...result, evaluated: { ...result.evaluated, video } }
    : { ...result, failed: { ...result.failed, video } };
}

function invalid(video: PlannedVideo, message: string): QueuedResult {
  return { kind: 'failed', failed: { video, code: 'results-invalid', message } };
}

const progressSchema = v.object({ framesScanned: count });

/** Frames of a video that a worker has scanned; null for anything else than its progress. */
export function readFrames(data: unknown): number | null {
  return v.is(progressSchema, data) ? data.framesScanned : null;
}

/** What a worker judges with. */
export type WorkerEngine = Pick<EvaluationSettings, 'modelIds' | 'device'> & {
  readonly models: readonly string[];
};

/** Why a worker must not judge a video: its numbers would not be the run's. null where it may. */
export function refusalOf({ settings, models }: QueuedVideo, own: WorkerEngine): string | null {
  const hasEach = settings.modelIds.every((modelId, index) => {
    const at = own.modelIds.indexOf(modelId);
    return at !== -1 && own.models[at] === models[index];
  });
  if (!hasEach) {
    return `the run has the models ${describe(settings.modelIds, models)}, and this worker has ${describe(own.modelIds, own.models)}`;
  }
  if (settings.device !== own.device) {
    return `the run has --device ${settings.device ?? 'left out'}, and this worker ${own.device ?? 'left out'}`;
  }
  return null;
}

function describe(modelIds: readonly string[], sha256s: readonly string[]): string {
  return modelIds.map((modelId, index) => `${modelId} (sha256 ${sha256s[index] ?? ''})`).join(' and ');
}

/**
 * Where a video may lie in a worker's folder of videos: the worker was given the folder that the coordinator was given, or
 * the one above it.
 * @returns paths relative to the folder, with `/`; none for a path that would lead out of it
 */
export function placesOf({ path }: Pick<PlannedVideo, 'path'>): readonly string[] {
  const parts = path.split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part) || part.includes('\0'))) return [];
  // The number before the second of two given folders of one name.
  const isNumbered = /^\d+$/.test(parts[0]!);
  return parts.slice(0, isNumbered ? 3 : 2).map((_, from) => parts.slice(from).join('/'));
}

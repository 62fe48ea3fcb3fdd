import type { DBSchema } from 'idb';
import * as v from 'valibot';
import { DATASET_KINDS, evaluatedVideoSchema, plannedVideoSchema, SAMPLINGS } from '../domain/evaluation.ts';
import type { EvaluatedVideo } from '../domain/evaluation.ts';
import { GRAPH_DEVICES } from '../domain/model.ts';
import { count } from '../domain/verdict.ts';
import type { DeepReadonly } from '../domain/verdict.ts';
import { createDatabase } from './database.ts';

const storedRun = v.object({
  kind: v.picklist(DATASET_KINDS),
  /** Name of the chosen folder or file, for the user. */
  title: v.string(),
  videos: v.array(plannedVideoSchema),
  leftOut: v.array(plannedVideoSchema),
  settings: v.object({
    framesAsked: v.nullable(count),
    sampling: v.picklist(SAMPLINGS),
    modelIds: v.array(v.string()),
    device: v.nullable(v.picklist(GRAPH_DEVICES)),
    jobs: count,
  }),
});

/** The data that a later document needs to continue a run. */
export type StoredRun = DeepReadonly<v.InferOutput<typeof storedRun>> & {
  /** null where the browser gave no lasting handle: the user chooses the folder again. */
  readonly folder: FileSystemDirectoryHandle | null;
};

type EvaluationSchema = DBSchema & {
  runs: { key: 'current'; value: StoredRun };
  /** Keyed by the video's path. */
  videos: { key: string; value: EvaluatedVideo };
};

const database = createDatabase<EvaluationSchema>('evaluation', [
  (upgraded) => {
    upgraded.createObjectStore('runs');
    upgraded.createObjectStore('videos', { keyPath: 'video.path' });
  },
]);

/** Stores the run in place of the former one. Of all results only those in `known` stay. */
export async function keepRun(run: StoredRun, known: readonly EvaluatedVideo[]): Promise<void> {
  await database.change(async (opened) => {
    const transaction = opened.transaction(['runs', 'videos'], 'readwrite');
    await transaction.objectStore('runs').put(run, 'current');
    await transaction.objectStore('videos').clear();
    for (const evaluated of known) await transaction.objectStore('videos').put(evaluated);
    await transaction.done;
  });
}

export async function keepEvaluated(evaluated: EvaluatedVideo): Promise<void> {
  await database.change((opened) => opened.put('videos', evaluated));
}

/** The stored run with its results; null without one. */
export function readRun(): Promise<{
  readonly run: StoredRun;
  readonly evaluated: readonly EvaluatedVideo[];
} | null> {
  return database.read(async (opened) => {
    const run = await opened.get('runs', 'current');
    if (run === undefined || !v.is(storedRun, run)) return null;
    const evaluated = await opened.getAll('videos');
    return { run, evaluated: evaluated.filter((each) => v.is(evaluatedVideoSchema, each)) };
  });
}

export async function forgetRun(): Promise<void> {
  await database.change(async (opened) => {
    await opened.clear('runs');
    await opened.clear('videos');
  });
}

import { Redis } from 'ioredis';
import * as v from 'valibot';
import type { DeepReadonly } from '../../../utils/domain/verdict.ts';
import { predictAnswerSchema } from './predict-request.ts';

/** Results of long work are kept for an hour, in which a client asks for them. */
const KEPT_SECONDS = 3600;
/** In this process: a report has some ten kilobytes. */
const MAX_KEPT = 1000;

const jobStateSchema = v.variant('status', [
  v.object({ status: v.literal('waiting') }),
  v.object({ status: v.literal('running'), frames_scanned: v.number() }),
  v.object({ status: v.literal('done'), result: predictAnswerSchema }),
  v.object({ status: v.literal('failed'), error: v.object({ code: v.string(), message: v.string() }) }),
  v.object({ status: v.literal('cancelled') }),
]);
export type JobState = DeepReadonly<v.InferOutput<typeof jobStateSchema>>;

/** Where the states of jobs are kept for an hour. */
export type JobStore = {
  readonly set: (id: string, state: JobState) => Promise<void>;
  readonly get: (id: string) => Promise<JobState | null>;
  readonly close: () => void;
};

/** In this process: they go with it. */
export function createMemoryStore(): JobStore {
  const kept = new Map<string, { readonly state: JobState; readonly at: number }>();
  return {
    set: (id, state) => {
      kept.delete(id);
      kept.set(id, { state, at: performance.now() });
      // The oldest are first.
      for (const [old, { at }] of kept) {
        if (kept.size <= MAX_KEPT && performance.now() - at < 1000 * KEPT_SECONDS) break;
        kept.delete(old);
      }
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(kept.get(id)?.state ?? null),
    close: () => undefined,
  };
}

/** In Redis: any server of the same queue answers for them. */
export function createRedisStore(address: string): JobStore {
  const client = new Redis(address);
  // ioredis connects again by itself; a request of that time fails.
  client.on('error', () => undefined);
  const keyOf = (id: string): string => `trueframe-job:${id}`;
  return {
    set: async (id, state) => {
      await client.set(keyOf(id), JSON.stringify(state), 'EX', KEPT_SECONDS);
    },
    get: async (id) => {
      const text = await client.get(keyOf(id));
      const read = text === null ? null : v.safeParse(jobStateSchema, JSON.parse(text));
      return read?.success === true ? read.output : null;
    },
    close: () => client.disconnect(),
  };
}

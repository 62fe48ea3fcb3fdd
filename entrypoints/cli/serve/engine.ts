import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { ServedVideo } from '../../../models/evaluation/commanded-run.ts';
import { isDetectorError } from '../../../utils/domain/errors.ts';
import type { GraphDevice } from '../../../utils/domain/model.ts';
import type { ModelFolder } from '../model-folders.ts';
import { createServedBrowser } from '../served-browser.ts';
import type { JudgedVideo, ServedPage, ServedVideoOptions } from '../served-page.ts';
import { ServeError } from './serve-error.ts';

/** A browser that can't start is tried again after these, doubled each time. */
const MIN_DELAY_MILLISECONDS = 500;
const MAX_DELAY_MILLISECONDS = 30_000;

export type EngineState =
  | { readonly kind: 'starting' }
  /** `devices` are those on which the networks run: none where the workers of a queue choose. */
  | { readonly kind: 'ready'; readonly jobs: number; readonly devices: readonly GraphDevice[] }
  | { readonly kind: 'down'; readonly reason: string };

export type ServeEngine = {
  readonly state: () => EngineState;
  readonly waiting: () => number;
  readonly running: () => number;
  /** How often the browser was started again. */
  readonly restarts: () => number;
  /**
   * Judges a video when an engine is free. A video whose browser ends is judged once more, in the next browser.
   * @throws ServeError 503 where that one ends, too; AbortError
   */
  readonly judge: (
    served: ServedVideo,
    options: ServedVideoOptions,
    signal: AbortSignal,
  ) => Promise<JudgedVideo>;
  /** A report as a page. */
  readonly renderReport: ServedPage['renderReport'];
  /** Resolves when the browser has ended. */
  readonly close: () => Promise<void>;
};

export type ServeEngineOptions = {
  readonly models: readonly ModelFolder[];
  readonly device: GraphDevice | null;
  /** null for as many as suit the machine. */
  readonly jobs: number | null;
  readonly onState: (state: EngineState) => void;
};

/** A browser that judges, and is started again whenever it ends. */
export function createServeEngine({ models, device, jobs, onState }: ServeEngineOptions): ServeEngine {
  const closing = new AbortController();
  const browser = createServedBrowser({ models, device, jobs, readsAddresses: false }, closing.signal);
  const queue = new PQueue({ concurrency: jobs ?? 1 });
  let state: EngineState = { kind: 'starting' };
  let starts = 0;

  const isClosing = (): boolean => closing.signal.aborted;

  function become(next: EngineState): void {
    state = next;
    onState(next);
  }

  async function keepRunning(): Promise<void> {
    let delay = MIN_DELAY_MILLISECONDS;
    while (!isClosing()) {
      try {
        const started = await browser.start();
        starts += 1;
        queue.concurrency = started.jobs;
        delay = MIN_DELAY_MILLISECONDS;
        become({ kind: 'ready', jobs: started.jobs, devices: started.devices });
        const { message } = await started.ended;
        become({ kind: 'down', reason: message });
      } catch (error) {
        if (isClosing()) return;
        become({ kind: 'down', reason: error instanceof Error ? error.message : String(error) });
        await sleep(delay, null, { signal: closing.signal }).catch(() => undefined);
        delay = Math.min(2 * delay, MAX_DELAY_MILLISECONDS);
      }
    }
  }
  const kept = keepRunning();

  async function judgeOnceMore(
    served: ServedVideo,
    options: ServedVideoOptions,
    signal: AbortSignal,
  ): Promise<JudgedVideo> {
    try {
      return await browser.judge(served, options, signal);
    } catch (error) {
      if (!isDetectorError(error, 'engine-ended') || signal.aborted) throw error;
    }
    try {
      return await browser.judge(served, options, signal);
    } catch (cause) {
      if (!isDetectorError(cause)) throw cause;
      throw new ServeError(503, cause.code, cause.message, { cause, retryAfterSeconds: 5 });
    }
  }

  return {
    state: () => state,
    waiting: () => queue.size,
    running: () => queue.pending,
    restarts: () => Math.max(0, starts - 1),
    judge: (served, options, signal) => queue.add(() => judgeOnceMore(served, options, signal), { signal }),
    renderReport: browser.renderReport,
    close: async () => {
      closing.abort();
      await browser.close();
      await kept;
    },
  };
}

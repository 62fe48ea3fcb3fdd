import type { Analysis } from '../scan/analysis.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import type {
  AnalysisAnswer,
  AnalysisMessage,
  CallName,
  CallReply,
  CallRequest,
} from './analysis-protocol.ts';
import type { SelfTest } from '../../utils/domain/model.ts';
import type { UsedModel } from '../../utils/domain/report.ts';

export type AnalysisClient = Analysis & {
  /** What is loaded now. */
  readonly loadedModel: () => UsedModel | null;
  /** The self-test of an installed model, for which the loaded ones are released. */
  readonly testModel: (modelId: string, signal?: AbortSignal) => Promise<SelfTest>;
  /** Frees the networks' memory where a Worker is running. */
  readonly releaseModels: () => Promise<void>;
  /** Ends the Worker and all that it holds. The next call starts another. */
  readonly terminate: () => void;
};

type Pending = {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
};

/**
 * A call in WebAssembly cannot be interrupted, and Chromium lets the script of a terminated Worker run on for two
 * seconds. Within these, ending the Worker saves nothing and costs the loaded networks, so the one run that is under way
 * (a face or four) ends by itself, while the scan itself is over at once; a longer one is ended with its Worker.
 */
const GRACE_MILLISECONDS = 2000;

/** No call takes this long, loading the largest network from a slow disk included: a Worker that does hangs. */
const MAX_CALL_MILLISECONDS = 3 * 60 * 1000;

/** Runs the analysis in a Worker that is started at the first call. */
export function createAnalysisClient(startWorker: () => Worker): AnalysisClient {
  const pending = new Map<number, Pending>();
  let worker: Worker | null = null;
  let loadedModel: UsedModel | null = null;
  let nextId = 0;
  /** Settles when no call of a cancelled scan is left in the Worker, which may have had to end for that. */
  let drained: Promise<void> = Promise.resolve();

  function getWorker(): Worker {
    if (worker !== null) return worker;
    worker = startWorker();
    worker.addEventListener('message', ({ data }: MessageEvent<AnalysisAnswer>) => {
      const call = pending.get(data.id);
      pending.delete(data.id);
      if (data.ok) call?.resolve(data.value as never);
      else call?.reject(new DetectorError(data.error.code, data.error.message));
    });
    worker.addEventListener('error', ({ message }) => {
      endWorker(new DetectorError('runtime-failed', `The analysis Worker has failed: ${message}`));
    });
    return worker;
  }

  function endWorker(reason: Error): void {
    worker?.terminate();
    worker = null;
    loadedModel = null;
    for (const { reject } of pending.values()) reject(reason);
    pending.clear();
  }

  async function call<Name extends CallName>(
    name: Name,
    request: CallRequest<Name>,
    pictures: readonly ImageData[],
    signal?: AbortSignal,
  ): Promise<CallReply<Name>> {
    // Behind a cancelled call this one would be lost with its Worker.
    await drained;
    signal?.throwIfAborted();
    const id = nextId++;
    const answered = new Promise<CallReply<Name>>((resolve, reject) => {
      pending.set(id, { resolve, reject });
    });
    const message = { id, name, request } as AnalysisMessage;
    getWorker().postMessage(
      message,
      pictures.map(({ data }) => data.buffer),
    );
    const watchdog = setTimeout(
      () => endWorker(new DetectorError('runtime-failed', `${name} was not answered`)),
      MAX_CALL_MILLISECONDS,
    );
    try {
      return signal === undefined ? await answered : await untilAborted(answered, signal);
    } finally {
      clearTimeout(watchdog);
    }
  }

  async function untilAborted<T>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => {
      drained = drain(answered);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([answered, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async function drain(answered: Promise<unknown>): Promise<void> {
    const timer = setTimeout(
      () => endWorker(new DetectorError('runtime-failed', 'The analysis was stopped')),
      GRACE_MILLISECONDS,
    );
    // How a call ended that nobody waits for any more is of no interest.
    await answered.catch(() => undefined);
    clearTimeout(timer);
  }

  return {
    loadModel: async (modelIds, signal) => {
      const loaded = await call('loadModel', { modelIds }, [], signal);
      loadedModel = loaded.usedModel;
      return loaded;
    },
    loadedModel: () => loadedModel,
    findFaces: (thumbnail, frame, signal) => call('findFaces', { thumbnail, frame }, [thumbnail], signal),
    findFacesInSquares: (squares, signal) =>
      call(
        'findFacesInSquares',
        { squares },
        squares.map(({ picture }) => picture),
        signal,
      ),
    judgeFaces: (crops, firstIndex, signal) => call('judgeFaces', { crops, firstIndex }, crops, signal),
    testModel: async (modelId, signal) => {
      loadedModel = null;
      return await call('testModel', { modelId }, [], signal);
    },
    releaseModels: async () => {
      loadedModel = null;
      if (worker !== null) await call('releaseModels', null, []);
    },
    terminate: () => endWorker(new DetectorError('runtime-failed', 'The analysis was stopped')),
  };
}

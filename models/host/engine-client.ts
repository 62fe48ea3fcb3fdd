import { DetectorError } from '../../utils/domain/errors.ts';
import type { SelfTest, UsedModel } from '../../utils/domain/model.ts';
import type { RepeatedScan } from '../../utils/domain/repeat.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import { closePixels, factsOf, transferablesOf } from '../frames/frame-source.ts';
import type { FrameSource, UncutFrame } from '../frames/frame-source.ts';
import type { ExtractedFace, FaceInput } from '../scan/extract-faces.ts';
import type { ScanEvent, ScanPolicy, ScanResult } from '../scan/run-scan.ts';
import { serializeError } from './engine-protocol.ts';
import type {
  CallName,
  CallReply,
  CallRequest,
  EngineCommand,
  EngineConfiguration,
  EngineMessage,
  FrameAnswer,
  FrameQuestion,
  OcclusionJob,
  RepeatJob,
  ScanJob,
} from './engine-protocol.ts';

export type EngineScan = {
  /** The caller closes it. */
  readonly source: FrameSource<UncutFrame>;
  readonly modelIds: readonly string[];
  readonly bands: ScanJob['bands'];
  readonly policy: ScanPolicy;
  readonly onEvent: (event: ScanEvent) => void;
  /**
   * What happens to a network's run when the scan is cancelled. `drain`: the run may take two seconds more, then the Worker
   * is ended. `let-finish`: the run goes on to its end. That is for automatic scans, which scrolling cancels all the time:
   * ending the Worker would drop the loaded networks each time.
   */
  readonly onCancel: 'drain' | 'let-finish';
};

export type FaceExtraction = {
  readonly source: FrameSource<UncutFrame>;
  readonly input: FaceInput;
  /** Called with each face before the reply. */
  readonly onFace: (face: ExtractedFace) => void;
};

/**
 * A call in WebAssembly cannot be interrupted, and Chromium lets a terminated Worker's script run for two seconds more.
 * Within that time, ending the Worker would save nothing and drop the loaded networks, so the current run (one face or
 * four) ends by itself. The scan is over at once; a longer run is ended with its Worker.
 */
const DRAIN_MILLISECONDS = 2000;

/** No step takes this long, not even loading the largest network from a slow disk: a silent Worker hangs. */
const MAX_SILENCE_MILLISECONDS = 3 * 60 * 1000;

type Call = {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  /** Called with a scan's messages before the reply. */
  readonly onMessage: (message: Exclude<EngineMessage, { readonly type: 'reply' | 'error' }>) => void;
  watchdog: ReturnType<typeof setTimeout> | undefined;
};

type CallWithSource<Name extends 'scan' | 'extractFaces'> = {
  readonly request: CallRequest<Name>;
  readonly source: FrameSource<UncutFrame>;
  readonly beforeFrame: ScanPolicy['beforeFrame'];
  /** Called with all messages but questions and the reply. */
  readonly onMessage: Call['onMessage'];
};

export type EngineClient = ReturnType<typeof createEngineClient>;

/**
 * The engine, in a Worker that is started at the first call.
 * @param configuration null for the host's engine
 */
export function createEngineClient(
  startWorker: () => Worker,
  configuration: EngineConfiguration | null = null,
) {
  const calls = new Map<number, Call>();
  let worker: Worker | null = null;
  let loadedModel: UsedModel | null = null;
  let nextId = 0;
  /** Settles when no call of a cancelled scan is left in the Worker, which may have had to end for that. */
  let drained: Promise<void> = Promise.resolve();

  function getWorker(): Worker {
    if (worker !== null) return worker;
    worker = startWorker();
    worker.addEventListener('message', ({ data }: MessageEvent<EngineMessage>) => take(data));
    worker.addEventListener('error', ({ message }) => {
      endWorker(new DetectorError('runtime-failed', `The engine's Worker has failed: ${message}`));
    });
    if (configuration !== null) {
      // Its reply says nothing; a Worker that fails says so to the call that follows.
      post('configure', configuration).replied.catch(() => undefined);
    }
    return worker;
  }

  function take(message: EngineMessage): void {
    const call = calls.get(message.id);
    if (call === undefined) return;
    if (message.type !== 'reply' && message.type !== 'error') {
      call.onMessage(message);
      return;
    }
    clearTimeout(call.watchdog);
    calls.delete(message.id);
    if (message.type === 'reply') call.resolve(message.value as never);
    else call.reject(new DetectorError(message.error.code, message.error.message));
  }

  function endWorker(reason: Error): void {
    worker?.terminate();
    worker = null;
    loadedModel = null;
    for (const { reject, watchdog } of calls.values()) {
      clearTimeout(watchdog);
      reject(reason);
    }
    calls.clear();
  }

  /** Counts the Worker's silence from now on. It is not counted while the Worker waits for the document. */
  function watch(call: Call): void {
    clearTimeout(call.watchdog);
    call.watchdog = setTimeout(
      () => endWorker(new DetectorError('runtime-failed', 'The engine’s Worker does not answer')),
      MAX_SILENCE_MILLISECONDS,
    );
  }

  function post<Name extends CallName>(
    name: Name,
    request: CallRequest<Name>,
    onMessage: Call['onMessage'] = () => undefined,
  ): { readonly id: number; readonly call: Call; readonly replied: Promise<CallReply<Name>> } {
    const id = nextId++;
    const { promise: replied, resolve, reject } = Promise.withResolvers<CallReply<Name>>();
    const call: Call = { resolve, reject, onMessage, watchdog: undefined };
    calls.set(id, call);
    getWorker().postMessage({ type: 'call', id, name, request });
    watch(call);
    return { id, call, replied };
  }

  /** Rejects at once when aborted, and has the Worker drained before another call is made. */
  async function drainOnAbort<T>(replied: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    // In the event itself, since the next scan may begin right after it.
    const onAbort = (): void => {
      drained = drain(replied);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await untilAborted(replied, signal);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async function drain(replied: Promise<unknown>): Promise<void> {
    const timer = setTimeout(
      () => endWorker(new DetectorError('engine-ended', 'The engine was stopped for another scan')),
      DRAIN_MILLISECONDS,
    );
    // The result of a cancelled call is not used.
    await replied.catch(() => undefined);
    clearTimeout(timer);
  }

  /** Makes a call that asks for a source's frames. The Worker is told when the signal aborts. */
  function postWithSource<Name extends 'scan' | 'extractFaces'>(
    name: Name,
    { request, source, beforeFrame, onMessage }: CallWithSource<Name>,
    signal: AbortSignal,
  ): Promise<CallReply<Name>> {
    const over = new AbortController();
    const untilOver = AbortSignal.any([signal, over.signal]);
    const answer = createFrameAnswerer(source, beforeFrame);
    let isAsking = false;

    const reply = async (question: FrameQuestion): Promise<void> => {
      isAsking = true;
      clearTimeout(call.watchdog);
      const { command, transfer } = await answer(question, untilOver).then(
        (given) => ({
          command: { type: 'frame-answer' as const, id, answer: given },
          transfer: pixelsOf(given),
        }),
        (error: unknown) => ({
          command: { type: 'frame-error' as const, id, error: serializeError(error) },
          transfer: [],
        }),
      );
      isAsking = false;
      if (calls.get(id) !== call) {
        if (command.type === 'frame-answer') discard(command.answer);
        return;
      }
      getWorker().postMessage(command satisfies EngineCommand, transfer);
      watch(call);
    };

    const { id, call, replied } = post(name, request, (message) => {
      if (message.type === 'question') {
        void reply(message.question);
        return;
      }
      if (!isAsking) watch(call);
      onMessage(message);
    });
    const end = (): void => over.abort();
    replied.then(end, end);
    const onAbort = (): void => {
      if (calls.get(id) === call) getWorker().postMessage({ type: 'abort', id } satisfies EngineCommand);
    };
    signal.addEventListener('abort', onAbort, { signal: over.signal });
    return replied;
  }

  /** @throws AbortError at once; DetectorError as the Worker threw it, `engine-ended` when the Worker had to end */
  async function scan(
    { source, modelIds, bands, policy, onEvent, onCancel }: EngineScan,
    signal: AbortSignal,
  ): Promise<ScanResult> {
    // Behind a cancelled call this one would be lost with its Worker.
    await drained;
    signal.throwIfAborted();
    const { kind, framesAsked, durationSeconds, mayStop, judgesStill, beforeFrame } = policy;
    const replied = postWithSource(
      'scan',
      {
        request: { modelIds, bands, kind, framesAsked, durationSeconds, mayStop, judgesStill },
        source,
        beforeFrame,
        onMessage: (message) => {
          if (message.type === 'event' && !signal.aborted) onEvent(message.event);
          if (message.type === 'loaded') loadedModel = message.model;
          // Also after a cancellation: the budget is the machine's, not the scan's.
          if (message.type === 'spent') policy.spent(message.busyMilliseconds);
        },
      },
      signal,
    );
    return onCancel === 'drain' ? await drainOnAbort(replied, signal) : await untilAborted(replied, signal);
  }

  return {
    scan,
    /** Cuts the faces that a scan would judge. The caller closes the source. @throws as `scan` */
    extractFaces: async (
      { source, input, onFace }: FaceExtraction,
      signal: AbortSignal,
    ): Promise<CallReply<'extractFaces'>> => {
      await drained;
      signal.throwIfAborted();
      const replied = postWithSource(
        'extractFaces',
        {
          request: input,
          source,
          beforeFrame: () => Promise.resolve(),
          onMessage: (message) => {
            if (message.type === 'face' && !signal.aborted) onFace(message.face);
          },
        },
        signal,
      );
      return await drainOnAbort(replied, signal);
    },
    /** The loaded networks; null where none is loaded. */
    loadedModel: () => loadedModel,
    /**
     * Which parts of a face change its score.
     * @throws AbortError at once; DetectorError as the Worker threw it, `engine-ended` when the Worker had to end
     */
    occlusion: async (
      job: OcclusionJob,
      onProgress: (done: number, all: number) => void,
      signal: AbortSignal,
    ): Promise<CallReply<'occlusion'>> => {
      await drained;
      signal.throwIfAborted();
      const { id, call, replied } = post('occlusion', job, (message) => {
        watch(call);
        if (message.type === 'loaded') loadedModel = message.model;
        if (message.type === 'progress' && !signal.aborted) onProgress(message.done, message.all);
      });
      const onAbort = (): void => {
        if (calls.get(id) === call) getWorker().postMessage({ type: 'abort', id } satisfies EngineCommand);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      return await drainOnAbort(replied, signal);
    },
    /** The self-test of an installed model; the loaded networks are released first. */
    testModel: async (modelId: string, signal?: AbortSignal): Promise<SelfTest> => {
      loadedModel = null;
      await drained;
      signal?.throwIfAborted();
      return await drainOnAbort(post('testModel', { modelId }).replied, signal);
    },
    /** Judges a report's pictures again. */
    repeatScan: async (job: RepeatJob, signal?: AbortSignal): Promise<RepeatedScan> => {
      await drained;
      signal?.throwIfAborted();
      const { call, replied } = post('repeatScan', job, () => watch(call));
      return await drainOnAbort(replied, signal);
    },
    /** Frees the networks' memory where a Worker is running. */
    releaseModels: async (): Promise<void> => {
      loadedModel = null;
      await drained;
      if (worker !== null) await post('releaseModels', null).replied;
    },
    /** Ends the Worker with all its memory. The next call starts another. */
    terminate: () => endWorker(new DetectorError('engine-ended', 'The engine was stopped')),
  };
}

/** Answers a call's questions from its source. Each frame after the first waits for its turn. */
function createFrameAnswerer(
  source: FrameSource<UncutFrame>,
  beforeFrame: ScanPolicy['beforeFrame'],
): (question: FrameQuestion, signal: AbortSignal) => Promise<FrameAnswer> {
  let open: UncutFrame | null = null;
  let isFirst = true;

  async function nextFrame(signal: AbortSignal): Promise<FrameAnswer> {
    if (!isFirst) await beforeFrame(signal);
    isFirst = false;
    const frame = await source.nextFrame(signal);
    // The pixels go to the Worker; only a picture that stays in the page is cut from here.
    open = frame?.cut === undefined ? null : frame;
    return {
      name: 'next-frame',
      frame: frame === null ? null : { ...factsOf(frame), pixels: frame.pixels },
      ending: source.ending(),
    };
  }

  return async (question, signal) => {
    switch (question.name) {
      case 'next-frame':
        return await nextFrame(signal);
      case 'cut': {
        const cuts = (await open?.cut?.(question.regions, signal)) ?? null;
        return { name: 'cut', cuts, ending: source.ending() };
      }
      default:
        return question satisfies never;
    }
  };
}

function pixelsOf(answer: FrameAnswer): Transferable[] {
  if (answer.name === 'cut') return answer.cuts?.map(({ data }) => data.buffer) ?? [];
  return answer.frame === null ? [] : transferablesOf(answer.frame.pixels);
}

/** Closes the pixels of an answer that came too late. */
function discard(answer: FrameAnswer): void {
  if (answer.name === 'next-frame' && answer.frame !== null) closePixels(answer.frame.pixels);
}

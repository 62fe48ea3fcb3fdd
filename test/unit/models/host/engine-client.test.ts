import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FrameSource, UncutFrame } from '../../../../models/frames/frame-source.ts';
import { createEngineClient } from '../../../../models/host/engine-client.ts';
import type { EngineScan } from '../../../../models/host/engine-client.ts';
import type { EngineCommand, EngineMessage } from '../../../../models/host/engine-protocol.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';

/** A message that a test sends in the Worker's place. The id of the last call is added. */
type Said = EngineMessage extends infer Message
  ? Message extends EngineMessage
    ? Omit<Message, 'id'>
    : never
  : never;

/** A Worker that answers when the test tells it to. */
function createFakeWorker() {
  const target = new EventTarget();
  const received: EngineCommand[] = [];
  const state = { isTerminated: false };
  const worker = Object.assign(target, {
    postMessage: (command: EngineCommand) => received.push(command),
    terminate: () => {
      state.isTerminated = true;
    },
  }) as unknown as Worker;
  const say = (message: Said, id = received.at(-1)!.id): void => {
    target.dispatchEvent(Object.assign(new Event('message'), { data: { ...message, id } }));
  };
  return {
    worker,
    received,
    state,
    say,
    crash: () => target.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
  };
}

type FakeWorker = ReturnType<typeof createFakeWorker>;

function createClient() {
  const workers: FakeWorker[] = [];
  const client = createEngineClient(() => {
    const fake = createFakeWorker();
    workers.push(fake);
    return fake.worker;
  });
  return { client, workers };
}

const NEVER = new AbortController().signal;
const MODEL = { modelId: 'ed-1', networks: [], dtype: 'fp32', device: 'wasm', isDemo: false } as const;
/** Lets the calls run until they wait. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** A captured picture that counts how often it is closed. */
function createFrame(frameIndex: number): { readonly frame: UncutFrame; readonly closed: () => number } {
  let closedCount = 0;
  const close = (): void => {
    closedCount++;
  };
  const captured = { width: 1, height: 1, close };
  const part = { part: { left: 0, top: 0, width: 1, height: 1 }, blanks: [], size: captured, scale: 1 };
  return {
    frame: {
      frameIndex,
      mediaTimeSeconds: frameIndex,
      size: { width: 1, height: 1 },
      pixels: { kind: 'captured', captured, part },
    },
    closed: () => closedCount,
  };
}

function scanOf(change: {
  readonly nextFrame?: FrameSource<UncutFrame>['nextFrame'];
  readonly policy?: Partial<EngineScan['policy']>;
  readonly onCancel?: EngineScan['onCancel'];
  readonly onEvent?: EngineScan['onEvent'];
}): EngineScan {
  return {
    source: {
      kind: 'element',
      nextFrame: change.nextFrame ?? (() => Promise.resolve(null)),
      ending: () => null,
      close: () => undefined,
    },
    modelIds: ['ed-1'],
    bands: VERDICT_BANDS,
    policy: {
      kind: 'by-hand',
      framesAsked: 5,
      durationSeconds: null,
      mayStop: 'never',
      judgesStill: true,
      beforeFrame: () => Promise.resolve(),
      spent: () => undefined,
      ...change.policy,
    },
    onEvent: change.onEvent ?? (() => undefined),
    onCancel: change.onCancel ?? 'drain',
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first call starts the Worker, and all calls share it', async () => {
  const { client, workers } = createClient();
  expect(workers).toHaveLength(0);
  const first = client.scan(scanOf({}), NEVER);
  await settle();
  workers[0]!.say({ type: 'reply', value: 'one' });
  expect(await first).toBe('one');
  const second = client.testModel('ed-1');
  await settle();
  workers[0]!.say({ type: 'reply', value: 'two' });
  expect(await second).toBe('two');
  expect(workers).toHaveLength(1);
  expect(workers[0]!.received).toMatchObject([{ name: 'scan' }, { name: 'testModel' }]);
});

test('faces that are cut come before the reply, and frames are asked of the given source', async () => {
  const { client, workers } = createClient();
  const { frame } = createFrame(0);
  const frames = [frame];
  const faces: unknown[] = [];
  const { source } = scanOf({ nextFrame: () => Promise.resolve(frames.pop() ?? null) });
  const onFace = (face: unknown): void => void faces.push(face);
  const call = client.extractFaces({ source, input: { cropMargin: 0, sidePixels: 224 }, onFace }, NEVER);
  await settle();
  const { received, say } = workers[0]!;
  expect(received).toMatchObject([{ name: 'extractFaces', request: { cropMargin: 0, sidePixels: 224 } }]);
  say({ type: 'question', question: { name: 'next-frame' } });
  await settle();
  expect(received.at(-1)).toMatchObject({ type: 'frame-answer', answer: { frame: { frameIndex: 0 } } });
  const face = {
    personId: 1,
    frameIndex: 0,
    mediaTimeSeconds: 0,
    box: [0, 0, 1, 1],
    detectorScore: 0.9,
    picture: { data: new Uint8Array(3), width: 1, height: 1, channels: 3 },
  } as const;
  say({ type: 'face', face });
  say({ type: 'reply', value: { framesScanned: 1, refusal: null } });
  expect(await call).toEqual({ framesScanned: 1, refusal: null });
  expect(faces).toEqual([face]);
});

test('an error keeps its code', async () => {
  const { client, workers } = createClient();
  const call = client.scan(scanOf({}), NEVER);
  call.catch(() => undefined);
  await settle();
  workers[0]!.say({ type: 'error', error: { code: 'model-invalid', message: 'cut short' } });
  await expect(call).rejects.toMatchObject({ name: 'DetectorError', code: 'model-invalid' });
});

test('what is loaded is known until the Worker ends', async () => {
  const { client, workers } = createClient();
  const call = client.scan(scanOf({}), NEVER);
  call.catch(() => undefined);
  await settle();
  workers[0]!.say({ type: 'loaded', model: MODEL });
  expect(client.loadedModel()).toEqual(MODEL);
  client.terminate();
  expect(client.loadedModel()).toBeNull();
  await expect(call).rejects.toMatchObject({ code: 'engine-ended' });
});

describe('frames', () => {
  test('cross when they are asked for, each but the first when the policy lets it be taken', async () => {
    const { client, workers } = createClient();
    const turn = Promise.withResolvers<undefined>();
    const frames = [createFrame(0), createFrame(1)];
    let taken = 0;
    const scan = scanOf({
      nextFrame: () => Promise.resolve(frames[taken++]?.frame ?? null),
      policy: { beforeFrame: () => turn.promise },
    });
    client.scan(scan, NEVER).catch(() => undefined);
    await settle();
    const [worker] = workers;
    expect(taken).toBe(0);
    worker!.say({ type: 'question', question: { name: 'next-frame' } });
    await settle();
    expect(worker!.received.at(-1)).toMatchObject({
      type: 'frame-answer',
      answer: { frame: { frameIndex: 0 }, ending: null },
    });
    worker!.say({ type: 'question', question: { name: 'next-frame' } });
    await settle();
    expect(taken).toBe(1);
    turn.resolve(undefined);
    await settle();
    expect(worker!.received.at(-1)).toMatchObject({ answer: { frame: { frameIndex: 1 } } });
    // They were transferred: the Worker closes them.
    expect(frames.map(({ closed }) => closed())).toEqual([0, 0]);
  });

  test('that come after the scan is over are closed here', async () => {
    const { client, workers } = createClient();
    const aborting = new AbortController();
    const late = Promise.withResolvers<UncutFrame>();
    const { frame, closed } = createFrame(0);
    client.scan(scanOf({ nextFrame: () => late.promise }), aborting.signal).catch(() => undefined);
    await settle();
    workers[0]!.say({ type: 'question', question: { name: 'next-frame' } });
    await settle();
    aborting.abort();
    workers[0]!.say({ type: 'error', error: { code: 'internal', message: 'aborted' } });
    late.resolve(frame);
    await settle();
    expect(closed()).toBe(1);
    expect(workers[0]!.received.map(({ type }) => type)).toEqual(['call', 'abort']);
  });

  test('that can’t be had are an error in the Worker, with its code', async () => {
    const { client, workers } = createClient();
    client
      .scan(scanOf({ nextFrame: () => Promise.reject(new Error('nonsense')) }), NEVER)
      .catch(() => undefined);
    await settle();
    workers[0]!.say({ type: 'question', question: { name: 'next-frame' } });
    await settle();
    expect(workers[0]!.received.at(-1)).toMatchObject({
      type: 'frame-error',
      error: { code: 'internal', message: 'nonsense' },
    });
  });
});

describe('a check by hand that is cancelled', () => {
  test('rejects at once, and the Worker ends after 2 s if it has not answered by then', async () => {
    const { client, workers } = createClient();
    const aborting = new AbortController();
    const call = client.scan(scanOf({}), aborting.signal);
    call.catch(() => undefined);
    await settle();
    aborting.abort();
    await expect(call).rejects.toThrow(/abort/i);
    expect(workers[0]!.received.at(-1)).toMatchObject({ type: 'abort' });
    await vi.advanceTimersByTimeAsync(1999);
    expect(workers[0]!.state.isTerminated).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(workers[0]!.state.isTerminated).toBe(true);
  });

  test('leaves a Worker that answers in time, with what it has loaded', async () => {
    const { client, workers } = createClient();
    const aborting = new AbortController();
    client.scan(scanOf({}), aborting.signal).catch(() => undefined);
    await settle();
    aborting.abort();
    await vi.advanceTimersByTimeAsync(1500);
    workers[0]!.say({ type: 'error', error: { code: 'internal', message: 'aborted' } });
    await vi.advanceTimersByTimeAsync(3000);
    expect(workers[0]!.state.isTerminated).toBe(false);
  });

  test('does not take the next scan down with its Worker', async () => {
    const { client, workers } = createClient();
    const aborting = new AbortController();
    client.scan(scanOf({}), aborting.signal).catch(() => undefined);
    await settle();
    aborting.abort();
    const next = client.scan(scanOf({}), NEVER);
    await vi.advanceTimersByTimeAsync(2000);
    expect(workers).toHaveLength(2);
    workers[1]!.say({ type: 'reply', value: 'a verdict' });
    expect(await next).toBe('a verdict');
  });
});

describe('an automatic scan that is cancelled', () => {
  test('is over at once, and its run goes on undisturbed in the Worker', async () => {
    const { client, workers } = createClient();
    const aborting = new AbortController();
    const call = client.scan(scanOf({ onCancel: 'let-finish' }), aborting.signal);
    call.catch(() => undefined);
    await settle();
    aborting.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers[0]!.state.isTerminated).toBe(false);
  });

  test('is charged for what goes on, when that ends, and says nothing more', async () => {
    const { client, workers } = createClient();
    const aborting = new AbortController();
    const late: number[] = [];
    const events: unknown[] = [];
    const scan = scanOf({
      onCancel: 'let-finish',
      policy: { spent: (milliseconds) => void late.push(milliseconds) },
      onEvent: (event) => events.push(event),
    });
    client.scan(scan, aborting.signal).catch(() => undefined);
    await settle();
    aborting.abort();
    await settle();
    workers[0]!.say({ type: 'event', event: { kind: 'running', framesScanned: 1, framesAsked: 5 } });
    workers[0]!.say({ type: 'spent', busyMilliseconds: 700 });
    expect(late).toEqual([700]);
    expect(events).toEqual([]);
  });

  test('is not begun where it was cancelled before', async () => {
    const { client, workers } = createClient();
    await expect(client.scan(scanOf({ onCancel: 'let-finish' }), AbortSignal.abort())).rejects.toThrow(
      /abort/i,
    );
    expect(workers).toHaveLength(0);
  });
});

test('a Worker that crashes fails its calls as runtime-failed, and the next call starts another', async () => {
  const { client, workers } = createClient();
  const call = client.scan(scanOf({}), NEVER);
  call.catch(() => undefined);
  await settle();
  workers[0]!.crash();
  await expect(call).rejects.toMatchObject({ code: 'runtime-failed' });
  client.scan(scanOf({}), NEVER).catch(() => undefined);
  await settle();
  expect(workers).toHaveLength(2);
});

test('a Worker that says nothing for three minutes is ended; one that waits for a frame is not', async () => {
  const { client, workers } = createClient();
  const frame = Promise.withResolvers<null>();
  const call = client.scan(scanOf({ nextFrame: () => frame.promise }), NEVER);
  call.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(2 * 60 * 1000);
  workers[0]!.say({ type: 'event', event: { kind: 'loading-model' } });
  await vi.advanceTimersByTimeAsync(2 * 60 * 1000);
  expect(workers[0]!.state.isTerminated).toBe(false);
  workers[0]!.say({ type: 'question', question: { name: 'next-frame' } });
  await vi.advanceTimersByTimeAsync(60 * 60 * 1000);
  expect(workers[0]!.state.isTerminated).toBe(false);
  frame.resolve(null);
  await vi.advanceTimersByTimeAsync(3 * 60 * 1000);
  await expect(call).rejects.toMatchObject({ code: 'runtime-failed' });
  expect(workers[0]!.state.isTerminated).toBe(true);
});

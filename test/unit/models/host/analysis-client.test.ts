import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAnalysisClient } from '../../../../models/host/analysis-client.ts';
import type { AnalysisMessage } from '../../../../models/host/analysis-protocol.ts';

/** A Worker that answers when it is told to. */
function createFakeWorker() {
  const target = new EventTarget();
  const received: AnalysisMessage[] = [];
  const state = { isTerminated: false };
  const worker = Object.assign(target, {
    postMessage: (message: AnalysisMessage) => received.push(message),
    terminate: () => {
      state.isTerminated = true;
    },
  }) as unknown as Worker;
  const say = (data: object): void => {
    target.dispatchEvent(Object.assign(new Event('message'), { data }));
  };
  return {
    worker,
    received,
    state,
    answer: (value: unknown) => say({ id: received.at(-1)!.id, ok: true, value }),
    refuse: (code: string) => say({ id: received.at(-1)!.id, ok: false, error: { code, message: code } }),
    crash: () => target.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
  };
}

type FakeWorker = ReturnType<typeof createFakeWorker>;

function createClient() {
  const workers: FakeWorker[] = [];
  const client = createAnalysisClient(() => {
    const fake = createFakeWorker();
    workers.push(fake);
    return fake.worker;
  });
  return { client, workers };
}

const NEVER = new AbortController().signal;
/** Lets the calls get as far as they can. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first call starts the Worker, and all calls share it', async () => {
  const { client, workers } = createClient();
  expect(workers).toHaveLength(0);
  const first = client.judgeFaces([], 0, NEVER);
  await settle();
  workers[0]!.answer('one');
  expect(await first).toBe('one');
  const second = client.judgeFaces([], 4, NEVER);
  await settle();
  workers[0]!.answer('two');
  expect(await second).toBe('two');
  expect(workers).toHaveLength(1);
  expect(workers[0]!.received.map(({ name }) => name)).toEqual(['judgeFaces', 'judgeFaces']);
});

test('an error keeps its code', async () => {
  const { client, workers } = createClient();
  const call = client.loadModel(['ed-1'], NEVER);
  call.catch(() => undefined);
  await settle();
  workers[0]!.refuse('model-invalid');
  await expect(call).rejects.toMatchObject({ name: 'DetectorError', code: 'model-invalid' });
});

test('an aborted call rejects at once, and the Worker ends after 2 s if it has not answered by then', async () => {
  const { client, workers } = createClient();
  const aborting = new AbortController();
  const call = client.judgeFaces([], 0, aborting.signal);
  call.catch(() => undefined);
  await settle();
  aborting.abort();
  await expect(call).rejects.toThrow(/abort/i);
  await vi.advanceTimersByTimeAsync(1999);
  expect(workers[0]!.state.isTerminated).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(workers[0]!.state.isTerminated).toBe(true);
});

test('a Worker that answers the aborted call in time stays, with what it has loaded', async () => {
  const { client, workers } = createClient();
  const aborting = new AbortController();
  const call = client.judgeFaces([], 0, aborting.signal);
  call.catch(() => undefined);
  await settle();
  aborting.abort();
  await vi.advanceTimersByTimeAsync(1500);
  workers[0]!.answer(null);
  await vi.advanceTimersByTimeAsync(3000);
  expect(workers[0]!.state.isTerminated).toBe(false);
});

test('the next scan’s call does not go down with the Worker of the cancelled one', async () => {
  const { client, workers } = createClient();
  const aborting = new AbortController();
  client.judgeFaces([], 0, aborting.signal).catch(() => undefined);
  await settle();
  aborting.abort();
  const next = client.loadModel(['ed-1'], NEVER);
  await vi.advanceTimersByTimeAsync(2000);
  expect(workers).toHaveLength(2);
  workers[1]!.answer({ usedModel: { modelId: 'ed-1' } });
  expect(await next).toMatchObject({ usedModel: { modelId: 'ed-1' } });
  expect(client.loadedModel()).toMatchObject({ modelId: 'ed-1' });
});

test('a Worker that crashes fails its calls as runtime-failed, and the next call starts another', async () => {
  const { client, workers } = createClient();
  const call = client.judgeFaces([], 0, NEVER);
  call.catch(() => undefined);
  await settle();
  workers[0]!.crash();
  await expect(call).rejects.toMatchObject({ code: 'runtime-failed' });
  void client.judgeFaces([], 0, NEVER).catch(() => undefined);
  await settle();
  expect(workers).toHaveLength(2);
});

test('a call that is never answered fails after three minutes', async () => {
  const { client, workers } = createClient();
  const call = client.loadModel(['ed-1'], NEVER);
  call.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(3 * 60 * 1000);
  await expect(call).rejects.toMatchObject({ code: 'runtime-failed' });
  expect(workers[0]!.state.isTerminated).toBe(true);
});

import { afterEach, expect, test, vi } from 'vitest';
import { createInstaller } from '../../../../models/host/installer.ts';
import type { InstallAnswer, InstallerDeps } from '../../../../models/host/installer.ts';
import type {
  InstallationState,
  InstallItem,
  InstallRequest,
} from '../../../../utils/domain/installation.ts';

const ITEMS: readonly InstallItem[] = [
  { detector: 'genconvit', network: 'ed', dtype: 'fp16', device: 'wasm' },
  { detector: 'genconvit', network: 'vae', dtype: 'int8', device: 'wasm' },
];
const DOWNLOAD: InstallRequest = { kind: 'download', title: 'GenConViT', items: ITEMS };

class FakeWorker extends EventTarget {
  readonly posted: unknown[] = [];
  isTerminated = false;
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  terminate(): void {
    this.isTerminated = true;
  }
  say(data: InstallAnswer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

function stage(deps: Partial<InstallerDeps> = {}): {
  readonly installer: ReturnType<typeof createInstaller>;
  readonly workers: readonly FakeWorker[];
  readonly states: readonly InstallationState[];
  readonly tested: readonly string[];
} {
  const workers: FakeWorker[] = [];
  const states: InstallationState[] = [];
  const tested: string[] = [];
  const installer = createInstaller({
    startWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker as unknown as Worker;
    },
    onInstalled: () => Promise.resolve(),
    testModel: (modelId) => {
      tested.push(modelId);
      return Promise.reject(new Error('how it ends is no matter here'));
    },
    onState: (state) => states.push(state),
    ...deps,
  });
  return { installer, workers, states, tested };
}

const settle = (): Promise<void> => new Promise((elapsed) => setTimeout(elapsed, 5));
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

afterEach(() => {
  vi.useRealTimers();
});

test('tests every installed network, and then reports it', async () => {
  const { installer, workers, states, tested } = stage();
  installer.start(DOWNLOAD);
  workers[0]!.say({ type: 'model', modelId: 'ed-1', title: 'GenConViT ED' });
  workers[0]!.say({ type: 'model', modelId: 'vae-1', title: 'GenConViT VAE' });
  workers[0]!.say({ type: 'installed' });
  await settle();
  expect(tested).toEqual(['ed-1', 'vae-1']);
  expect(states.map(({ kind }) => kind)).toEqual(['preparing', 'testing', 'testing', 'installed']);
  expect(states.slice(1, 3)).toEqual([
    { kind: 'testing', title: 'GenConViT ED' },
    { kind: 'testing', title: 'GenConViT VAE' },
  ]);
  expect(states.at(-1)).toEqual({ kind: 'installed', modelIds: ['ed-1', 'vae-1'] });
  expect(workers[0]!.isTerminated).toBe(true);
});

test('tests the first network also where the second could not be fetched, and tells of the failure last', async () => {
  const { installer, workers, tested } = stage();
  installer.start(DOWNLOAD);
  workers[0]!.say({ type: 'model', modelId: 'ed-1', title: 'GenConViT ED' });
  workers[0]!.say({ type: 'failed', code: 'source-failed', message: 'x' });
  await settle();
  expect(tested).toEqual(['ed-1']);
  expect(installer.state()).toEqual({ kind: 'failed', code: 'source-failed', message: 'x', items: ITEMS });
  expect(installer.isBusy()).toBe(false);
});

test('ends although the networks that were loaded could not be released', async () => {
  const { installer, workers } = stage({ onInstalled: () => Promise.reject(new Error('Worker gone')) });
  installer.start(DOWNLOAD);
  workers[0]!.say({ type: 'model', modelId: 'ed-1', title: 'GenConViT ED' });
  workers[0]!.say({ type: 'installed' });
  await settle();
  expect(installer.state().kind).toBe('installed');
  expect(installer.isBusy()).toBe(false);
});

test('is cancelled while it waits behind a scan', async () => {
  const { installer, workers } = stage({ onInstalled: untilAborted });
  installer.start(DOWNLOAD);
  workers[0]!.say({ type: 'model', modelId: 'ed-1', title: 'GenConViT ED' });
  workers[0]!.say({ type: 'installed' });
  await settle();
  expect(installer.isBusy()).toBe(true);
  installer.cancel();
  await settle();
  expect(installer.state().kind).toBe('installed');
});

test('leaves a running one alone, and begins a request that came during a cancellation after it', async () => {
  const { installer, workers } = stage();
  installer.start(DOWNLOAD);
  installer.start(DOWNLOAD);
  expect(workers).toHaveLength(1);
  installer.cancel();
  installer.start({ kind: 'download', title: 'GenConViT', items: [ITEMS[0]!] });
  expect(workers).toHaveLength(1);
  workers[0]!.say({ type: 'cancelled' });
  await settle();
  expect(workers).toHaveLength(2);
  expect(workers[1]!.posted).toEqual([
    { type: 'install', request: { kind: 'download', title: 'GenConViT', items: [ITEMS[0]] } },
  ]);
});

test('ends a Worker that does not answer a cancel, and hears nothing of it afterwards', async () => {
  vi.useFakeTimers();
  const { installer, workers } = stage();
  installer.start(DOWNLOAD);
  installer.cancel();
  await vi.advanceTimersByTimeAsync(6000);
  expect(workers[0]!.isTerminated).toBe(true);
  expect(installer.state()).toEqual({ kind: 'cancelled' });
  workers[0]!.say({ type: 'failed', code: 'internal', message: 'late' });
  expect(installer.state()).toEqual({ kind: 'cancelled' });
});

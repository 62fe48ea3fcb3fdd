import type { InstallationState, InstallRequest } from '../../utils/installation.ts';
import { isInstalling } from '../../utils/installation.ts';
import type { SelfTest } from '../../utils/protocol.ts';
import type { InstallAnswer, InstallCommand } from './install-messages.ts';

/** The one installation of the extension. It runs in the host, so that closing a page does not end it. */
export type Installer = {
  /** Begins, unless something is being installed already. @returns the state as it is now */
  readonly start: (request: InstallRequest) => InstallationState;
  /** Nothing happens where nothing is being installed. */
  readonly cancel: () => void;
  readonly state: () => InstallationState;
  readonly isBusy: () => boolean;
};

export type InstallerDeps = {
  readonly startWorker: () => Worker;
  /** Networks that are loaded belong to files that may be gone, and what a scan uses may have become another. */
  readonly onInstalled: () => Promise<void>;
  readonly testModel: (modelId: string, signal: AbortSignal) => Promise<SelfTest>;
  /** Every state, in order. */
  readonly onState: (state: InstallationState) => void;
};

/** How long a Worker that was told to stop may take: a shard's last block, and letting go of its files. */
const CANCEL_MILLISECONDS = 5000;

export function createInstaller(deps: InstallerDeps): Installer {
  let state: InstallationState = { kind: 'idle' };
  let worker: Worker | null = null;
  let cancelling = new AbortController();

  function show(next: InstallationState): void {
    state = next;
    deps.onState(next);
  }

  function start(request: InstallRequest): InstallationState {
    if (isInstalling(state)) return state;
    cancelling = new AbortController();
    const started = deps.startWorker();
    worker = started;
    show({ kind: 'preparing', title: titleOf(request) });
    started.addEventListener('message', ({ data }: MessageEvent<InstallAnswer>) => {
      if (worker === started) void take(data, request);
    });
    started.addEventListener('error', ({ message }) => {
      if (worker === started) void take({ type: 'failed', code: 'internal', message }, request);
    });
    started.postMessage({ type: 'install', request } satisfies InstallCommand);
    return state;
  }

  async function take(answer: InstallAnswer, request: InstallRequest): Promise<void> {
    if (answer.type === 'state') {
      show(answer.state);
      return;
    }
    worker?.terminate();
    worker = null;
    const isKept = request.kind === 'download';
    switch (answer.type) {
      case 'installed':
        await finish(answer.modelIds);
        return;
      case 'cancelled':
        show({ kind: 'cancelled', isKept });
        return;
      case 'failed':
        show({
          kind: 'failed',
          code: answer.code,
          message: answer.message,
          // Of a file that has changed nothing can be used any more.
          isKept: isKept && answer.code !== 'source-changed',
          items: request.kind === 'download' ? request.items : [],
        });
    }
  }

  async function finish(modelIds: readonly string[]): Promise<void> {
    const { signal } = cancelling;
    await deps.onInstalled();
    for (const modelId of modelIds) {
      if (signal.aborted) break;
      show({ kind: 'testing', network: modelId.startsWith('vae-') ? 'vae' : 'ed' });
      // How it ended stands beside the model. Where it could not even be made, the first check will say why.
      await deps.testModel(modelId, signal).catch(() => undefined);
    }
    show({ kind: 'installed', modelIds });
  }

  function cancel(): void {
    if (!isInstalling(state) || cancelling.signal.aborted) return;
    cancelling.abort();
    const cancelled = worker;
    if (cancelled === null) return;
    cancelled.postMessage({ type: 'cancel' } satisfies InstallCommand);
    // A Worker that does not answer is ended; what it has finished stays all the same.
    setTimeout(() => {
      if (worker !== cancelled) return;
      cancelled.terminate();
      worker = null;
      show({ kind: 'cancelled', isKept: true });
    }, CANCEL_MILLISECONDS);
  }

  return { start, cancel, state: () => state, isBusy: () => isInstalling(state) };
}

function titleOf(request: InstallRequest): string {
  switch (request.kind) {
    case 'download':
      return 'GenConViT';
    case 'checkpoint-file':
      return request.file.name;
    case 'model-folder':
      return 'the folder';
  }
}

import { installationTitle } from '../../utils/domain/installation.ts';
import type { InstallationState, InstallRequest } from '../../utils/domain/installation.ts';
import type { InstallAnswer, InstallCommand } from './install-messages.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/** The one installation of the extension. It runs in the host, so that closing a page does not end it. */
export type Installer = {
  /** Begins, behind one that is just being cancelled; one that runs is left alone. @returns the state as it is now */
  readonly start: (request: InstallRequest) => InstallationState;
  /** Nothing happens where nothing is being installed. */
  readonly cancel: () => void;
  readonly state: () => InstallationState;
  readonly isBusy: () => boolean;
};

export type InstallerDeps = {
  readonly startWorker: () => Worker;
  /** Networks that are loaded belong to files that may be gone, and what a scan uses may have become another. */
  readonly onInstalled: (signal: AbortSignal) => Promise<void>;
  readonly testModel: (modelId: string, signal: AbortSignal) => Promise<SelfTest>;
  /** Every state, in order. */
  readonly onState: (state: InstallationState) => void;
};

/** How long a Worker that was told to stop may take: a shard's last block, and letting go of its files. */
const CANCEL_MILLISECONDS = 5000;

/** One installation while it runs. */
type Running = {
  readonly request: InstallRequest;
  readonly cancelling: AbortController;
  readonly worker: Worker;
  readonly models: { readonly modelId: string; readonly title: string }[];
  /** Whether the Worker has said its last word, or was ended. */
  hasEnded: boolean;
};

export function createInstaller(deps: InstallerDeps): Installer {
  let state: InstallationState = { kind: 'idle' };
  let running: Running | null = null;
  /** What was asked for while another one was being cancelled. */
  let following: InstallRequest | null = null;

  function show(next: InstallationState): void {
    state = next;
    deps.onState(next);
  }

  function start(request: InstallRequest): InstallationState {
    if (running !== null) {
      if (running.cancelling.signal.aborted) following = request;
      return state;
    }
    const worker = deps.startWorker();
    const begun: Running = {
      request,
      cancelling: new AbortController(),
      worker,
      models: [],
      hasEnded: false,
    };
    running = begun;
    show({ kind: 'preparing', title: installationTitle(request) });
    worker.addEventListener('message', ({ data }: MessageEvent<InstallAnswer>) => take(begun, data));
    worker.addEventListener('error', ({ message }) =>
      take(begun, { type: 'failed', code: 'internal', message }),
    );
    worker.postMessage({ type: 'install', request } satisfies InstallCommand);
    return state;
  }

  function take(begun: Running, answer: InstallAnswer): void {
    if (begun.hasEnded) return;
    switch (answer.type) {
      case 'state':
        show(answer.state);
        return;
      case 'model':
        begun.models.push(answer);
        return;
      case 'installed':
        void end(begun, {
          kind: 'installed',
          modelIds: begun.models.map(({ modelId }) => modelId),
        });
        return;
      case 'cancelled':
        void end(begun, { kind: 'cancelled' });
        return;
      case 'failed': {
        const { code, message } = answer;
        const items = begun.request.kind === 'download' ? begun.request.items : [];
        void end(begun, { kind: 'failed', code, message, items });
      }
    }
  }

  /** Whatever the end is, the networks that are there are taken up and tested. */
  async function end(begun: Running, last: InstallationState): Promise<void> {
    begun.hasEnded = true;
    begun.worker.terminate();
    const { signal } = begun.cancelling;
    // Where a scan's Worker fails meanwhile, the next check will say so itself: the network is there all the same.
    if (begun.models.length > 0) await deps.onInstalled(signal).catch(() => undefined);
    for (const { modelId, title } of begun.models) {
      if (signal.aborted) break;
      show({ kind: 'testing', title });
      // How it ended stands beside the model. Where it could not even be made, the first check will say why.
      await deps.testModel(modelId, signal).catch(() => undefined);
    }
    running = null;
    show(last);
    const next = following;
    following = null;
    if (next !== null) start(next);
  }

  function cancel(): void {
    following = null;
    const cancelled = running;
    if (cancelled === null || cancelled.cancelling.signal.aborted) return;
    cancelled.cancelling.abort();
    if (cancelled.hasEnded) return;
    cancelled.worker.postMessage({ type: 'cancel' } satisfies InstallCommand);
    // A Worker that does not answer is ended; what it has finished stays all the same.
    setTimeout(() => take(cancelled, { type: 'cancelled' }), CANCEL_MILLISECONDS);
  }

  return { start, cancel, state: () => state, isBusy: () => running !== null };
}

import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import { installationTitle } from '../../utils/domain/installation.ts';
import type { InstallationState, InstallRequest } from '../../utils/domain/installation.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/** The messages to the Worker that installs: begin an installation, or end it early. */
export type InstallCommand =
  { readonly type: 'install'; readonly request: InstallRequest } | { readonly type: 'cancel' };

/** The messages from the Worker; the last three end the installation. */
export type InstallAnswer =
  | { readonly type: 'state'; readonly state: InstallationState }
  /** One network is installed; further ones may follow or fail. */
  | { readonly type: 'model'; readonly modelId: string; readonly title: string }
  | { readonly type: 'installed' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly code: DetectorErrorCode; readonly message: string };

export type InstallerDeps = {
  readonly startWorker: () => Worker;
  /**
   * Called after an installation: the loaded networks' files may have been removed, and the next scan may use other
   * networks.
   */
  readonly onInstalled: (signal: AbortSignal) => Promise<void>;
  readonly testModel: (modelId: string, signal: AbortSignal) => Promise<SelfTest>;
  /** Called with every state, in order. */
  readonly onState: (state: InstallationState) => void;
};

/** A cancelled Worker may take this long to write a shard's last block and close its files. */
const CANCEL_MILLISECONDS = 5000;

/** One installation while it runs. */
type Running = {
  readonly request: InstallRequest;
  readonly cancelling: AbortController;
  readonly worker: Worker;
  readonly models: { readonly modelId: string; readonly title: string }[];
  /** Whether the Worker has sent its last message, or was ended. */
  hasEnded: boolean;
};

/** The one installation of the extension. It runs in the host, so that closing a page does not end it. */
export function createInstaller(deps: InstallerDeps) {
  let state: InstallationState = { kind: 'idle' };
  let running: Running | null = null;
  /** A request that came while another installation was being cancelled. It begins afterwards. */
  let following: InstallRequest | null = null;

  function show(next: InstallationState): void {
    state = next;
    deps.onState(next);
  }

  /**
   * Begins an installation. It first waits for one that is being cancelled; a running one continues instead.
   * @returns the state after the call
   */
  function start(request: InstallRequest): InstallationState {
    if (running !== null) {
      if (running.cancelling.signal.aborted) following = request;
      return state;
    }
    const worker = deps.startWorker();
    const cancelling = new AbortController();
    const begun: Running = { request, cancelling, worker, models: [], hasEnded: false };
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
        void end(begun, { kind: 'installed', modelIds: begun.models.map(({ modelId }) => modelId) });
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

  /** After every end, the networks that were installed are announced and tested. */
  async function end(begun: Running, last: InstallationState): Promise<void> {
    begun.hasEnded = true;
    begun.worker.terminate();
    const { signal } = begun.cancelling;
    // A failure of the engine's Worker does not undo the installation; the next scan reports it.
    if (begun.models.length > 0) await deps.onInstalled(signal).catch(() => undefined);
    for (const { modelId, title } of begun.models) {
      if (signal.aborted) break;
      show({ kind: 'testing', title });
      // The result is stored beside the model. If the test can't run, the first scan reports why.
      await deps.testModel(modelId, signal).catch(() => undefined);
    }
    running = null;
    show(last);
    const next = following;
    following = null;
    if (next !== null) start(next);
  }

  /** Nothing happens without an installation. */
  function cancel(): void {
    following = null;
    const cancelled = running;
    if (cancelled === null || cancelled.cancelling.signal.aborted) return;
    cancelled.cancelling.abort();
    if (cancelled.hasEnded) return;
    cancelled.worker.postMessage({ type: 'cancel' } satisfies InstallCommand);
    // A Worker that does not answer is ended; its finished networks stay.
    setTimeout(() => take(cancelled, { type: 'cancelled' }), CANCEL_MILLISECONDS);
  }

  return { start, cancel, state: () => state, isBusy: () => running !== null };
}

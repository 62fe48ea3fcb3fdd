import { useEffect, useRef, useState } from 'preact/hooks';
import type { WeightDtype } from '../../models/genconvit/conversion-options.ts';
import type { InstallProgress } from '../../models/store/install-model.ts';
import type { DetectorErrorCode } from '../../utils/errors.ts';
import type { InstalledModel } from '../../utils/protocol.ts';
import ConvertWorker from './convert.worker.ts?worker';
import type { ConvertReply, ConvertRequest } from './convert-messages.ts';

export type InstallState =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'running';
      readonly fileName: string;
      /** null before the first word of the Worker. */
      readonly progress: InstallProgress | null;
      /** `performance.now()` at the start of the phase that `progress` is about. */
      readonly phaseStartedAt: number;
    }
  | { readonly kind: 'installed'; readonly model: InstalledModel }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly fileName: string;
      readonly code: DetectorErrorCode;
      readonly message: string;
    };

export type Install = {
  readonly state: InstallState;
  /** Does nothing while an installation runs. */
  readonly start: (file: File, dtype: WeightDtype) => void;
  readonly cancel: () => void;
};

/** One installation at a time, in a Worker that lives as long as it. @param onInstalled called at its good end */
export function useInstall(onInstalled: () => void): Install {
  const [state, setState] = useState<InstallState>({ kind: 'idle' });
  const worker = useRef<Worker | null>(null);
  const isRunning = state.kind === 'running';

  // Leaving the page ends the work: the browser asks first.
  useEffect(() => {
    if (!isRunning) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isRunning]);

  function end(last: InstallState): void {
    worker.current?.terminate();
    worker.current = null;
    setState(last);
  }

  function start(file: File, dtype: WeightDtype): void {
    if (worker.current !== null) return;
    const fileName = file.name;
    const started = new ConvertWorker();
    worker.current = started;
    setState({ kind: 'running', fileName, progress: null, phaseStartedAt: performance.now() });
    started.addEventListener('message', ({ data }: MessageEvent<ConvertReply>) => {
      switch (data.type) {
        case 'progress':
          setState((current) => withProgress(current, data.progress));
          return;
        case 'installed':
          end({ kind: 'installed', model: data.model });
          onInstalled();
          return;
        case 'cancelled':
          end({ kind: 'cancelled' });
          return;
        case 'failed':
          end({ kind: 'failed', fileName, code: data.code, message: data.message });
      }
    });
    started.addEventListener('error', ({ message }) => {
      end({ kind: 'failed', fileName, code: 'internal', message });
    });
    started.postMessage({ type: 'install', file, dtype } satisfies ConvertRequest);
  }

  function cancel(): void {
    worker.current?.postMessage({ type: 'cancel' } satisfies ConvertRequest);
  }

  return { state, start, cancel };
}

function withProgress(current: InstallState, progress: InstallProgress): InstallState {
  if (current.kind !== 'running') return current;
  const isSamePhase = current.progress?.phase === progress.phase;
  return {
    ...current,
    progress,
    phaseStartedAt: isSamePhase ? current.phaseStartedAt : performance.now(),
  };
}

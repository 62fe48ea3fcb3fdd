import { useEffect, useRef, useState } from 'preact/hooks';
import type { Recommendation } from '../../components/install/download-choice.ts';
import { describeGpu } from '../../models/runtime/webgpu-device.ts';
import { readMachine, recommendItem } from '../../models/store/machine.ts';
import { listModels } from '../../models/store/model-directory.ts';
import { listPartialDownloads } from '../../models/store/download/partial-download.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import type { InstallationState, InstallItem } from '../../utils/domain/installation.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';

/** Asked for once: a graphics card does not come and go, and one that can't be asked is none. */
const gpu = describeGpu().catch(() => null);

/** What is there, and what this computer should get. */
export type Store = {
  readonly models: readonly InstalledModel[];
  readonly partials: readonly PartialDownload[];
  readonly recommendations: Readonly<Record<InstallItem['network'], Recommendation>>;
};

export type StoreAndState = { readonly store: Store; readonly state: InstallationState };

/**
 * What is there, read at first and whenever an installation or one of its networks begins or ends, together with the installation's state: an
 * end is told only with what it has left, so that nothing is offered for a moment that is there already.
 * @returns null before the first reading
 */
export function useStore(state: InstallationState | null): StoreAndState | null {
  const [read, setRead] = useState<{ readonly phase: string; readonly store: Store } | null>(null);
  const shown = useRef<StoreAndState | null>(null);
  const phase = state === null ? null : phaseOf(state);

  useEffect(() => {
    // While a network is tested it is there, but nobody should be told so yet.
    if (phase === null || (phase === 'testing' && shown.current !== null)) return undefined;
    let isCurrent = true;
    void readStore().then((store) => {
      if (isCurrent) setRead({ phase, store });
    });
    return () => {
      isCurrent = false;
    };
  }, [phase]);

  if (state !== null && read !== null && (isInstalling(state) || read.phase === phase)) {
    shown.current = { store: read.store, state };
  }
  return shown.current;
}

/** With the second network's download the first one is there. */
function phaseOf(state: InstallationState): string {
  return state.kind === 'downloading' ? `${state.kind} ${state.network}` : state.kind;
}

async function readStore(): Promise<Store> {
  const [machine, models, partials] = await Promise.all([
    readMachine(() => gpu),
    listModels(),
    listPartialDownloads(),
  ]);
  return {
    models,
    partials,
    recommendations: { ed: recommendItem('ed', machine), vae: recommendItem('vae', machine) },
  };
}

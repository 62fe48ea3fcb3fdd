import { useCallback } from 'preact/hooks';
import { useStore } from '../../components/install/use-store.ts';
import type { StoreAndState } from '../../components/install/use-store.ts';
import { describeGpu } from '../../models/runtime/webgpu-device.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { createOverviewReader } from '../../models/store/overview.ts';
import { ask } from '../../utils/browser/messages.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import type { InstallationState } from '../../utils/domain/installation.ts';

const STORE = { read: createOverviewReader(BROWSER_STORE, describeGpu), showsUntested: true };

export type Models = {
  /** null until it is read. */
  readonly shown: StoreAndState | null;
  /** Reads it again. */
  readonly refresh: () => Promise<void>;
  /** After a model came, went or changed: the host takes it up as well. */
  readonly changed: () => Promise<void>;
};

/** What lies in the model store, kept up to date with the installation. @param state null before it is known */
export function useModels(state: InstallationState | null): Models {
  const { shown, refresh } = useStore(state, STORE);
  const changed = useCallback(async () => {
    await refresh();
    await tellHost();
  }, [refresh]);
  return { shown, refresh, changed };
}

/** Its open sessions belong to files that may be gone. */
async function tellHost(): Promise<void> {
  try {
    await ask('host', 'modelsChanged', null);
  } catch (error) {
    // It is closed while there is nothing to do, and will read the list when it opens.
    if (!isDetectorError(error, 'unreachable')) throw error;
  }
}

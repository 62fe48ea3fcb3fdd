import { useCallback, useEffect, useState } from 'preact/hooks';
import { useStore } from '../../components/install/use-installation.ts';
import type { StoreAndState } from '../../components/install/use-installation.ts';
import { describeGpu } from '../../models/runtime/webgpu-device.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { createOverviewReader } from '../../models/store/overview.ts';
import { ask, askOpenHost } from '../../utils/browser/messages.ts';
import type { InstallationState } from '../../utils/domain/installation.ts';
import { modelName } from '../../components/install/model-label.ts';
import { t } from '../../components/texts.tsx';
import type { UndoBarProps } from '../../components/undo-bar.tsx';
import {
  purgeDeletedModels,
  restoreModel,
  setModelAside,
  verifyModel,
} from '../../models/store/model-store.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { ModelWork } from '../../components/install/model-card.tsx';

const STORE = { read: createOverviewReader(BROWSER_STORE, describeGpu), showsUntested: true };

export type Models = {
  /** null until it is read. */
  readonly shown: StoreAndState | null;
  /** Reads it again. */
  readonly refresh: () => Promise<void>;
  /** Called after a model was added, removed or changed. It tells the host as well. */
  readonly changed: () => Promise<void>;
};

/** The content of the model store, kept up to date with the installation. @param state null before it is known */
export function useModels(state: InstallationState | null): Models {
  const { shown, refresh } = useStore(state, STORE);
  const changed = useCallback(async () => {
    await refresh();
    // The host's open sessions belong to files that may be gone.
    await askOpenHost('modelsChanged', null);
  }, [refresh]);
  return { shown, refresh, changed };
}

export type Removal = {
  readonly remove: (model: InstalledModel) => void;
  /** Offers to undo the last deletion; null where there is nothing to undo. */
  readonly undoBar: UndoBarProps | null;
};

/** Deletes models, and can undo the last deletion. */
export function useRemoval({ refresh, changed }: Pick<Models, 'refresh' | 'changed'>): Removal {
  const [removed, setRemoved] = useState<InstalledModel | null>(null);
  // Deletions before this page was opened can't be undone any more.
  useEffect(() => void purgeDeletedModels(BROWSER_STORE).then(refresh), [refresh]);

  async function remove(model: InstalledModel): Promise<void> {
    // Only one deletion can be undone at a time: the next one makes it final.
    await purgeDeletedModels(BROWSER_STORE);
    await setModelAside(BROWSER_STORE, model.modelId);
    await changed();
    setRemoved(model);
  }

  async function undo({ modelId }: InstalledModel): Promise<void> {
    setRemoved(null);
    await restoreModel(BROWSER_STORE, modelId);
    await changed();
  }

  async function dismiss(): Promise<void> {
    await purgeDeletedModels(BROWSER_STORE);
    await refresh();
    setRemoved(null);
  }

  return {
    remove: (model) => void remove(model),
    undoBar: removed && {
      message: t('model.deleted', { name: modelName(removed) }),
      onUndo: () => void undo(removed),
      onDismiss: () => void dismiss(),
    },
  };
}

export type ModelWorks = {
  readonly of: (modelId: string) => ModelWork | null;
  /** Computes the checksums of all files of a model. */
  readonly verify: (modelId: string) => void;
  /** Runs the self-test in the host, since only the host runs networks. */
  readonly test: (modelId: string) => void;
};

/** The work on each model. @param changed called after each work */
export function useModelWork(changed: () => Promise<void>): ModelWorks {
  const [works, setWorks] = useState<ReadonlyMap<string, ModelWork>>(new Map());

  function set(modelId: string, work: ModelWork | null): void {
    setWorks((current) => {
      const next = new Map(current);
      if (work === null) next.delete(modelId);
      else next.set(modelId, work);
      return next;
    });
  }

  async function run(
    modelId: string,
    failure: 'model.checkFailed' | 'model.testFailed',
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work();
      set(modelId, null);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      set(modelId, { kind: 'failed', message: t(failure, { reason }) });
    }
    await changed();
  }

  return {
    of: (modelId) => works.get(modelId) ?? null,
    verify: (modelId) =>
      void run(modelId, 'model.checkFailed', () =>
        verifyModel(BROWSER_STORE, modelId, (doneByteLength, totalByteLength) =>
          set(modelId, { kind: 'verifying', doneByteLength, totalByteLength }),
        ),
      ),
    test: (modelId) => {
      set(modelId, { kind: 'testing' });
      void run(modelId, 'model.testFailed', async () => {
        await ask('background', 'openHost', null);
        await ask('host', 'testModel', { modelId });
      });
    },
  };
}

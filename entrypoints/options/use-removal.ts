import { useEffect, useState } from 'preact/hooks';
import { modelName } from '../../components/install/model-label.ts';
import { t } from '../../components/texts.tsx';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { purgeDeletedModels, restoreModel, setModelAside } from '../../models/store/model-store.ts';
import type { Models } from './use-models.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

export type Removal = {
  readonly remove: (model: InstalledModel) => void;
  /** What was deleted last and can be taken back; null where there is nothing. */
  readonly undoable: {
    readonly message: string;
    readonly undo: () => void;
    readonly dismiss: () => void;
  } | null;
};

/** Deleting with a way back. */
export function useRemoval({ refresh, changed }: Pick<Models, 'refresh' | 'changed'>): Removal {
  const [removed, setRemoved] = useState<InstalledModel | null>(null);
  // What was set aside before this page was opened can't be taken back any more.
  useEffect(() => void purgeDeletedModels(BROWSER_STORE).then(refresh), [refresh]);

  async function remove(model: InstalledModel): Promise<void> {
    // One way back at a time: with the next deletion the former one is final.
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
    undoable:
      removed === null
        ? null
        : {
            message: t('model.deleted', { name: modelName(removed) }),
            undo: () => void undo(removed),
            dismiss: () => void dismiss(),
          },
  };
}

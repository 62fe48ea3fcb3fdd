import { useCallback, useEffect, useState } from 'preact/hooks';
import { deleteModel, listModels } from '../../models/store/model-directory.ts';
import { isDetectorError } from '../../utils/errors.ts';
import { sendMessage } from '../../utils/messages.ts';
import type { InstalledModel } from '../../utils/protocol.ts';

export type Models = {
  /** Latest first; null until they are read. */
  readonly models: readonly InstalledModel[] | null;
  /** After an installation: reads the list again and lets the host take up the change. */
  readonly changed: () => void;
  readonly remove: (modelId: string) => void;
};

/** The installed models. */
export function useModels(): Models {
  const [models, setModels] = useState<readonly InstalledModel[] | null>(null);
  const read = useCallback(async () => setModels(await listModels()), []);
  useEffect(() => void read(), [read]);

  async function changed(): Promise<void> {
    await read();
    await tellHost();
  }

  async function remove(modelId: string): Promise<void> {
    await deleteModel(modelId);
    await changed();
  }

  return { models, changed: () => void changed(), remove: (modelId) => void remove(modelId) };
}

/** Its open sessions belong to files that may be gone. */
async function tellHost(): Promise<void> {
  try {
    await sendMessage('modelsChanged', null);
  } catch (error) {
    // It is closed while there is nothing to do, and will read the list when it opens.
    if (!isDetectorError(error, 'unreachable')) throw error;
  }
}

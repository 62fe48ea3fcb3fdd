import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Recommendation } from '../../components/install/download-choice.ts';
import { measureLeftovers } from '../../models/store/leftovers.ts';
import { describeGpu } from '../../models/runtime/webgpu-device.ts';
import { readMachine, recommendItem } from '../../models/store/machine.ts';
import { listModels } from '../../models/store/model-directory.ts';
import { listPartialDownloads } from '../../models/store/download/partial-download.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import type { InstallItem } from '../../utils/domain/installation.ts';
import { ask } from '../../utils/browser/messages.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';

/** Asked for once: a graphics card does not come and go, and one that can't be asked is none. */
const gpu = describeGpu().catch(() => null);

/** What lies in the model store, and what this computer should get. */
export type StoredModels = {
  /** Latest first; invalid ones too. */
  readonly models: readonly InstalledModel[];
  readonly partials: readonly PartialDownload[];
  /** Bytes that belong to nothing any more. */
  readonly leftoverByteLength: number;
  readonly recommendations: Readonly<Record<InstallItem['network'], Recommendation>>;
};

export type Models = {
  /** null until it is read. */
  readonly stored: StoredModels | null;
  /** Reads it again. */
  readonly refresh: () => Promise<void>;
  /** After a model came, went or changed: the host takes it up as well. */
  readonly changed: () => Promise<void>;
};

/** @param installationKind what the installation is doing, null before that is known: with each change the rest may too */
export function useModels(installationKind: string | null): Models {
  const [stored, setStored] = useState<StoredModels | null>(null);
  const refresh = useCallback(async () => setStored(await readStore()), []);
  useEffect(() => {
    if (installationKind !== null) void refresh();
  }, [refresh, installationKind]);

  const changed = useCallback(async () => {
    await refresh();
    await tellHost();
  }, [refresh]);

  return { stored, refresh, changed };
}

async function readStore(): Promise<StoredModels> {
  const [models, partials, leftoverByteLength, machine] = await Promise.all([
    listModels(),
    listPartialDownloads(),
    measureLeftovers(),
    readMachine(() => gpu),
  ]);
  return {
    models,
    partials,
    leftoverByteLength,
    recommendations: { ed: recommendItem('ed', machine), vae: recommendItem('vae', machine) },
  };
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

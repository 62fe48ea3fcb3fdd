import { useEffect, useState } from 'preact/hooks';
import { chooseModels, describeTogether } from '../../utils/domain/choose-models.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { ask } from '../../utils/browser/messages.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import type { UsedModel } from '../../utils/domain/model.ts';

export type InstalledModelState =
  | { readonly kind: 'loading' }
  /** `isDamaged`: what is installed are not the files that were written. */
  | { readonly kind: 'absent'; readonly isDamaged: boolean }
  /** `device`: where it runs now; null before it was used. The installed files do not decide that. */
  | {
      readonly kind: 'ready';
      readonly model: Omit<UsedModel, 'device'>;
      readonly device: UsedModel['device'] | null;
    };

/** What a check would use now. @param installationKind what the installation is doing: its end changes this */
export function useInstalledModel(installationKind: string | null): InstalledModelState {
  const [state, setState] = useState<InstalledModelState>({ kind: 'loading' });
  useEffect(() => void findModel().then(setState), [installationKind]);
  return state;
}

async function findModel(): Promise<InstalledModelState> {
  const [models, settings, used] = await Promise.all([
    ask('background', 'listModels', null),
    readSettings(),
    modelInUse(),
  ]);
  const chosen = chooseModels(models, settings.modelId);
  const [first] = chosen;
  if (first === undefined) return { kind: 'absent', isDamaged: models.length > 0 };
  const model = describeTogether(chosen);
  return { kind: 'ready', model, device: used?.modelId === model.modelId ? used.device : null };
}

async function modelInUse(): Promise<UsedModel | null> {
  try {
    return (await ask('host', 'getHostState', null)).model;
  } catch (error) {
    // The host is open only while there is work, and some minutes longer.
    if (isDetectorError(error, 'unreachable')) return null;
    throw error;
  }
}

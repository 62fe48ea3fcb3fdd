import { useEffect, useState } from 'preact/hooks';
import type { Detector } from '../../models/detectors/detector.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { listModels } from '../../models/store/model-store.ts';
import { chooseModels } from '../../utils/domain/choose-models.ts';
import { useStored } from '../../components/use-stored.ts';
import { changeSettings, readSettings, watchSettings } from '../../utils/browser/settings.ts';
import { readPolicy, watchPolicy } from '../../utils/browser/policy.ts';
import type { PolicyState } from '../../utils/domain/policy.ts';
import type { Settings } from '../../utils/domain/settings.ts';

export type SettingsProps = {
  readonly settings: Settings;
  readonly change: (change: Partial<Settings>) => void;
  /** The administrator's settings. `settings` holds their values already, and their controls are disabled. */
  readonly policy: PolicyState;
};

/**
 * The detector of the models that judge; if nothing is installed, the detector that is offered first. null until it is
 * known.
 */
export function useJudge(settings: Settings | null): Detector | null {
  const { registry } = BROWSER_STORE;
  const [detector, show] = useState<Detector | null>(null);
  const modelId = settings?.modelId;
  useEffect(() => {
    if (modelId === undefined) return;
    void listModels(BROWSER_STORE).then((installed) => {
      const detectorId = chooseModels(installed, modelId)[0]?.detectorId;
      show(detectorId === undefined ? registry.detectors[0]! : registry.get(detectorId));
    });
  }, [modelId]);
  return detector;
}

/** The settings, null until they are read. A change is stored at once, and every open page shows it. */
export function useSettings(): {
  readonly settings: Settings | null;
  readonly change: SettingsProps['change'];
  readonly policy: PolicyState | null;
} {
  const [settings, show] = useStored(readSettings, watchSettings);
  const [policy] = useStored(readPolicy, watchPolicy);
  const change = (changed: Partial<Settings>): void => {
    // The page shows the change before it is stored, so that the control does not jump back.
    show((current) => current && { ...current, ...changed });
    void changeSettings(changed);
  };
  return { settings, change, policy };
}

import { useStored } from '../../components/use-stored.ts';
import { changeSettings, readSettings, watchSettings } from '../../utils/browser/settings.ts';
import { readPolicy, watchPolicy } from '../../utils/browser/policy.ts';
import type { PolicyState } from '../../utils/domain/policy.ts';
import type { Settings } from '../../utils/domain/settings.ts';

export type SettingsProps = {
  readonly settings: Settings;
  readonly change: (change: Partial<Settings>) => void;
  /** What the administrator has set. Its values are in the settings; the controls of them are disabled. */
  readonly policy: PolicyState;
};

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

import { useEffect, useState } from 'preact/hooks';
import { changeSettings, readSettings, watchSettings } from '../../utils/browser/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';

export type SettingsProps = {
  readonly settings: Settings;
  readonly change: (change: Partial<Settings>) => void;
};

/** The settings, null until they are read; a change is kept at once and shown in every open page. */
export function useSettings(): {
  readonly settings: Settings | null;
  readonly change: SettingsProps['change'];
} {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    void readSettings().then(setSettings);
    return watchSettings(setSettings);
  }, []);
  function change(changed: Partial<Settings>): void {
    // Shown before it is kept: a control must not jump back under the hand.
    setSettings((current) => (current === null ? null : { ...current, ...changed }));
    void changeSettings(changed);
  }
  return { settings, change };
}

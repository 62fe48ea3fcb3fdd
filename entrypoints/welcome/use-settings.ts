import { useEffect, useState } from 'preact/hooks';
import { readSettings, watchSettings } from '../../utils/browser/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';

/** The settings, kept up to date; null until they are read. */
export function useSettings(): Settings | null {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    void readSettings().then(setSettings);
    return watchSettings(setSettings);
  }, []);
  return settings;
}

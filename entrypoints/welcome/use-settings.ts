import { useFollowed } from '../../components/use-followed.ts';
import { readSettings, watchSettings } from '../../utils/browser/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';

/** The settings, kept up to date; null until they are read. */
export function useSettings(): Settings | null {
  return useFollowed(followSettings);
}

function followSettings(onSettings: (settings: Settings) => void): () => void {
  void readSettings().then(onSettings);
  return watchSettings(onSettings);
}

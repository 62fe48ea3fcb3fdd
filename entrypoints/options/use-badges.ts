import { useEffect, useState } from 'preact/hooks';
import {
  changeBadgeSettings,
  readBadgeSettings,
  watchBadgeSettings,
} from '../../utils/browser/badge-settings.ts';
import { readBadgeSites, watchBadgeSites } from '../../utils/browser/badge-sites.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { ask } from '../../utils/browser/messages.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import type { BadgeSettings, AutomaticState } from '../../utils/domain/automatic.ts';

/** The share that is shown is of a minute: nobody sees it change faster. */
const REFRESH_MILLISECONDS = 5000;

export type Badges = {
  readonly sites: readonly BadgeSite[];
  readonly settings: BadgeSettings;
  readonly change: (change: Partial<BadgeSettings>) => void;
  /** null while no host is open: then nothing is being checked. */
  readonly state: AutomaticState | null;
};

/** All about automatic badges, kept up to date; null until it is read. */
export function useBadges(): Badges | null {
  const [sites, setSites] = useState<readonly BadgeSite[] | null>(null);
  const [settings, setSettings] = useState<BadgeSettings | null>(null);
  const [state, setState] = useState<AutomaticState | null>(null);
  useEffect(() => {
    void readBadgeSites().then(setSites);
    void readBadgeSettings().then(setSettings);
    const readState = (): void => void automaticState().then(setState);
    readState();
    const timer = setInterval(readState, REFRESH_MILLISECONDS);
    const stopSites = watchBadgeSites(setSites);
    const stopSettings = watchBadgeSettings(setSettings);
    return () => {
      clearInterval(timer);
      stopSites();
      stopSettings();
    };
  }, []);
  if (sites === null || settings === null) return null;
  return {
    sites,
    settings,
    state,
    change: (change) => {
      // Shown before it is kept: a control must not jump back under the hand.
      setSettings({ ...settings, ...change });
      void changeBadgeSettings(change);
    },
  };
}

async function automaticState(): Promise<AutomaticState | null> {
  try {
    return await ask('host', 'getAutomaticState', null);
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return null;
    throw error;
  }
}

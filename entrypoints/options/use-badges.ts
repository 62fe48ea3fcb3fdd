import { useEffect, useState } from 'preact/hooks';
import { useStored } from '../../components/use-stored.ts';
import {
  changeBadgeSettings,
  readBadgeSettings,
  watchBadgeSettings,
} from '../../utils/browser/badge-settings.ts';
import { readBadgeSites, watchBadgeSites } from '../../utils/browser/badge-sites.ts';
import { readPolicy, watchPolicy } from '../../utils/browser/policy.ts';
import type { PolicyState } from '../../utils/domain/policy.ts';
import { askOpenHost } from '../../utils/browser/messages.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import type { BadgeSettings, AutomaticState } from '../../utils/domain/automatic.ts';

/** The used share is an average over a minute, so it hardly changes faster. */
const REFRESH_MILLISECONDS = 5000;

export type Badges = {
  readonly sites: readonly BadgeSite[];
  readonly policy: PolicyState;
  readonly settings: BadgeSettings;
  readonly change: (change: Partial<BadgeSettings>) => void;
  /** null while no host is open: then no scan runs. */
  readonly state: AutomaticState | null;
};

/** All about automatic badges, kept up to date; null until it is read. */
export function useBadges(): Badges | null {
  const [sites] = useStored(readBadgeSites, watchBadgeSites);
  const [settings, showSettings] = useStored(readBadgeSettings, watchBadgeSettings);
  const [policy] = useStored(readPolicy, watchPolicy);
  const [state, setState] = useState<AutomaticState | null>(null);
  useEffect(() => {
    const readState = (): void => void askOpenHost('getAutomaticState', null).then(setState);
    readState();
    const timer = setInterval(readState, REFRESH_MILLISECONDS);
    return () => clearInterval(timer);
  }, []);
  if (sites === null || settings === null || policy === null) return null;
  return {
    sites,
    policy,
    settings,
    state,
    change: (change) => {
      // The page shows the change before it is stored, so that the control does not jump back.
      showSettings({ ...settings, ...change });
      void changeBadgeSettings(change);
    },
  };
}

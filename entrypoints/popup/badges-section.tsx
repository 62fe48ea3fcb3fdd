import { useEffect, useState } from 'preact/hooks';
import { pauseSentence } from '../../components/badge-words.ts';
import { dateLocale } from '../../components/format.ts';
import { SwitchRow } from '../../components/switch-row.tsx';
import {
  changeBadgeSettings,
  isPausedByUser,
  PAUSE_MILLISECONDS,
  readBadgeSettings,
  watchBadgeSettings,
} from '../../utils/badge-settings.ts';
import type { BadgeSettings } from '../../utils/badge-settings.ts';
import { forgetPendingSite, readBadgeSites, watchBadgeSites } from '../../utils/badge-sites.ts';
import { badgeSiteOf } from '../../utils/sites.ts';
import type { BadgeSite } from '../../utils/sites.ts';
import { switchBadges } from '../../utils/switch-badges.ts';

/** The switch for automatic badges on the site of the tab, and the pause for all of them. */
export function BadgesSection({ tabUrl }: { readonly tabUrl: string | null }) {
  const [sites, setSites] = useState<readonly BadgeSite[] | null>(null);
  const [settings, setSettings] = useState<BadgeSettings | null>(null);
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    // Whoever is here again has answered what the last popup had asked the browser for.
    void forgetPendingSite();
    void readBadgeSites().then(setSites);
    void readBadgeSettings().then(setSettings);
    const stopSites = watchBadgeSites(setSites);
    const stopSettings = watchBadgeSettings(setSettings);
    return () => {
      stopSites();
      stopSettings();
    };
  }, []);

  const site = tabUrl === null ? null : badgeSiteOf(tabUrl);
  if (site === null || sites === null || settings === null) return null;
  const isOn = sites.some(({ siteId }) => siteId === site.siteId);
  const switchTo = (wanted: boolean): void => {
    setRefused(false);
    void switchBadges(site, wanted).then((outcome) => setRefused(outcome === 'refused'));
  };
  return (
    <section class="stack" aria-label="Badges">
      <SwitchRow label="Badges on this site" isOn={isOn} onSwitch={switchTo}>
        {isOn
          ? `Videos that play on ${site.name} get a small mark.`
          : `Off. Switched on, videos that play on ${site.name} get a small mark by themselves.`}
      </SwitchRow>
      {isRefused ? (
        <p class="small" role="alert">
          The browser has not let TrueFrame into {site.name}, so badges stay off there.
        </p>
      ) : null}
      {isOn ? <Pause settings={settings} /> : null}
    </section>
  );
}

function Pause({ settings }: { readonly settings: BadgeSettings }) {
  const isPaused = isPausedByUser(settings, Date.now());
  if (!isPaused) {
    return (
      <p class="bar small">
        <button
          type="button"
          class="plain"
          onClick={() => void changeBadgeSettings({ pausedUntil: Date.now() + PAUSE_MILLISECONDS })}
        >
          Pause for an hour
        </button>
      </p>
    );
  }
  const until = settings.isPausedEverywhere ? null : settings.pausedUntil;
  return (
    <p class="bar small">
      <span>{pauseSentence(['by-user'], until, dateLocale(navigator.languages))}</span>
      <button
        type="button"
        class="plain"
        onClick={() => void changeBadgeSettings({ isPausedEverywhere: false, pausedUntil: null })}
      >
        Go on
      </button>
    </p>
  );
}

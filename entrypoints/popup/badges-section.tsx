import { useEffect, useState } from 'preact/hooks';
import { pauseSentence } from '../../components/badge/badge-words.ts';
import { useStored } from '../../components/use-stored.ts';
import { SwitchRow } from '../../components/switch-row.tsx';
import { formatList, t } from '../../components/texts.tsx';
import {
  changeBadgeSettings,
  readBadgeSettings,
  watchBadgeSettings,
} from '../../utils/browser/badge-settings.ts';
import { forgetPendingSite, readBadgeSites, watchBadgeSites } from '../../utils/browser/badge-sites.ts';
import { covers, badgeSiteOf } from '../../utils/domain/sites.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import { switchBadges } from '../../utils/browser/host-permission.ts';
import type { TabVideos } from './use-tab-videos.ts';
import { isPausedByUser, PAUSE_MILLISECONDS } from '../../utils/domain/automatic.ts';
import type { BadgeSettings } from '../../utils/domain/automatic.ts';

/** The switch for automatic badges on the site of the tab, and the pause for all of them. */
export function BadgesSection({
  tabUrl,
  page,
}: {
  readonly tabUrl: string | null;
  /** The videos in the tab. */
  readonly page: TabVideos;
}) {
  const [sites] = useStored(readBadgeSites, watchBadgeSites);
  const [settings] = useStored(readBadgeSettings, watchBadgeSettings);
  const [isRefused, setRefused] = useState(false);
  // The user has answered the browser's earlier question before this popup opens.
  useEffect(() => void forgetPendingSite(), []);

  const site = tabUrl === null ? null : badgeSiteOf(tabUrl, closedFilesOf(page));
  if (site === null || sites === null || settings === null) return null;
  const switchedOn = sites.find(({ siteId }) => siteId === site.siteId);
  const isOn = switchedOn !== undefined;
  const closed = switchedOn === undefined ? [] : patternsBeyond(switchedOn, site);
  // Which hosts the browser is asked for depends on the videos. Switching off needs no list.
  const isListing = !isOn && page.kind === 'loading';
  const switchTo = (wanted: boolean, changed: BadgeSite = site): void => {
    setRefused(false);
    void switchBadges(changed, wanted).then((outcome) => setRefused(outcome === 'refused'));
  };
  return (
    <section class="stack" aria-label={t('badges.title')}>
      <SwitchRow
        label={t('badges.onThisSite')}
        isOn={isOn}
        isDisabled={isListing}
        onSwitch={(wanted) => switchTo(wanted)}
      >
        {badgesHint(site.name, isOn, isListing)}
      </SwitchRow>
      {isRefused ? (
        <p class="small" role="alert">
          {t('badges.refused', { site: site.name })}
        </p>
      ) : null}
      {switchedOn !== undefined && closed.length > 0 ? (
        <>
          <p class="note quiet">
            {t('badges.closedFiles', { hosts: formatList(closed.map(hostOfPattern)) })}
          </p>
          <p class="bar small">
            <button
              type="button"
              class="plain"
              onClick={() => switchTo(true, withPatterns(switchedOn, closed))}
            >
              {closed.length === 1
                ? t('action.allow', { host: hostOfPattern(closed[0]!) })
                : t('badges.allowThem')}
            </button>
          </p>
        </>
      ) : null}
      {isOn ? <Pause settings={settings} /> : null}
    </section>
  );
}

function badgesHint(siteName: string, isOn: boolean, isListing: boolean): string {
  if (isListing && !isOn) return t('badges.isOffStillLooking');
  return t(isOn ? 'badges.isOn' : 'badges.isOff', { site: siteName });
}

function closedFilesOf(page: TabVideos): readonly string[] {
  return page.kind === 'ready' ? page.videos.flatMap(({ video }) => video.closedFileUrl ?? []) : [];
}

/** Which origins a site would be asked for now that were not when it was switched on. */
function patternsBeyond(switchedOn: BadgeSite, now: BadgeSite): readonly string[] {
  return now.originPatterns.filter(
    (pattern) => !switchedOn.originPatterns.some((held) => covers(held, pattern)),
  );
}

function withPatterns(site: BadgeSite, patterns: readonly string[]): BadgeSite {
  return { ...site, originPatterns: [...site.originPatterns, ...patterns] };
}

/** `*://cdn.example/*` as people write it. */
function hostOfPattern(pattern: string): string {
  return pattern.replace('*://', '').replace('/*', '');
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
          {t('badges.pauseHour')}
        </button>
      </p>
    );
  }
  const until = settings.isPausedEverywhere ? null : settings.pausedUntil;
  return (
    <p class="bar small">
      <span>{pauseSentence(['by-user'], until)}</span>
      <button
        type="button"
        class="plain"
        onClick={() => void changeBadgeSettings({ isPausedEverywhere: false, pausedUntil: null })}
      >
        {t('badges.resume')}
      </button>
    </p>
  );
}

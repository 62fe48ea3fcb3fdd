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
  isPrivate,
  page,
}: {
  readonly tabUrl: string | null;
  /** The tab is in a private window. The extension keeps nothing of it. */
  readonly isPrivate: boolean;
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
        isDisabled={isListing || (isPrivate && !isOn)}
        onSwitch={(wanted) => switchTo(wanted)}
      >
        {isPrivate && !isOn ? t('badges.notInPrivate') : badgesHint(site.name, isOn, isListing)}
      </SwitchRow>
      {isRefused ? (
        <p class="small" role="alert">
          {t('badges.refused', { site: site.name })}
        </p>
      ) : null}
      {switchedOn !== undefined && closed.length > 0 && !isPrivate ? (
        <>
          <p class="note quiet">
            {t('badges.closedFiles', { hosts: formatList(closed.map(hostOfPattern)) })}
          </p>
          {closed.map((pattern) => (
            <p key={pattern} class="bar small">
              <button
                type="button"
                class="plain"
                onClick={() => switchTo(true, withPattern(switchedOn, pattern))}
              >
                {t('action.allow', { host: hostOfPattern(pattern) })}
              </button>
            </p>
          ))}
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

/**
 * Only the hosts of visible videos are asked for: otherwise a page could make the browser ask the user for any host,
 * with a hidden video.
 */
function closedFilesOf(page: TabVideos): readonly string[] {
  if (page.kind !== 'ready') return [];
  return page.videos.flatMap(({ video }) => (video.isVisible ? (video.closedFileUrl ?? []) : []));
}

/** The origins that a site needs now and that were not asked for when it was switched on. */
function patternsBeyond(switchedOn: BadgeSite, now: BadgeSite): readonly string[] {
  return now.originPatterns.filter(
    (pattern) => !switchedOn.originPatterns.some((held) => covers(held, pattern)),
  );
}

function withPattern(site: BadgeSite, pattern: string): BadgeSite {
  return { ...site, originPatterns: [...site.originPatterns, pattern] };
}

/** `*://cdn.example/*` as users write it. */
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

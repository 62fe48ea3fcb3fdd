import { useState } from 'preact/hooks';
import { pauseSentence } from '../../components/badge/badge-words.ts';
import { dateLocale } from '../../components/format.ts';
import { SwitchRow } from '../../components/switch-row.tsx';
import { badgeSiteOf, knownBadgeSites } from '../../utils/domain/sites.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import { switchBadges } from '../../utils/browser/switch-badges.ts';
import { BudgetChoice } from './budget-choice.tsx';
import { useBadges } from './use-badges.ts';
import type { Badges } from './use-badges.ts';
import { isPausedByUser, PAUSE_MILLISECONDS } from '../../utils/domain/badge-settings.ts';

/** Automatic badges: on which sites, when not, and how much of the machine they may take. */
export function BadgesSection() {
  const badges = useBadges();
  if (badges === null) return null;
  return (
    <section class="stack" aria-labelledby="badges">
      <h2 id="badges">Badges on sites</h2>
      <p>
        On the sites that you switch on, a video that plays in sight is checked by itself and gets a small
        mark.{' '}
        <span class="quiet">
          Only “Likely manipulated” is said aloud. The browser asks you for each site, and switching it off
          gives that permission back.
        </span>
      </p>
      <SiteList sites={badges.sites} />
      <Pauses {...badges} />
      <BudgetChoice {...badges} />
    </section>
  );
}

function SiteList({ sites }: { readonly sites: readonly BadgeSite[] }) {
  const [refused, setRefused] = useState<string | null>(null);
  const known = knownBadgeSites();
  const others = sites.filter(({ siteId }) => known.every((site) => site.siteId !== siteId));
  const switchTo = (site: BadgeSite, isOn: boolean): void => {
    setRefused(null);
    void switchBadges(site, isOn).then((outcome) => setRefused(outcome === 'refused' ? site.name : null));
  };
  return (
    <div class="stack">
      <h3>Sites</h3>
      <ul class="site-list">
        {[...known, ...others].map((site) => (
          <li key={site.siteId}>
            <SwitchRow
              label={site.name}
              isOn={sites.some(({ siteId }) => siteId === site.siteId)}
              onSwitch={(isOn) => switchTo(site, isOn)}
            />
          </li>
        ))}
      </ul>
      <AnotherSite onSwitchOn={(site) => switchTo(site, true)} />
      {refused === null ? null : (
        <p role="alert">The browser has not let TrueFrame into {refused}, so badges stay off there.</p>
      )}
    </div>
  );
}

/** Every other site, such as an instance of Mastodon, by its address. */
function AnotherSite({ onSwitchOn }: { readonly onSwitchOn: (site: BadgeSite) => void }) {
  const [isUnclear, setUnclear] = useState(false);
  return (
    <form
      class="bar"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.querySelector('input');
        const site = siteOfText(field?.value ?? '');
        setUnclear(site === null);
        if (site === null || field === null) return;
        field.value = '';
        onSwitchOn(site);
      }}
    >
      <label class="bar">
        Another site
        <input type="search" placeholder="mastodon.example" autocomplete="off" />
      </label>
      <button type="submit">Switch on</button>
      {isUnclear ? <span role="alert">That is no address of a site.</span> : null}
    </form>
  );
}

/** People type "example.com" and paste whole addresses. */
function siteOfText(text: string): BadgeSite | null {
  const address = text.trim();
  return badgeSiteOf(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`);
}

function Pauses({ settings, change, state }: Badges) {
  const isPaused = isPausedByUser(settings, Date.now());
  const until = settings.isPausedEverywhere ? null : settings.pausedUntil;
  const sentence = pauseSentence(
    isPaused ? ['by-user'] : (state?.pauses ?? []),
    until,
    dateLocale(navigator.languages),
  );
  const unknown = state?.unknown ?? [];
  return (
    <div class="stack">
      <h3>When not</h3>
      <div class="bar">
        {isPaused ? (
          <button type="button" onClick={() => change({ isPausedEverywhere: false, pausedUntil: null })}>
            Go on
          </button>
        ) : (
          <>
            <button type="button" onClick={() => change({ pausedUntil: Date.now() + PAUSE_MILLISECONDS })}>
              Pause for an hour
            </button>
            <button type="button" onClick={() => change({ isPausedEverywhere: true })}>
              Pause everywhere
            </button>
          </>
        )}
        {sentence === null ? null : <span role="status">{sentence}</span>}
      </div>
      <SwitchRow
        label="Only when plugged in"
        isOn={settings.onlyPluggedIn}
        onSwitch={(onlyPluggedIn) => change({ onlyPluggedIn })}
      >
        {'getBattery' in navigator ? null : 'This browser does not tell, so the switch changes nothing here.'}
      </SwitchRow>
      <SwitchRow
        label="Not on metered networks"
        isOn={settings.notOnMetered}
        onSwitch={(notOnMetered) => change({ notOnMetered })}
      >
        Most checks load nothing; where a site closes its picture, the file is read a second time.{' '}
        {unknown.includes('network') || !('connection' in navigator)
          ? 'This browser tells at most whether you have asked it to save data, not by what you are connected.'
          : null}
      </SwitchRow>
      <SwitchRow
        label="Not in full screen"
        isOn={!settings.showsInFullScreen}
        onSwitch={(isHidden) => change({ showsInFullScreen: !isHidden })}
      >
        Only the mark stays away. What you check yourself keeps its badge.
      </SwitchRow>
    </div>
  );
}

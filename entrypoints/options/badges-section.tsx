import { useState } from 'preact/hooks';
import { pauseSentence } from '../../components/badge/badge-words.ts';
import { SwitchRow } from '../../components/switch-row.tsx';
import { quiet, t, tRich } from '../../components/texts.tsx';
import { SetByAdministrator } from '../../components/set-by-administrator.tsx';
import { sitesOfPolicy } from '../../utils/domain/policy.ts';
import { badgeSiteOf, knownBadgeSites } from '../../utils/domain/sites.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import { switchBadges } from '../../utils/browser/host-permission.ts';
import { useBadges } from './use-badges.ts';
import type { Badges } from './use-badges.ts';
import { isPausedByUser, PAUSE_MILLISECONDS, BUDGETS, BUDGET_SHARES } from '../../utils/domain/automatic.ts';

/** The settings of automatic badges: their sites, their pauses and their budget. */
export function BadgesSection() {
  const badges = useBadges();
  if (badges === null) return null;
  return (
    <section class="stack" aria-labelledby="badges">
      <h2 id="badges">{t('options.badges.title')}</h2>
      <p>{tRich('options.badges.intro', { quiet })}</p>
      <SiteList sites={badges.sites} policy={badges.policy} />
      <Pauses {...badges} />
      <BudgetChoice {...badges} />
    </section>
  );
}

function SiteList({ sites, policy }: Pick<Badges, 'sites' | 'policy'>) {
  const [refused, setRefused] = useState<string | null>(null);
  const ofPolicy = sitesOfPolicy(policy);
  const known = ofPolicy ?? knownBadgeSites();
  const others = sites.filter(({ siteId }) => known.every((site) => site.siteId !== siteId));
  const switchTo = (site: BadgeSite, isOn: boolean): void => {
    setRefused(null);
    void switchBadges(site, isOn).then((outcome) => setRefused(outcome === 'refused' ? site.name : null));
  };
  return (
    <div class="stack">
      <h3>{t('options.badges.sites')}</h3>
      <ul class="site-list">
        {[...known, ...others].map((site) => (
          <li key={site.siteId}>
            <SwitchRow
              label={site.name}
              isOn={sites.some(({ siteId }) => siteId === site.siteId)}
              // The administrator's sites stay in the list; the browser still asks the user before badges are on.
              isDisabled={ofPolicy !== null && sites.some(({ siteId }) => siteId === site.siteId)}
              onSwitch={(isOn) => switchTo(site, isOn)}
            />
          </li>
        ))}
      </ul>
      {ofPolicy === null ? (
        <AnotherSite onSwitchOn={(site) => switchTo(site, true)} />
      ) : (
        <>
          <p class="small quiet">{t('policy.onlySites')}</p>
          <SetByAdministrator />
        </>
      )}
      {refused === null ? null : <p role="alert">{t('badges.refused', { site: refused })}</p>}
    </div>
  );
}

/** Takes the address of any other site, such as an instance of Mastodon. */
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
        {t('options.badges.anotherSite')}
        <input type="search" placeholder={t('options.badges.siteExample')} autocomplete="off" />
      </label>
      <button type="submit">{t('options.badges.switchOn')}</button>
      {isUnclear ? <span role="alert">{t('options.badges.notASite')}</span> : null}
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
  const sentence = pauseSentence(isPaused ? ['by-user'] : (state?.pauses ?? []), until);
  const unknown = state?.unknown ?? [];
  return (
    <div class="stack">
      <h3>{t('options.badges.whenNot')}</h3>
      <div class="bar">
        {isPaused ? (
          <button type="button" onClick={() => change({ isPausedEverywhere: false, pausedUntil: null })}>
            {t('badges.resume')}
          </button>
        ) : (
          <>
            <button type="button" onClick={() => change({ pausedUntil: Date.now() + PAUSE_MILLISECONDS })}>
              {t('badges.pauseHour')}
            </button>
            <button type="button" onClick={() => change({ isPausedEverywhere: true })}>
              {t('badges.pauseEverywhere')}
            </button>
          </>
        )}
        {sentence === null ? null : <span role="status">{sentence}</span>}
      </div>
      <SwitchRow
        label={t('options.badges.onlyPluggedIn')}
        isOn={settings.onlyPluggedIn}
        onSwitch={(onlyPluggedIn) => change({ onlyPluggedIn })}
      >
        {'getBattery' in navigator ? null : t('options.badges.batteryUnknown')}
      </SwitchRow>
      <SwitchRow
        label={t('options.badges.notOnMetered')}
        isOn={settings.notOnMetered}
        onSwitch={(notOnMetered) => change({ notOnMetered })}
      >
        {t(
          unknown.includes('network') || !('connection' in navigator)
            ? 'options.badges.meteredHintUnknown'
            : 'options.badges.meteredHint',
        )}
      </SwitchRow>
      <SwitchRow
        label={t('options.badges.notInFullScreen')}
        isOn={!settings.showsInFullScreen}
        onSwitch={(isHidden) => change({ showsInFullScreen: !isHidden })}
      >
        {t('options.badges.fullScreenHint')}
      </SwitchRow>
    </div>
  );
}

/** The choice of the budget of automatic checks, and their used share of it. */
function BudgetChoice({ settings, change, state }: Badges) {
  return (
    <fieldset class="stack">
      <legend class="choice-name">{t('options.budget.title')}</legend>
      {BUDGETS.map((budget) => (
        <label key={budget} class="choice">
          <input
            type="radio"
            name="budget"
            checked={settings.budget === budget}
            onChange={() => change({ budget })}
          />
          <span>
            {tRich(`options.budget.${budget}`, {
              share: partsOf100(BUDGET_SHARES[budget]),
              quiet,
            })}
          </span>
        </label>
      ))}
      <p class="small quiet" role="status">
        {state === null ? t('options.budget.nothingNow') : usedText(state)}
      </p>
      <p class="small quiet">{t('options.budget.hint')}</p>
    </fieldset>
  );
}

function usedText({ usedShare, waitingScans: videos }: NonNullable<Badges['state']>): string {
  const share = partsOf100(usedShare);
  return videos === 0
    ? t('options.budget.usedByNone', { share })
    : t('options.budget.used', videos, { share, videos });
}

function partsOf100(share: number): number {
  return Math.round(share * 100);
}

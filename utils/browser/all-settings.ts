import type { AllSettings } from '../domain/settings-file.ts';
import type { BadgeSite } from '../domain/sites.ts';
import { changeBadgeSettings, readBadgeSettings } from './badge-settings.ts';
import { readBadgeSites } from './badge-sites.ts';
import { askForOrigins } from './host-permission.ts';
import { ask } from './messages.ts';
import { changeSettings, readOwnSettings } from './settings.ts';

/** The user's own choices, without the values that an administrator has set in their place. */
export async function readAllSettings(): Promise<AllSettings> {
  const [settings, { pausedUntil: _, ...badgeSettings }, badgeSites] = await Promise.all([
    readOwnSettings(),
    readBadgeSettings(),
    readBadgeSites(),
  ]);
  return { ...settings, ...badgeSettings, badgeSites };
}

/** Sites are switched on only where the browser has given the permission, which {@link askForSites} asks for. */
export async function writeAllSettings({ badgeSites, ...chosen }: AllSettings): Promise<void> {
  const { budget, isPausedEverywhere, onlyPluggedIn, notOnMetered, showsInFullScreen, ...settings } = chosen;
  await changeSettings(settings);
  await changeBadgeSettings({ budget, isPausedEverywhere, onlyPluggedIn, notOnMetered, showsInFullScreen });
  const present = await readBadgeSites();
  const isIn = (sites: readonly BadgeSite[], { siteId }: BadgeSite): boolean =>
    sites.some((site) => site.siteId === siteId);
  for (const site of present) {
    if (!isIn(badgeSites, site)) await ask('background', 'switchBadges', { site, isOn: false });
  }
  for (const site of badgeSites) {
    if (!isIn(present, site)) await ask('background', 'switchBadges', { site, isOn: true });
  }
}

/** Lets the browser ask the user about all of the sites at once. Only in the task of the user's click. */
export function askForSites(sites: readonly BadgeSite[]): Promise<boolean> {
  return askForOrigins(sites.flatMap(({ originPatterns }) => originPatterns));
}

import { browser } from 'wxt/browser';
import { ask } from './messages.ts';
import type { BadgeSite } from '../domain/sites.ts';

/**
 * Switches automatic badges on or off for a site. To be called in the handler of the user's click itself: the browser takes
 * a request for permissions from nowhere else, so nothing is awaited before it.
 * @returns `refused` where the user has not let the extension into the site
 */
export async function switchBadges(site: BadgeSite, isOn: boolean): Promise<'done' | 'refused'> {
  if (!isOn) {
    await ask('background', 'switchBadges', { site, isOn });
    return 'done';
  }
  // The browser's question may close the popup: then the background goes on from here. What was granted before is asked
  // for first, and so answered first.
  const isNoted = browser.permissions
    .getAll()
    .then(({ origins = [] }) => ask('background', 'awaitPermission', { site, heldOrigins: origins }));
  const isGranted = await browser.permissions.request({ origins: [...site.originPatterns] });
  await isNoted;
  if (!isGranted) {
    await ask('background', 'awaitPermission', null);
    return 'refused';
  }
  await ask('background', 'switchBadges', { site, isOn });
  return 'done';
}

import { browser } from 'wxt/browser';
import { forgetPendingSite } from './badge-sites.ts';
import { ask } from './messages.ts';
import type { BadgeSite } from '../domain/sites.ts';

/** The match pattern of a host, with http and https; null for a text that is no host name. */
export function patternOfHost(host: string): string | null {
  const address = `https://${host}/`;
  if (!URL.canParse(address)) return null;
  // Patterns know no ports, so the permission is for the host.
  const { hostname } = new URL(address);
  // URL accepts a star as a host name, but in a pattern it stands for every host.
  return hostname === '' || hostname.includes('*') ? null : `*://${hostname}/*`;
}

/** Whether the user has let the extension read from that host. Not in the offscreen document, which has no such API. */
export async function isHostAllowed(host: string): Promise<boolean> {
  const pattern = patternOfHost(host);
  return pattern !== null && (await browser.permissions.contains({ origins: [pattern] }));
}

/**
 * Lets the browser ask the user. Only in the task of the user's click: nothing may be awaited before.
 * @returns whether it is allowed now
 */
export function askForHost(host: string): Promise<boolean> {
  const pattern = patternOfHost(host);
  return pattern === null ? Promise.resolve(false) : askForOrigins([pattern]);
}

/** As {@link askForHost}, for match patterns. */
export function askForOrigins(origins: readonly string[]): Promise<boolean> {
  // The browser's answer must not be taken for the answer to an earlier question about badges.
  void forgetPendingSite();
  return browser.permissions.request({ origins: [...origins] });
}

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
  // The browser's question may close the popup. Then the background continues from here. The former permissions are
  // asked for first, so they are answered first.
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

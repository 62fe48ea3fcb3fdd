import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isBadgeFrame } from '../../../../utils/domain/sites.ts';
import type { BadgeSite } from '../../../../utils/domain/sites.ts';

const PATTERN = '*://*.x.com/*';
const SITE: BadgeSite = { siteId: 'x', name: 'X', pagePatterns: [PATTERN], originPatterns: [PATTERN] };
const OTHER_PATTERN = '*://*.reddit.com/*';
const OTHER: BadgeSite = {
  siteId: 'reddit',
  name: 'Reddit',
  pagePatterns: [OTHER_PATTERN],
  originPatterns: [OTHER_PATTERN],
};

/** The parts of the browser that badges need. */
const held = {
  origins: new Set<string>(),
  registered: new Map<string, { readonly id: string }>(),
  told: [] as number[],
  answersOfTabs: Promise.resolve(),
};
const storage = await vi.hoisted(async () =>
  (await import('../../../support/fake-storage.ts')).installFakeStorage(),
);
vi.mock('wxt/browser', () => ({
  browser: {
    storage,
    permissions: {
      contains: ({ origins }: { origins: string[] }) =>
        Promise.resolve(origins.every((origin) => held.origins.has(origin))),
      getAll: () => Promise.resolve({ origins: [...held.origins] }),
      remove: ({ origins }: { origins: string[] }) => {
        for (const origin of origins) held.origins.delete(origin);
        return Promise.resolve(true);
      },
      request: ({ origins }: { origins: string[] }) => {
        for (const origin of origins) held.origins.add(origin);
        return Promise.resolve(true);
      },
    },
    scripting: {
      getRegisteredContentScripts: () => Promise.resolve([...held.registered.values()]),
      registerContentScripts: (scripts: { id: string }[]) => {
        for (const script of scripts) held.registered.set(script.id, script);
        return Promise.resolve();
      },
      unregisterContentScripts: ({ ids }: { ids: string[] }) => {
        for (const id of ids) held.registered.delete(id);
        return Promise.resolve();
      },
      executeScript: () => Promise.resolve([]),
    },
    tabs: {
      // Tabs that the extension has no access to match no address.
      query: ({ url }: { url?: string[] }) =>
        Promise.resolve(url === undefined || url.every((each) => held.origins.has(each)) ? TABS : []),
      sendMessage: (tabId: number) => {
        held.told.push(tabId);
        return tabId === 1 ? held.answersOfTabs : Promise.reject(new Error('nobody listens'));
      },
    },
  },
}));
const TABS = [{ id: 1 }, { id: 2 }, {}];

const { awaitPermission, onPermissionsAdded, onPermissionsRemoved, switchBadgesOff, switchBadgesOn } =
  await import('../../../../entrypoints/background/badge-sites.ts');
const { forgetPendingSite, readBadgeSites, readBroughtOrigins } =
  await import('../../../../utils/browser/badge-sites.ts');
const { askForHost } = await import('../../../../utils/browser/host-permission.ts');

beforeEach(() => {
  vi.useFakeTimers();
  for (const kept of [storage.local.values, storage.session.values, held.origins, held.registered]) {
    kept.clear();
  }
  held.told = [];
  held.answersOfTabs = Promise.resolve();
});
afterEach(() => {
  vi.useRealTimers();
});

const sitesOn = async (): Promise<readonly string[]> => (await readBadgeSites()).map(({ siteId }) => siteId);

/** The user presses the switch. The browser's question closes the popup, so the popup does not get the answer. */
async function pressSwitch(): Promise<void> {
  await awaitPermission({ site: SITE, heldOrigins: [...held.origins] });
}

async function allow(...patterns: string[]): Promise<void> {
  for (const pattern of patterns) held.origins.add(pattern);
  await onPermissionsAdded();
}

describe('a permission that arrives after the popup has closed', () => {
  test('switches badges on, and is given back with them', async () => {
    await pressSwitch();
    vi.advanceTimersByTime(30_000);
    await allow(PATTERN);
    expect(await sitesOn()).toEqual(['x']);
    expect([...held.registered.keys()]).toEqual(['badges-x']);
    await switchBadgesOff('x');
    expect([...held.origins]).toEqual([]);
  });

  test('switches nothing on long after the question, and stays for its other purpose', async () => {
    await pressSwitch();
    vi.advanceTimersByTime(61_000);
    await allow(PATTERN);
    expect(await sitesOn()).toEqual([]);
    expect(await readBroughtOrigins()).toEqual([]);
    expect([...held.origins]).toEqual([PATTERN]);
  });

  test('switches nothing on if the host was asked for again for something else', async () => {
    await pressSwitch();
    expect(await askForHost('x.com')).toBe(true);
    await allow(PATTERN);
    expect(await sitesOn()).toEqual([]);
  });

  test('switches nothing on once the popup was opened again, nor after a refusal that was heard', async () => {
    await pressSwitch();
    await forgetPendingSite();
    await allow(PATTERN);
    held.origins.clear();
    await pressSwitch();
    await awaitPermission(null);
    await allow(PATTERN);
    expect(await sitesOn()).toEqual([]);
  });

  test('of a page that is still open is recorded as granted for badges, however late it comes', async () => {
    await pressSwitch();
    vi.advanceTimersByTime(10 * 60_000);
    await allow(PATTERN);
    await switchBadgesOn(SITE);
    expect(await readBroughtOrigins()).toEqual([PATTERN]);
  });
});

describe('switching off', () => {
  beforeEach(async () => {
    for (const site of [SITE, OTHER]) {
      await awaitPermission({ site, heldOrigins: [...held.origins] });
      await allow(...site.originPatterns);
    }
  });

  test('tells every tab, though the permission is gone and no tab’s address is known any more', async () => {
    held.origins.delete(PATTERN);
    await onPermissionsRemoved();
    expect(held.told).toEqual([1, 2]);
    expect(await sitesOn()).toEqual(['reddit']);
    expect([...held.registered.keys()]).toEqual(['badges-reddit']);
  });

  test('waits for no page that does not answer', async () => {
    held.answersOfTabs = new Promise(() => undefined);
    const isOff = switchBadgesOff('x');
    await vi.advanceTimersByTimeAsync(2000);
    await isOff;
    expect([...held.origins]).toEqual([OTHER_PATTERN]);
  });

  test('leaves no frame of the site that could begin a check', async () => {
    const isOn = async (url: string | null): Promise<boolean> =>
      isBadgeFrame({ pageUrl: url, url }, await readBadgeSites());
    expect(await isOn('https://x.com/somebody')).toBe(true);
    await switchBadgesOff('x');
    expect(await isOn('https://x.com/somebody')).toBe(false);
    expect(await isOn('https://www.reddit.com/r/videos')).toBe(true);
    expect(await isOn('https://reddit.com.example.org/')).toBe(false);
    expect(await isOn(null)).toBe(false);
  });
});

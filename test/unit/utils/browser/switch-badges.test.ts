import { beforeEach, expect, test, vi } from 'vitest';
import type { BadgeSite } from '../../../../utils/domain/sites.ts';

const HELD = ['https://huggingface.co/*'];
const calls: unknown[] = [];
let answer = Promise.withResolvers<boolean>();
vi.mock('wxt/browser', () => ({
  browser: {
    permissions: {
      getAll: () => {
        calls.push(['getAll']);
        return Promise.resolve({ origins: HELD });
      },
      request: (asked: unknown) => {
        calls.push(['request', asked]);
        return answer.promise;
      },
    },
    runtime: {
      sendMessage: ({ name, request }: { name: string; request: unknown }) => {
        calls.push([name, request]);
        return Promise.resolve({ ok: true, value: null });
      },
    },
  },
}));
const { switchBadges } = await import('../../../../utils/browser/host-permission.ts');

const SITE: BadgeSite = {
  siteId: 'x',
  name: 'X',
  pagePatterns: ['*://*.x.com/*'],
  originPatterns: ['*://*.x.com/*', '*://*.video.twimg.com/*'],
};

beforeEach(() => {
  calls.length = 0;
  answer = Promise.withResolvers();
});

test('asks the browser within the click itself, for the site’s origins and no others', async () => {
  const switched = switchBadges(SITE, true);
  // Nothing has been awaited yet, so the click still counts.
  expect(calls).toEqual([['getAll'], ['request', { origins: SITE.originPatterns }]]);
  answer.resolve(true);
  expect(await switched).toBe('done');
  // The origins that were granted before, so that they are not taken back with the badges.
  expect(calls.at(-2)).toEqual(['awaitPermission', { site: SITE, heldOrigins: HELD }]);
  expect(calls.at(-1)).toEqual(['switchBadges', { site: SITE, isOn: true }]);
});

test('a refusal switches nothing on, and nothing waits for a permission any more', async () => {
  answer.resolve(false);
  expect(await switchBadges(SITE, true)).toBe('refused');
  expect(calls.at(-1)).toEqual(['awaitPermission', null]);
  expect(calls.map((call) => (call as [string])[0])).not.toContain('switchBadges');
});

test('switching off asks for nothing', async () => {
  expect(await switchBadges(SITE, false)).toBe('done');
  expect(calls).toEqual([['switchBadges', { site: SITE, isOn: false }]]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { originsBrought, originsToGiveBack } from '../../../../entrypoints/background/badge-sites.ts';
import type { OriginsHeld } from '../../../../entrypoints/background/badge-sites.ts';
import { badgeSiteOf, knownBadgeSites } from '../../../../utils/domain/sites.ts';

const PUBLISHER = 'https://huggingface.co/*';
const PAGES = '*://*.x.com/*';
const VIDEOS = '*://*.video.twimg.com/*';

describe('the origins granted for badges', () => {
  test('are those that were not there before, granted by wider or narrower patterns', () => {
    expect(originsBrought([PAGES, VIDEOS], [])).toEqual([PAGES, VIDEOS]);
    expect(originsBrought([PAGES, VIDEOS], [VIDEOS])).toEqual([PAGES]);
    expect(originsBrought([PAGES, VIDEOS], ['*://*.twimg.com/*'])).toEqual([PAGES]);
    expect(originsBrought([PAGES, VIDEOS], ['<all_urls>'])).toEqual([]);
    expect(originsBrought([PAGES, VIDEOS], ['*://*/*'])).toEqual([]);
    // One host of many, or one protocol of two, is not all of it.
    expect(originsBrought([PAGES, VIDEOS], ['*://video.twimg.com/*', 'https://*.x.com/*'])).toEqual([
      PAGES,
      VIDEOS,
    ]);
    // Another name with the same end.
    expect(originsBrought(['*://evil-x.com/*'], [PAGES])).toEqual(['*://evil-x.com/*']);
  });
});

describe('given back', () => {
  const held = (change: Partial<OriginsHeld>): OriginsHeld => ({
    brought: [PAGES, VIDEOS],
    granted: [PAGES, VIDEOS],
    neededBySites: [],
    ...change,
  });

  test('is all that badges alone have asked for', () => {
    expect(originsToGiveBack(held({}))).toEqual([PAGES, VIDEOS]);
    expect(originsToGiveBack(held({ granted: [PAGES, VIDEOS, PUBLISHER] }))).toEqual([PAGES, VIDEOS]);
  });

  test('is nothing that was granted for something else', () => {
    expect(originsToGiveBack(held({ brought: [PAGES] }))).toEqual([PAGES]);
    expect(originsToGiveBack(held({ brought: [] }))).toEqual([]);
  });

  test('is no pattern that covers one granted for something else', () => {
    expect(originsToGiveBack(held({ granted: [PAGES, VIDEOS, '*://video.twimg.com/*'] }))).toEqual([PAGES]);
    // Another pattern, which stays, covers it.
    const granted = [PAGES, VIDEOS, '*://video.twimg.com/*', '*://*.twimg.com/*'];
    expect(originsToGiveBack(held({ granted }))).toEqual([PAGES, VIDEOS]);
  });

  test('is nothing that another site’s badges still need, and that with the last of them', () => {
    const both = ['*://*.instagram.com/*', '*://*.facebook.com/*', '*://*.fbcdn.net/*'];
    const facebook = ['*://*.facebook.com/*', '*://*.fbcdn.net/*'];
    expect(originsToGiveBack({ brought: both, granted: both, neededBySites: facebook })).toEqual([
      '*://*.instagram.com/*',
    ]);
    expect(originsToGiveBack({ brought: facebook, granted: facebook, neededBySites: [] })).toEqual(facebook);
  });

  test('is nothing that the browser has taken back already', () => {
    expect(originsToGiveBack(held({ granted: [VIDEOS] }))).toEqual([VIDEOS]);
    expect(originsToGiveBack(held({ granted: [] }))).toEqual([]);
  });

  test('after any sequence of switches, other purposes keep their origins, and badges keep none', () => {
    const sites = [...knownBadgeSites(), badgeSiteOf('https://social.example/')!];
    const hosts = [
      '*://fbcdn.net/*',
      '*://video.twimg.com/*',
      'https://*.redd.it/*',
      PUBLISHER,
      '*://x.com/*',
    ];
    fc.assert(
      fc.property(
        fc.subarray(hosts),
        fc.array(fc.nat({ max: sites.length - 1 }), { maxLength: 12 }),
        (grantedByUser, presses) => {
          let granted: readonly string[] = grantedByUser;
          let brought: readonly string[] = [];
          let on: readonly (typeof sites)[number][] = [];
          const isReadable = (address: string): boolean => originsBrought([address], granted).length === 0;
          const press = (site: (typeof sites)[number]): void => {
            if (!on.includes(site)) {
              brought = [...brought, ...originsBrought(site.originPatterns, granted)];
              granted = [...new Set([...granted, ...site.originPatterns])];
              on = [...on, site];
              return;
            }
            on = on.filter((other) => other !== site);
            const neededBySites = on.flatMap(({ originPatterns }) => originPatterns);
            const back = originsToGiveBack({ brought, granted, neededBySites });
            // Removes as the browser does: a pattern with every pattern that it covers.
            for (const pattern of back) {
              granted = granted.filter((other) => originsBrought([other], [pattern]).length > 0);
            }
            brought = brought.filter((pattern) => !back.includes(pattern));
            expect(neededBySites.every(isReadable)).toBe(true);
          };
          for (const index of presses) press(sites[index]!);
          expect(grantedByUser.every(isReadable)).toBe(true);
          for (const site of on) press(site);
          expect(grantedByUser.every(isReadable)).toBe(true);
          // The remaining patterns beyond that cover origins that the user has granted.
          for (const pattern of granted) {
            expect(grantedByUser.some((own) => originsBrought([own], [pattern]).length === 0)).toBe(true);
          }
        },
      ),
    );
  });
});

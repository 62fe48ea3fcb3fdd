import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VideoTab } from './driver.ts';
import {
  checkClipsByHand,
  createFeedReader,
  FEED_SITE,
  openFeed,
  startFeedWorld,
  type Expected,
  type FeedReader,
} from './feed-reader.ts';
import { kindOfPost } from './site/feed/kinds.ts';
import type { World } from './world.ts';

/** A busy machine gets time: how long a verdict takes is for the bench to say. */
const VERDICT_MILLISECONDS = 60_000;
/** `npm run bench:feed` reads all 300; here every kind comes twice, and every element is used again. */
const POSTS = 20;

let world: World;
let tab: VideoTab;
let reader: FeedReader;
let expected: Expected;

beforeAll(async () => {
  world = await startFeedWorld();
  expected = await checkClipsByHand(world);
  tab = await openFeed(world, 'high');
  reader = await createFeedReader(tab.page);
});
afterAll(() => world.close());

describe('a feed that is read', () => {
  test('has clips that are told apart, so that one’s verdict on another would be seen', () => {
    const titles = new Set(expected.values());
    expect(titles).toContain('Likely manipulated');
    expect(titles).toContain('No face to check');
    expect(titles).toContain('Face too small');
    expect(titles.has('No manipulation found') || titles.has('Not sure')).toBe(true);
  });

  test(
    'gets the right verdict on every post that stays in sight, and no other’s on any',
    { timeout: 900_000 },
    async () => {
      const unjudged: string[] = [];
      const problems: string[] = [];
      for (let post = 0; post < POSTS; post++) {
        await reader.scrollTo(post);
        if (post % 5 === 4) {
          // Not in sight for long enough: nothing is owed to it, and whatever was there before is gone.
          await tab.page.waitForTimeout(400);
        } else if ((await reader.waitForMark(post, VERDICT_MILLISECONDS)) === null) {
          unjudged.push(`post ${String(post)}: ${JSON.stringify(kindOfPost(post))}`);
        }
        problems.push(...(await reader.problems(expected)));
      }
      expect(problems).toEqual([]);
      expect(unjudged).toEqual([]);
    },
  );

  test('shows at once what it has said before, without checking again', async () => {
    const before = (await world.driver.scansOf(tab)).map(({ scanId }) => scanId);
    await reader.scrollTo(0);
    expect(await reader.waitForMark(0, VERDICT_MILLISECONDS)).not.toBe(null);
    expect((await world.driver.scansOf(tab)).map(({ scanId }) => scanId)).toEqual(before);
    expect(await reader.problems(expected)).toEqual([]);
  });

  test('keeps no verdict of the posts before a single-page navigation on those after it', async () => {
    await tab.page.evaluate('feed.openTab(1)');
    await tab.page.waitForTimeout(500);
    expect(await reader.problems(expected)).toEqual([]);
    expect(await reader.waitForMark(150, VERDICT_MILLISECONDS)).not.toBe(null);
    expect(await reader.problems(expected)).toEqual([]);
  });

  test('has its badges hidden while something is in full screen, and back afterwards', async () => {
    // Full screen comes of a click.
    await tab.page.evaluate(
      `document.body.addEventListener('click', () => document.querySelector('main').requestFullscreen(), { once: true })`,
    );
    await tab.page.mouse.click(5, 5);
    await expect.poll(() => tab.page.evaluate('document.fullscreenElement !== null')).toBe(true);
    // This one is in a nested frame, which hears of no full screen around it.
    await expect.poll(() => reader.shownCount()).toBe(0);
    await tab.page.evaluate('document.exitFullscreen()');
    expect(await reader.waitForMark(150, 10_000)).not.toBe(null);
  });

  test('leaves nothing behind: no more badges than videos, and none once badges are off', async () => {
    expect(await reader.placeCount()).toBeLessThanOrEqual(5);
    await world.driver.ask('switchBadges', { site: FEED_SITE, isOn: false });
    await expect.poll(() => reader.placeCount()).toBe(0);
    expect((await world.driver.ask('getHostState', null)).activeScans).toBe(0);
  });
});

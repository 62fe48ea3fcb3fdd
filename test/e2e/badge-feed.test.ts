import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VideoTab } from '../support/driver.ts';
import {
  checkClipsByHand,
  createFeedReader,
  FEED_SITE,
  openFeed,
  startFeedWorld,
  switchFeedOn,
  type Expected,
  type FeedReader,
} from '../support/feed-reader.ts';
import { kindOfPost } from '../support/site/feed/kinds.ts';
import { listenToFrames, openWindow } from '../support/site/feed/windows.ts';
import { askForFrames, type World } from '../support/world.ts';

/** A busy machine gets time: how long a verdict takes is for the bench to say. */
const VERDICT_MILLISECONDS = 60_000;
/** `npm run bench:feed` reads all 300; here each of the ten kinds is judged, and every element is used again. */
const POSTS = 12;
/** Of kinds that posts 10 and 11 have as well. Not beside the last one, where a check of them would begin later. */
const PASSED_BY: readonly number[] = [3, 4];

let world: World;
let tab: VideoTab;
let reader: FeedReader;
let expected: Expected;

beforeAll(async () => {
  world = await startFeedWorld({ build: 'test' });
  // Four frames are a verdict; how many there are is not what a feed is about.
  await askForFrames(world.driver, 4);
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
        if (PASSED_BY.includes(post)) {
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

describe('two windows on the feed at once', () => {
  let one: VideoTab;
  let other: VideoTab;
  let readers: readonly [FeedReader, FeedReader];
  let framesHeard: () => Promise<readonly string[]>;

  const scanIdsOf = async (window: VideoTab): Promise<readonly string[]> =>
    (await world.driver.scansOf(window)).map(({ scanId }) => scanId);
  const activeScans = async (): Promise<number> => (await world.driver.ask('getHostState', null)).activeScans;
  const problems = async (): Promise<readonly string[]> =>
    (await Promise.all(readers.map((each) => each.problems(expected)))).flat();

  beforeAll(async () => {
    await tab.page.close();
    await world.driver.ask('clearHistory', null);
    await switchFeedOn(world);
    framesHeard = await listenToFrames(world.driver);
    one = await openWindow(world.driver, `${world.site.origin}/feed`);
    other = await openWindow(world.driver, `${world.site.origin}/feed?second`);
    readers = [await createFeedReader(one.page), await createFeedReader(other.page)];
  });
  afterAll(() => world.driver.ask('switchBadges', { site: FEED_SITE, isOn: false }));

  // Neither is ever hidden: driven by Playwright, a page counts as seen even in a window that is minimised.
  test('each video gets its own verdict in its own window, one scan after the other in all', async () => {
    await Promise.all([readers[0].scrollTo(3), readers[1].scrollTo(4)]);
    const marks = await Promise.all([
      readers[0].waitForMark(3, VERDICT_MILLISECONDS),
      readers[1].waitForMark(4, VERDICT_MILLISECONDS),
    ]);
    expect(marks).not.toContain(null);
    expect(await problems()).toEqual([]);
    const heard = await framesHeard();
    expect(new Set(heard).size).toBeGreaterThanOrEqual(2);
    // Of each scan all frames in one go: no other's lies between them.
    const turns = heard.filter((scanId, index) => scanId !== heard[index - 1]);
    expect(turns).toEqual([...new Set(turns)]);
  });

  test('what one has learnt the other shows at once, without checking it again', async () => {
    const [before, heardBefore] = [await scanIdsOf(other), (await framesHeard()).length];
    await readers[1].scrollTo(3);
    expect(await readers[1].waitForMark(3, VERDICT_MILLISECONDS)).not.toBe(null);
    expect(await scanIdsOf(other)).toEqual(before);
    expect((await framesHeard()).length).toBe(heardBefore);
    expect(await problems()).toEqual([]);
  });

  test('one closed in the middle of a check leaves nothing behind, and the other goes on', async () => {
    const heardBefore = (await framesHeard()).length;
    await readers[1].scrollTo(11);
    await expect
      .poll(async () => (await framesHeard()).length, { timeout: VERDICT_MILLISECONDS })
      .toBeGreaterThan(heardBefore);
    await other.page.close();
    await expect.poll(activeScans).toBe(0);
    expect(await world.driver.scansOf(other)).toEqual([]);
    await readers[0].scrollTo(8);
    expect(await readers[0].waitForMark(8, VERDICT_MILLISECONDS)).not.toBe(null);
    expect(await readers[0].problems(expected)).toEqual([]);
    expect(await readers[0].placeCount()).toBeLessThanOrEqual(5);
  });
});

import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { Scan } from '../../utils/domain/scan.ts';
import { wordsOfVerdict } from '../../components/report/verdict-words.ts';
import { TELLING_OPINION } from '../fixtures/networks/demo-model.ts';
import type { VideoTab } from './driver.ts';
import { menuOn } from './gestures.ts';
import type { FeedVideo } from './site/feed/feed.page.ts';
import { FEED_KINDS, kindOfPost } from './site/feed/kinds.ts';
import { openMarks, type ShownMark } from './site/feed/marks.ts';
import { FEED_PAGES } from './site/feed/pages.ts';
import { plainPage } from './site/pages.ts';
import { allowWhenAsked } from './permissions.ts';
import { startWorld, type World } from './world.ts';

const PATTERN = '*://localhost/*';
export const FEED_SITE = {
  siteId: 'localhost',
  name: 'localhost',
  pagePatterns: [PATTERN],
  originPatterns: [PATTERN],
} as const;

const CLIPS = [...new Set(FEED_KINDS.map(({ clip }) => clip))];

/** The result of a check by hand, of all frames, of each clip: title of the verdict by clip. */
export type Expected = ReadonlyMap<string, string>;

/** A world with the feed, a network that tells the faces apart, and badges that may be switched on. */
export async function startFeedWorld(
  options: Pick<NonNullable<Parameters<typeof startWorld>[0]>, 'network' | 'build'> = {},
): Promise<World> {
  const world = await startWorld({
    ...options,
    isDemo: false,
    opinion: TELLING_OPINION,
    pages: {
      ...FEED_PAGES,
      ...Object.fromEntries(CLIPS.map((clip) => [`/clips/${clip}`, plainPage(`/videos/${clip}`)])),
    },
    folders: { '/feed/': resolve(import.meta.dirname, 'site/feed') },
  });
  await allowWhenAsked(world.driver, PATTERN);
  return world;
}

/** Checks every clip by hand, to the end. */
export async function checkClipsByHand({ driver, site }: World): Promise<Expected> {
  const titles = new Map<string, string>();
  for (const clip of CLIPS) {
    const tab = await driver.openTab(`${site.origin}/clips/${clip}`);
    await menuOn(driver, tab, 'video');
    titles.set(clip, titleOf(await driver.waitForEnd(tab)));
    await tab.page.close();
  }
  // The verdicts of the checks by hand must not be recalled for the feed.
  await driver.ask('clearHistory', null);
  return titles;
}

function titleOf({ state }: Scan): string {
  if (state.kind !== 'finished') throw new Error(`no verdict but ${JSON.stringify(state)}`);
  return wordsOfVerdict(state.report.verdict, false).title;
}

/** The feed in a tab of its own, with badges on. */
export async function openFeed(world: World, budget: 'low' | 'medium' | 'high'): Promise<VideoTab> {
  const { driver, site } = world;
  await driver.probe.evaluate(
    `chrome.storage.local.set({ 'badge-settings': { budget: ${JSON.stringify(budget)} } })`,
  );
  await switchFeedOn(world);
  const tab = await driver.openTab(`${site.origin}/feed`);
  await tab.page.waitForFunction('globalThis.feed !== undefined');
  await driver.ask('openHost', null);
  return tab;
}

/** Asks for the permission as the switch in the popup does: it must come from a click. */
export async function switchFeedOn({ driver }: World): Promise<void> {
  const options = await driver.extension.context.newPage();
  await options.goto(`${driver.extension.origin}/options.html`);
  await options.getByLabel('Another site').fill('localhost');
  await options.getByRole('button', { name: 'Switch on' }).click();
  await options.getByRole('switch', { name: 'localhost', checked: true }).waitFor();
  await options.close();
}

export type FeedReader = {
  /** Scrolls a post into sight, as a thumb does. */
  readonly scrollTo: (post: number) => Promise<void>;
  /** Waits until there is a badge on a post's video. @returns null where none came in that time */
  readonly waitForMark: (post: number, timeoutMilliseconds: number) => Promise<ShownMark | null>;
  /**
   * All errors of the present state: a badge beside every video, two badges on one video, or a badge with another
   * clip's verdict.
   */
  readonly problems: (expected: Expected) => Promise<readonly string[]>;
  readonly shownCount: () => Promise<number>;
  readonly placeCount: () => Promise<number>;
};

const POLL_MILLISECONDS = 150;

export async function createFeedReader(page: Page): Promise<FeedReader> {
  const marks = await openMarks(page);
  const videos = (): Promise<readonly FeedVideo[]> => page.evaluate('feed.videos()');
  const look = async (): Promise<readonly (readonly [ShownMark, readonly FeedVideo[]])[]> => {
    const [shown, all] = [await marks.read(), await videos()];
    return shown.map((mark) => [mark, all.filter((video) => holds(video, mark))] as const);
  };
  return {
    scrollTo: (post) => page.evaluate(`feed.scrollToPost(${String(post)})`),
    waitForMark: async (post, timeoutMilliseconds) => {
      for (const deadline = Date.now() + timeoutMilliseconds; Date.now() < deadline;) {
        const found = (await look()).find(([, on]) => on.some((video) => video.post === post));
        if (found !== undefined) return found[0];
        await page.waitForTimeout(POLL_MILLISECONDS);
      }
      return null;
    },
    problems: async (expected) => {
      const covered = await page.evaluate<readonly number[]>('feed.coveredButtons()');
      const problems = covered.map((post) => `the badge of post ${String(post)} covers its sound button`);
      const seen = new Set<number>();
      for (const [mark, on] of await look()) {
        const [video] = on;
        if (video === undefined || on.length > 1) {
          problems.push(`“${mark.label}” lies on ${String(on.length)} videos`);
          continue;
        }
        if (seen.has(video.post)) problems.push(`post ${String(video.post)} has two badges`);
        seen.add(video.post);
        const title = expected.get(kindOfPost(video.post).clip);
        if (title === undefined || !saysTheSame(mark.label, title)) {
          problems.push(`post ${String(video.post)} (${title ?? '?'}) says “${mark.label}”`);
        }
      }
      return problems;
    },
    shownCount: async () => (await marks.read()).length,
    placeCount: () => marks.count(),
  };
}

function holds({ left, top, width, height }: FeedVideo, { x, y }: ShownMark): boolean {
  return x >= left && x < left + width && y >= top && y < top + height;
}

/** The early stop may exchange one quiet verdict for the other. Neither is ever loud, and a refusal stays one. */
export function saysTheSame(label: string, title: string): boolean {
  const quiet = ['Not sure', 'No manipulation found'];
  const titles = quiet.includes(title) ? quiet : [title];
  return titles.some((each) => label.includes(`TrueFrame: ${each}.`));
}

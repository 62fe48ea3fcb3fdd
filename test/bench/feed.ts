import { cpus } from 'node:os';
import { parseCommandLine, runCommand } from '../../entrypoints/cli/command-line.ts';
import { wordsOfVerdict } from '../../components/report/verdict-words.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import {
  checkClipsByHand,
  createFeedReader,
  FEED_SITE,
  openFeed,
  saysTheSame,
  startFeedWorld,
} from '../support/feed-reader.ts';
import { kindOfPost } from '../support/site/feed/kinds.ts';
import { buildExtension } from '../support/extension.ts';
import { collectGarbage } from './collect-garbage.ts';
import { profileMainThread, type MainThreadTime } from './main-thread.ts';
import { usageOf } from './memory.ts';
import { BUDGET_SHARES } from '../../utils/domain/automatic.ts';
import type { Budget } from '../../utils/domain/automatic.ts';

const USAGE = `Reads a feed of 300 videos with badges on, and prints what that costs as one line of JSON.

npm run bench:feed [-- [--posts N] [--watch-every N] [--budget low|medium|high] [--network tiny|published]]

  --posts        how many posts are scrolled through (300)
  --watch-every  every how manieth of them is watched until it has a badge; the others are passed in half a second (3)
  --budget       of automatic checks (low)
  --network      tiny: detection and everything around it cost what they cost, inference next to nothing; published: made-up
                 weights of the published sizes, so that inference costs what it costs (tiny)
  --without      the same with badges off, each watched post for as long as a verdict took: what the page costs by itself

Ends with 1 where a badge was missed or wrong, or an aim was.`;

/** The aims of the project for this measurement. */
const AIMS = {
  longestTaskMilliseconds: 50,
  /** The browser's own copying of the frames is included. */
  mainThreadShare: 0.01,
  memoryGrowthBytes: 60e6,
  framesJudgedPerVerdict: 8,
};

/** A single-page navigation lies between the two. */
const POSTS_A_TAB = 150;
/**
 * The same kinds of posts come back every hundred posts. Only then does the page hold the same videos, so that its
 * memory may be compared. The first hundred posts load everything that will be loaded.
 */
const PERIOD_POSTS = 100;
/** A watched video without a verdict by then counts as missed. */
const PATIENCE_MILLISECONDS = { tiny: 60_000, published: 300_000 };
/** A profile of everything would fill the memory. In each part, one in this many posts is profiled. */
const PROFILED_EVERY = 4;
const PASSING_MILLISECONDS = 500;
const WATCHING_MILLISECONDS = 5500;

await runCommand(USAGE, async (args) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: {
      posts: { type: 'string', default: '300' },
      'watch-every': { type: 'string', default: '3' },
      budget: { type: 'string', default: 'low' },
      network: { type: 'string', default: 'tiny' },
      without: { type: 'boolean', default: false },
    },
  });
  if (!Object.hasOwn(BUDGET_SHARES, values.budget)) throw new Error(`no budget ${values.budget}`);
  if (values.network !== 'tiny' && values.network !== 'published') {
    throw new Error(`no network ${values.network}`);
  }
  await bench({
    postCount: Number(values.posts),
    watchEvery: Number(values['watch-every']),
    budget: values.budget as Budget,
    network: values.network,
    isWithout: values.without,
  });
});

async function bench({
  postCount,
  watchEvery,
  budget,
  network,
  isWithout,
}: {
  readonly postCount: number;
  readonly watchEvery: number;
  readonly budget: Budget;
  readonly network: 'tiny' | 'published';
  readonly isWithout: boolean;
}): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await buildExtension();
  const world = await startFeedWorld({ network });
  try {
    log('Checking every clip by hand, to know what is right');
    const expected = isWithout ? new Map<string, string>() : await checkClipsByHand(world);
    const tab = await openFeed(world, budget);
    if (isWithout) {
      await world.driver.ask('switchBadges', { site: FEED_SITE, isOn: false });
      await tab.page.reload();
      await tab.page.waitForFunction('globalThis.feed !== undefined');
    }
    const reader = await createFeedReader(tab.page);
    const scans = new Map<string, Scan>();
    const profiles: { readonly time: MainThreadTime; readonly milliseconds: number }[] = [];
    const problems: string[] = [];
    const waits: number[] = [];
    let missed = 0;
    let steady: Awaited<ReturnType<typeof memory>> | null = null;
    const usage = async () => ({
      extension: await usageOf('--extension-process'),
      page: await usageOf('--type=renderer'),
    });
    /** Measured before garbage is collected, and after. */
    const memory = async () => {
      const before = await usage();
      await collectGarbage(world.driver.extension.context);
      return { before, after: await usage() };
    };

    const cpuBefore = (await usage()).extension.cpuSeconds;
    const startedAt = performance.now();
    for (let post = 0; post < postCount; post++) {
      if (post === POSTS_A_TAB) await tab.page.evaluate('feed.openTab(1)');
      const stopProfile = post % PROFILED_EVERY === 0 ? await profileMainThread(tab.page) : null;
      const profiledFrom = performance.now();
      await reader.scrollTo(post);
      if (post % watchEvery === 0 && isWithout) {
        await tab.page.waitForTimeout(WATCHING_MILLISECONDS);
      } else if (post % watchEvery === 0) {
        const from = performance.now();
        const mark = await reader.waitForMark(post, PATIENCE_MILLISECONDS[network]);
        if (mark === null) missed++;
        else waits.push(performance.now() - from);
      } else {
        await tab.page.waitForTimeout(PASSING_MILLISECONDS);
      }
      if (stopProfile !== null) {
        profiles.push({ time: await stopProfile(), milliseconds: performance.now() - profiledFrom });
      }
      problems.push(...(await reader.problems(expected)));
      for (const scan of await world.driver.scansOf(tab)) scans.set(scan.scanId, scan);
      if (post === (postCount - 1) % PERIOD_POSTS && post < postCount - 1) steady = await memory();
      if (post % 25 === 0) log(`post ${String(post)} of ${String(postCount)}`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const end = await memory();
    const cpuSeconds = end.before.extension.cpuSeconds - cpuBefore;

    for (const { video, state } of scans.values()) {
      const post = Number(/post-(\d+)$/.exec(video.postUrl ?? '')?.[1] ?? NaN);
      const played = Number(new URL(video.fileUrl ?? 'about:blank').searchParams.get('post') ?? NaN);
      if (!Number.isNaN(post) && !Number.isNaN(played) && post !== played) {
        problems.push(`the video of post ${String(played)} is taken for that of post ${String(post)}`);
      }
      const title = Number.isNaN(post) ? undefined : expected.get(kindOfPost(post).clip);
      if (title === undefined || state.kind !== 'finished') continue;
      const said = wordsOfVerdict(state.report.verdict, false).title;
      if (!saysTheSame(`TrueFrame: ${said}.`, title)) {
        problems.push(`post ${String(post)} (${title}) was found “${said}”`);
      }
    }

    const verdicts = [...scans.values()].flatMap(({ state }) =>
      state.kind === 'finished' ? [state.report.verdict] : [],
    );
    const judged = verdicts.flatMap((verdict) => (verdict.kind === 'refused' ? [] : [verdict]));
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    const mean = (values: readonly number[]): number => round(sum(values) / Math.max(1, values.length));
    const profiled = sum(profiles.map(({ milliseconds }) => milliseconds));
    const ours = profiles.map(({ time }) => time);
    const total = (kind: keyof MainThreadTime): number => sum(ours.map((time) => time[kind]));
    const growth = (of: 'extension' | 'page', when: 'before' | 'after'): number | null =>
      steady === null ? null : end[when][of].residentBytes - steady[when][of].residentBytes;
    const main = {
      shareOfTime: round(
        (total('copyingMilliseconds') + total('frameMilliseconds') + total('badgeMilliseconds')) / profiled,
        5,
      ),
      shareBeyondTheBrowsersCopying: round(
        (total('frameMilliseconds') + total('badgeMilliseconds')) / profiled,
        5,
      ),
      longestTaskMilliseconds: round(
        Math.max(0, ...ours.map(({ longestMilliseconds }) => longestMilliseconds)),
      ),
    };
    const shareOfOneCore = round(cpuSeconds / seconds, 3);
    const framesJudgedPerVerdict = mean(judged.map(({ framesUsed }) => framesUsed));
    const extensionGrowthBytes = growth('extension', 'after');
    console.log(
      JSON.stringify({
        network,
        badges: isWithout ? 'off' : 'on',
        posts: postCount,
        watched: Math.ceil(postCount / watchEvery),
        seconds: Math.round(seconds),
        missed,
        // Badges on the wrong post, two badges on one post, or badges on a control of the site.
        problems,
        secondsToVerdict: { mean: round(mean(waits) / 1000), longest: round(Math.max(0, ...waits) / 1000) },
        mainThread: main,
        extensionCpu: {
          budget,
          budgetShareOfOneCore: BUDGET_SHARES[budget],
          shareOfOneCore,
        },
        memory: {
          extensionGrowthBytes,
          // All renderers: those of the page and of the extension.
          renderersGrowthBytes: growth('page', 'after'),
          // Objects that the browser has not collected yet are counted here.
          renderersGrowthWithGarbageBytes: growth('page', 'before'),
          extensionBytes: end.before.extension.residentBytes,
        },
        verdicts: {
          count: verdicts.length,
          refused: verdicts.length - judged.length,
          framesJudgedPerVerdict,
          // The costs from which those of a feed with another share of loud verdicts can be computed.
          framesJudgedByKind: Object.fromEntries(
            [...new Set(judged.map(({ kind }) => kind))].map((kind) => {
              const ofKind = judged.filter((verdict) => verdict.kind === kind);
              return [kind, { count: ofKind.length, mean: mean(ofKind.map(({ framesUsed }) => framesUsed)) }];
            }),
          ),
          framesScannedAtPerVerdict: mean(verdicts.map(({ framesScanned }) => framesScanned)),
        },
        aims: AIMS,
        cores: cpus().length,
      }),
    );
    const isAsAimed =
      main.longestTaskMilliseconds <= AIMS.longestTaskMilliseconds &&
      main.shareOfTime <= AIMS.mainThreadShare &&
      shareOfOneCore <= BUDGET_SHARES[budget] &&
      framesJudgedPerVerdict <= AIMS.framesJudgedPerVerdict &&
      // A second run without badges measures the page's own growth.
      (extensionGrowthBytes ?? 0) <= AIMS.memoryGrowthBytes;
    if (missed > 0 || problems.length > 0 || !isAsAimed) process.exitCode = 1;
  } finally {
    await world.close();
  }
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

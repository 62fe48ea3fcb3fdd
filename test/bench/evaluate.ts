import { copyFile, link, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { parseCommandLine, runCommand, UsageError } from '../../entrypoints/cli/command-line.ts';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import type { EvaluatedVideo } from '../../utils/domain/evaluation.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { buildExtension } from '../support/extension.ts';
import { startWorld, type World } from '../support/world.ts';
import { collectGarbage } from './collect-garbage.ts';
import { usageOf } from './memory.ts';

const USAGE = `Has the evaluate page judge folders of short made-up videos, and prints what that costs as one line of JSON: time for
each video against the networks' alone, videos an hour with one and two engines, and memory over many videos.

npm run bench:evaluate [-- [--videos N] [--timed N]]

  --videos  of the run whose memory is measured, with a small network and 4 frames each; 0 leaves it out (1000)
  --timed   of the runs whose time is measured, with a network of the published size and 15 frames each; 0 leaves them out (6)

Ends with 1 where an aim was missed.`;

/** The aims of the project for this measurement. */
const AIMS = { timeToInference: 1.15, memoryGrowth: 1.1 };

/** One face each, in H.264 and VP9: 4 seconds, the shortest that the project has. */
const CLIPS = ['one-face.mp4', 'another-face.mp4', 'one-face.webm', 'two-faces.mp4'] as const;
/** What loads once, and the browser's own caches, are there after a tenth of the videos. */
const FIRST_SHARE = 0.1;
const SETTLING_MILLISECONDS = 1000;

await runCommand(USAGE, async (args) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: { videos: { type: 'string', default: '1000' }, timed: { type: 'string', default: '6' } },
  });
  const videos = parseNumber('videos', values.videos);
  const timed = parseNumber('timed', values.timed);
  await buildExtension();
  const folder = await mkdtemp(join(tmpdir(), 'bench-evaluate-'));
  try {
    const timing = timed === 0 ? null : await measureTime(await layClips(join(folder, 'timed'), timed));
    const memory =
      videos === 0 ? null : await measureMemory(await layClips(join(folder, 'many'), videos), videos);
    console.log(JSON.stringify({ timing, memory, aims: AIMS, cores: cpus().length }));
    const missed = [
      (timing?.jobs.at(0)?.timeToInference ?? 0) > AIMS.timeToInference,
      (memory?.growth ?? 0) > AIMS.memoryGrowth,
    ];
    if (missed.includes(true)) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** @throws UsageError */
function parseNumber(name: string, text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`--${name} ${text}: expected a number up to 99999`);
  return Number(text);
}

/** A folder with labels, half of it real. */
async function layClips(folder: string, count: number): Promise<string> {
  for (let index = 0; index < count; index++) {
    const clip = CLIPS[index % CLIPS.length]!;
    const path = join(folder, index % 2 === 0 ? 'real' : 'fake', `${String(index).padStart(5, '0')}-${clip}`);
    await mkdir(dirname(path), { recursive: true });
    // A link within the disk takes no room; the folder for made files may lie on another.
    const made = resolve(TEST_VIDEO_FOLDER, clip);
    await link(made, path).catch(() => copyFile(made, path));
  }
  return folder;
}

type RunOptions = { readonly frames: number; readonly jobs: number };

async function startRun({ driver }: World, folder: string, { frames, jobs }: RunOptions): Promise<Page> {
  const page = await driver.extension.context.newPage();
  await page.goto(`${driver.extension.origin}/evaluate.html`);
  await page.getByLabel('Folder of videos').setInputFiles(folder);
  await page.getByLabel('Frames of each video').selectOption(String(frames));
  await page.getByLabel('Videos at the same time').fill(String(jobs));
  await page.getByRole('button', { name: /^Judge / }).click();
  await page.locator('.videos tbody tr').first().waitFor();
  return page;
}

async function reportsOf(page: Page): Promise<readonly EvaluatedVideo[]> {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the reports' }).click();
  return parseReportLines(await readFile(await (await saving).path(), 'utf8'));
}

function ended(page: Page): Promise<number> {
  return page
    .locator('progress')
    .first()
    .evaluate((bar) => (bar as unknown as { readonly value: number }).value);
}

async function untilEnded(page: Page, count: number): Promise<void> {
  for (let shown = -1; ;) {
    const done = await ended(page);
    if (done >= count) return;
    if (done !== shown) process.stderr.write(`\r${String(done)} of ${String(count)} `);
    shown = done;
    await new Promise((elapsed) => setTimeout(elapsed, 20));
  }
}

/** Time by one and by two engines. The first video of each engine loads the network, and is left out. */
async function measureTime(folder: string) {
  const runs = [];
  for (const jobs of [1, 2]) {
    const world = await startWorld({ network: 'published', isDemo: false });
    try {
      const page = await startRun(world, folder, { frames: 15, jobs });
      await untilEnded(page, jobs);
      const startedAt = performance.now();
      await page.getByRole('button', { name: 'Save the reports' }).waitFor({ timeout: 0 });
      const milliseconds = performance.now() - startedAt;
      process.stderr.write('\n');
      const reports = await reportsOf(page);
      const timed = reports.slice(jobs);
      const sum = (of: (report: EvaluatedVideo) => number): number =>
        timed.reduce((total, each) => total + of(each), 0);
      const inference = sum(({ report }) => report.timings!.inferenceMilliseconds);
      const run = {
        jobs,
        videos: timed.length,
        // Of one video from its opening to its result, and the networks' share of it.
        millisecondsAVideo: Math.round(sum(({ milliseconds: each }) => each) / timed.length),
        inferenceMilliseconds: Math.round(inference / timed.length),
        timeToInference: round(sum(({ milliseconds: each }) => each) / inference),
        videosAnHour: Math.round((3_600_000 * timed.length) / milliseconds),
      };
      process.stderr.write(`${JSON.stringify(run)}\n`);
      runs.push(run);
      await page.close();
    } finally {
      await world.close();
    }
  }
  return { frames: 15, jobs: runs };
}

/** Resident memory of the extension's process, garbage collected, while the run is paused. */
async function measureMemory(folder: string, videos: number) {
  const world = await startWorld({ isDemo: false });
  try {
    const { context } = world.driver.extension;
    const page = await startRun(world, folder, { frames: 4, jobs: 1 });
    const startedAt = performance.now();
    const residentBytes = async (): Promise<number> => {
      await collectGarbage(context);
      // Memory that was given back returns to the system a moment later.
      await new Promise((elapsed) => setTimeout(elapsed, SETTLING_MILLISECONDS));
      return (await usageOf('--extension-process')).residentBytes;
    };
    const samples: { readonly videos: number; readonly residentBytes: number }[] = [];
    const sample = async (): Promise<void> => {
      samples.push({ videos: await ended(page), residentBytes: await residentBytes() });
      process.stderr.write(`\r${JSON.stringify(samples.at(-1))}\n`);
    };
    for (const share of [FIRST_SHARE, 0.4, 0.7]) {
      await untilEnded(page, Math.ceil(share * videos));
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.locator('.videos tbody td .quiet').first().waitFor({ state: 'detached' });
      await sample();
      await page.getByRole('button', { name: 'Continue' }).click();
    }
    await untilEnded(page, videos);
    await page.getByRole('button', { name: 'Save the reports' }).waitFor();
    await sample();
    const judged = (await reportsOf(page)).length;
    return {
      videos: judged,
      frames: 4,
      samples,
      growth: round(samples.at(-1)!.residentBytes / samples[0]!.residentBytes),
      secondsAVideo: round((performance.now() - startedAt) / 1000 / videos),
    };
  } finally {
    await world.close();
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

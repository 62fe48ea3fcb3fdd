import type { ScanReport } from '../../utils/domain/report.ts';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseCommandLine, runCommand } from '../../entrypoints/cli/command-line.ts';
import { chooseModel, type ChosenModel } from '../demo/choose-model.ts';
import { menuOn } from '../support/gestures.ts';
import { buildExtension, EXTENSION_FOLDER } from '../support/extension.ts';
import { installModel } from '../support/install-model.ts';
import { startWorld } from '../support/world.ts';
import { profileMainThread } from './main-thread.ts';
import { watchMemory } from './memory.ts';

const USAGE = `Measures one check of 15 frames of a playing 1080p video, and prints one line of JSON.

npm run bench:scan [-- [--checkpoint FILE] [--tiny]]

  --checkpoint  a published GenConViT file (.pth); without it, a stand-in of the same size with made-up weights
  --tiny        with the small stand-in of the tests instead: its ratios mean little, but it is over soon`;

/** The aims of the project for this measurement. */
const AIMS = {
  mainThreadBeyondCopyingMilliseconds: 4,
  totalToInference: 1.15,
  contentScriptGzipBytes: 25_000,
};

/** The browser gives a closed document's memory back in its own time. */
const MEMORY_RETURN_MILLISECONDS = 3000;

await runCommand(USAGE, async (args) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: { checkpoint: { type: 'string' }, tiny: { type: 'boolean', default: false } },
  });
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const standIn = values.tiny ? 'tiny' : 'published';
  await bench(await chooseModel({ checkpoint: values.checkpoint, standIn }, log), log);
});

async function bench(model: ChosenModel, log: (line: string) => void): Promise<void> {
  await buildExtension();
  const contentScript = await readFile(resolve(EXTENSION_FOLDER, 'content-scripts/content.js'));
  const world = await startWorld({ network: 'none' });
  try {
    const { driver } = world;
    await installModel(driver.extension.context, model.folder);
    const tab = await driver.openTab(world.urlOf('/full-hd'));
    log('A first check, which loads everything');
    await menuOn(driver, tab, 'video');
    const cold = await driver.waitForEnd(tab);

    log('The measured check');
    const stopMemory = watchMemory();
    const stopProfile = await profileMainThread(tab.page);
    await menuOn(driver, tab, 'video');
    const startedAt = performance.now();
    const scan = await driver.waitForScan(tab, 'second', ({ kind }) => kind === 'finished', cold.scanId);
    const wallMilliseconds = performance.now() - startedAt;
    const mainThread = await stopProfile();
    const memory = await stopMemory();
    await driver.ask('configureHost', { idleCloseMilliseconds: 1 });
    await new Promise((elapsed) => setTimeout(elapsed, MEMORY_RETURN_MILLISECONDS));
    const memoryAfterwards = await watchMemory()();

    const { state } = scan;
    if (state.kind !== 'finished' || cold.state.kind !== 'finished') throw new Error('the check has failed');
    const { framesScanned } = state.report.verdict;
    const perFrame = (milliseconds: number): number => round(milliseconds / framesScanned);
    const { totalMilliseconds, detectionMilliseconds, inferenceMilliseconds } = timingsOf(state.report);
    console.log(
      JSON.stringify({
        model: { origin: model.origin, isDemo: model.isDemo, ...state.report.used.model },
        video: { width: scan.video.widthPixels, height: scan.video.heightPixels },
        frames: framesScanned,
        // Wall time: where inference keeps every core busy, the page's thread waits for its turn, too.
        mainThreadPerFrameMilliseconds: {
          browserCopying: perFrame(mainThread.copyingMilliseconds),
          beyondCopying: perFrame(mainThread.frameMilliseconds),
          badge: perFrame(mainThread.badgeMilliseconds),
          longest: round(mainThread.longestMilliseconds),
        },
        detectionMilliseconds: round(detectionMilliseconds),
        inferenceMilliseconds: round(inferenceMilliseconds),
        totalMilliseconds: round(totalMilliseconds),
        totalToInference: round(totalMilliseconds / inferenceMilliseconds),
        wallMilliseconds: round(wallMilliseconds),
        firstCheck: {
          totalMilliseconds: round(timingsOf(cold.state.report).totalMilliseconds),
          inferenceMilliseconds: round(timingsOf(cold.state.report).inferenceMilliseconds),
        },
        peakMemory: memory,
        memoryAfterIdleClose: memoryAfterwards,
        contentScript: { bytes: contentScript.byteLength, gzipBytes: gzipSync(contentScript).byteLength },
        aims: AIMS,
        cores: cpus().length,
      }),
    );
  } finally {
    await world.close();
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function timingsOf({ timings }: ScanReport): NonNullable<ScanReport['timings']> {
  if (timings === null) throw new Error('a check without its times');
  return timings;
}

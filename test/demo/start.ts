import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseCommandLine, runCommand } from '../../entrypoints/cli/command-line.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import type { Verdict } from '../../utils/domain/verdict.ts';
import { openBadge } from '../support/badge.ts';
import { startDriver, type Driver, type VideoTab } from '../support/driver.ts';
import { menuOn } from '../support/gestures.ts';
import { buildExtension } from '../support/extension.ts';
import { installModel } from '../support/install-model.ts';
import { startSite } from '../support/site/server.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { chooseModel } from './choose-model.ts';
import { DEMO_PAGE } from './page.ts';

const USAGE = `Builds TrueFrame, opens a Chromium with it on a local page, and checks one video there.

npm start [-- [--checkpoint FILE] [--full] [--headless]]

  --checkpoint  a published GenConViT file (.pth); it is converted once and remembered by its sha256
  --full        without a checkpoint: a stand-in as large as the published network, for real timings
  --headless    without a window, even where there is a display

The result is printed as JSON lines; pictures of the badge and the popup are left in .output/demo/. With a window the
browser stays open until Ctrl-C.`;

const OUTPUT = resolve(import.meta.dirname, '../../.output/demo');
const DEMO_NOTICE = 'DEMO MODEL: the verdict means nothing';

await runCommand(USAGE, async (args, signal) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: {
      checkpoint: { type: 'string' },
      full: { type: 'boolean', default: false },
      headless: { type: 'boolean', default: false },
    },
  });
  try {
    await runDemo(values, signal);
  } catch (error) {
    log(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
});

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function runDemo(
  options: { readonly checkpoint?: string; readonly full: boolean; readonly headless: boolean },
  signal: AbortSignal,
): Promise<void> {
  const isHeaded = !options.headless && hasDisplay();
  const model = await chooseModel(
    { checkpoint: options.checkpoint, standIn: options.full ? 'published' : null },
    log,
  );
  const print = (event: string, fields: object): void =>
    console.log(JSON.stringify({ event, ...(model.isDemo && { notice: DEMO_NOTICE }), ...fields }));

  log('Making the demo’s videos and building the extension');
  await ensureTestVideos();
  await buildExtension();
  await mkdir(OUTPUT, { recursive: true });
  const site = await startSite({ pages: { '/': DEMO_PAGE }, folders: { '/videos/': TEST_VIDEO_FOLDER } });
  const driver = await startDriver({ isHeaded });
  const isClosed = new Promise<void>((closed) => {
    driver.extension.context.once('close', () => closed());
    signal.addEventListener('abort', () => closed());
  });
  try {
    const modelId = await installModel(driver.extension.context, model.folder);
    print('model', { modelId, origin: model.origin });
    const tab = await driver.openTab(`${site.origin}/`);
    const scan = await checkFirstVideo(driver, tab, print);
    await takePictures(driver, tab, print);
    if (scan.state.kind !== 'finished' || scan.state.report.verdict.kind === 'refused') {
      throw new Error(`the check ended without a verdict: ${JSON.stringify(scan.state)}`);
    }
    if (isHeaded) {
      log('The browser stays open: try it. Ctrl-C ends the demo.');
      await isClosed;
    }
  } finally {
    await driver.close();
    await site.close();
  }
}

async function checkFirstVideo(
  driver: Driver,
  tab: VideoTab,
  print: (event: string, fields: object) => void,
): Promise<Scan> {
  const startedAt = performance.now();
  await menuOn(driver, tab, 'video');
  let shown = '';
  const scan = await driver.waitForScan(tab, 'ended', (state) => {
    const { kind } = state;
    const progress =
      kind === 'running' ? `${String(state.framesScanned)} of ${String(state.framesAsked)}` : '';
    if (!isFinal(state) && shown !== kind + progress) {
      print('progress', { state: kind, ...(progress !== '' && { frames: progress }) });
    }
    shown = kind + progress;
    return isFinal(state);
  });
  const { state, video } = scan;
  print('result', {
    video: video.fileUrl,
    ...(state.kind === 'finished'
      ? {
          verdict: withoutPeople(state.report.verdict),
          model: state.report.used.model,
          timings: rounded(state.report.timings ?? {}),
        }
      : { state }),
    fromClickToResultMilliseconds: Math.round(performance.now() - startedAt),
  });
  return scan;
}

function withoutPeople(verdict: Verdict): object {
  return Object.fromEntries(Object.entries(verdict).filter(([name]) => name !== 'people'));
}

function rounded(timings: object): object {
  return Object.fromEntries(
    Object.entries(timings).map(([name, value]) => [name, Math.round(Number(value))]),
  );
}

/** The card on the video, opened, and the popup. */
async function takePictures(
  driver: Driver,
  tab: VideoTab,
  print: (event: string, fields: object) => void,
): Promise<void> {
  const badge = await openBadge(tab.page);
  const badgePath = resolve(OUTPUT, 'badge.png');
  await badge.hover();
  await badge.click(/./);
  await tab.page.screenshot({ path: badgePath });
  const popup = await driver.openPopup(tab);
  // The popup has drawn what it reads from storage.
  await popup.evaluate(`(async () => {
    const isDrawn = () => document.querySelector('main, h1, h2, button') !== null;
    for (let attempt = 0; attempt < 100 && !isDrawn(); attempt++) await new Promise((done) => setTimeout(done, 50));
    await new Promise((done) => setTimeout(done, 500));
  })()`);
  const popupPath = resolve(OUTPUT, 'popup.png');
  const { data } = (await popup.send('Page.captureScreenshot')) as { data: string };
  await writeFile(popupPath, Buffer.from(data, 'base64'));
  await popup.close();
  print('pictures', { badge: badgePath, popup: popupPath });
}

function hasDisplay(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);
}

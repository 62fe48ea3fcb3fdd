import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { layEvaluatedFolder, seedEvaluated } from '../fixtures/scans/evaluated-folder.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { findViolations } from '../support/axe.ts';
import { REPOSITORY } from '../support/build-once.ts';
import { installModel } from '../support/install-model.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;
let modelId: string;

beforeAll(async () => {
  world = await startWorld({ network: 'none' });
  modelId = await installModel(world.driver.extension.context, await makeDemoModel({ isDemo: false }));
  folder = await mkdtemp(join(tmpdir(), 'evaluate-figures-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

async function openPage(): Promise<Page> {
  const page = await world.driver.extension.context.newPage();
  await page.goto(`${world.driver.extension.origin}/evaluate.html`);
  await page.getByRole('button', { name: 'Open a folder' }).waitFor();
  return page;
}

async function choose(page: Page, path: string): Promise<void> {
  await page.getByLabel('Folder of videos').setInputFiles(path);
}

const judge = (page: Page): Promise<void> => page.getByRole('button', { name: /^Judge / }).click();

async function saved(page: Page, button: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  return await readFile(await (await download).path(), 'utf8');
}

/** A page with a finished run of made-up results. */
async function openFinished(name: string, count: number): Promise<Page> {
  const path = join(folder, name);
  const evaluated = await layEvaluatedFolder(path, { count, modelId });
  const page = await openPage();
  await seedEvaluated(page, evaluated);
  await page.reload();
  await choose(page, path);
  await page.getByLabel('Videos', { exact: true }).selectOption('all');
  await judge(page);
  await page.getByRole('button', { name: 'Save the result file' }).waitFor();
  return page;
}

/** The page's figures by name, as they are shown: value and interval. */
async function shownFigures(page: Page): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = page.locator('.figures table').first().locator('tbody tr:not(.group)');
  const cells = await rows.evaluateAll((found) =>
    found.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent)),
  );
  return Object.fromEntries(cells.map(([name = '', ...values]) => [name, values]));
}

type Printed = {
  readonly files: readonly {
    readonly threshold: number | null;
    readonly figures: Readonly<
      Record<string, { readonly value: number; readonly interval: { low: number; high: number } | null }>
    >;
    readonly strata: readonly { readonly value: string }[];
  }[];
};

/** What the command says of the file that the page saves. */
async function evaluateSaved(page: Page, ...args: readonly string[]): Promise<Printed['files'][number]> {
  const file = join(folder, 'saved.json');
  await writeFile(file, await saved(page, 'Save the result file'));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [resolve(REPOSITORY, 'entrypoints/cli/evaluate.ts'), file, '--json', ...args],
    { cwd: REPOSITORY },
  );
  return (JSON.parse(stdout) as Printed).files[0]!;
}

function written({ value, interval }: Printed['files'][number]['figures'][string]): readonly string[] {
  return [
    value.toFixed(4),
    interval === null ? '–' : `${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}`,
  ];
}

test('figures, intervals and kinds are those that the command computes of the saved file', async () => {
  const page = await openFinished('many', 120);
  const messages: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') messages.push(message.text());
  });
  await page.locator('.plots svg').nth(3).waitFor();
  expect(await findViolations(page)).toEqual([]);
  const printed = await evaluateSaved(page);
  const shown = await shownFigures(page);
  expect(shown['Area under the ROC curve (AUC)']).toEqual(written(printed.figures.areaUnderCurve!));
  expect(shown['All videos called right (accuracy)']).toEqual(written(printed.figures.accuracy!));
  expect(shown['Expected calibration error (ECE)']).toEqual(written(printed.figures.calibrationError!));
  expect(shown['Of these, judged wrongly']).toEqual(written(printed.figures.coveredError!));
  expect(Object.keys(shown).length).toBeGreaterThanOrEqual(17);
  // Two compressions, four sizes of faces, three classes.
  expect(printed.strata).toHaveLength(9);
  await page.getByRole('rowheader', { name: 'Face: 80 to 159 pixels' }).waitFor();
  await page.getByRole('rowheader', { name: 'Compression: c40' }).waitFor();

  // Tuned on one half, the page and the command take the same half and the same score.
  await page.getByLabel('A video is called manipulated').selectOption('fpr');
  await page.getByText(/The score was chosen on one half of the videos \(60\)/).waitFor();
  const tuned = await evaluateSaved(page, '--tune', 'fpr=0.05');
  await page.getByText(`${tuned.threshold!.toFixed(4)} or more`).waitFor();
  expect((await shownFigures(page)).Recall).toEqual(written(tuned.figures.recall!));
  await page.getByLabel('A video is called manipulated').selectOption('cost');
  await page.getByLabel('A miss costs').fill('5');
  await page.getByLabel('A miss costs').blur();
  await page
    .getByText(`${(await evaluateSaved(page, '--tune', 'cost=1:5')).threshold!.toFixed(4)} or more`)
    .waitFor();
  for (const summary of await page.getByText('As a table').all()) await summary.click();
  expect(await findViolations(page)).toEqual([]);
  expect(messages).toEqual([]);
  await page.close();
});

test('one class alone is said in words, and so are too few videos for a threshold', async () => {
  const page = await openFinished('few', 2);
  await page.getByText('No manipulated video is among them').waitFor();
  await page.locator('.plots svg').nth(1).waitFor();
  expect(await page.locator('.plots svg').count()).toBe(2);
  expect(await page.locator('main').innerText()).not.toMatch(/NaN|Infinity|undefined|∞/);
  await page.getByLabel('A video is called manipulated').selectOption('youden');
  await page.getByText('Choosing a score takes at least two real and two manipulated videos.').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.close();
});

describe('a run', () => {
  /** Three clips, one that is broken, and a folder of frames that counts as one video. */
  async function layClips(name: string): Promise<string> {
    const clips = {
      'real/one.mp4': 'one-face.mp4',
      'real/none.mp4': 'no-face.mp4',
      'fake/another.mp4': 'another-face.mp4',
    };
    for (const [path, clip] of Object.entries(clips)) {
      await mkdir(join(folder, name, path, '..'), { recursive: true });
      await copyFile(resolve(TEST_VIDEO_FOLDER, clip), join(folder, name, path));
    }
    await writeFile(join(folder, name, 'fake/broken.mp4'), 'no video');
    const frames = join(folder, name, 'fake/frames');
    await mkdir(frames);
    const page = await world.driver.extension.context.newPage();
    await page.goto(world.urlOf('/plain'));
    for (const number of [1, 2, 3, 10, 20]) {
      await page.locator('video').screenshot({ path: join(frames, `frame${String(number)}.png`) });
    }
    await page.close();
    return join(folder, name);
  }

  test('axe finds nothing wrong from the start to the end, the keyboard reaches all, and little is said aloud', async () => {
    const path = await layClips('labelled');
    const page = await openPage();
    expect(await findViolations(page)).toEqual([]);
    await choose(page, path);
    await page.getByText('labelled: 5 videos').waitFor();
    expect(await findViolations(page)).toEqual([]);
    // A layout that is not what it claims.
    await page.getByLabel('Data set').selectOption('celeb');
    await page.getByText(/Not there: Celeb-real/).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByLabel('Data set').selectOption('labelled');
    await page.getByText('labelled: 5 videos').waitFor();
    await page.getByLabel('Frames of each video').selectOption('4');
    await page.getByLabel('Videos at the same time').fill('2');

    // What a screen reader is told: changes within live regions.
    await page.evaluate(`globalThis.said = [];
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const region = (target.nodeType === 1 ? target : target.parentElement)?.closest('[role=status], [role=alert], [aria-live]');
          if (region) globalThis.said.push(region.textContent);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
    await page.getByRole('button', { name: 'Judge 5 videos' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.videos tbody tr').nth(1).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    // The focus stays on the button that took the other's place.
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Continue');
    expect(await findViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled. Videos that are judged stay judged.').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Save the reports' }).waitFor({ timeout: 60_000 });
    expect(await page.locator('details[open] > div').innerText()).toContain(
      '3 videos have a score. One was refused, such as a video without a face. One failed.',
    );
    await page.locator('.plots svg').nth(3).waitFor();
    expect(await findViolations(page)).toEqual([]);
    const said = await page.evaluate<readonly string[]>('globalThis.said');
    expect(said.length, said.join('\n')).toBeLessThan(12);

    // The folder of frames is one video with a report of its own.
    const lines = parseReportLines(await saved(page, 'Save the reports'));
    const ofFrames = lines.find(({ video }) => video.name === 'frames')!;
    expect(ofFrames.report.used.source).toBe('images');
    expect(ofFrames.report.verdict.framesScanned).toBe(4);

    // The folded steps open with the keyboard, and the failed video is named in the table.
    await page.locator('summary', { hasText: 'Judge' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('rowheader', { name: 'labelled/fake/broken.mp4' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.close();
  });
});

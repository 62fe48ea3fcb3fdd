import { rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { layEvaluatedFolder, seedEvaluated } from '../fixtures/scans/evaluated-folder.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { installModel } from '../support/install-model.ts';
import type { Shot, TextOf } from './screenshots.ts';

let modelId = '';
const seed = async (context: BrowserContext): Promise<void> => {
  modelId = await installModel(context, await makeDemoModel({ isDemo: false }));
};

/** The evaluation page in every state: see screenshots.ts. The videos are judged by the tests' small network. */
export const EVALUATE_SHOTS: readonly Shot[] = [
  {
    name: 'evaluate-no-network',
    page: 'evaluate',
    stage: {},
    act: async (page) => page.locator('a.primary').waitFor(),
  },
  shot('evaluate-start', async (page) => {
    await page.locator('button').first().waitFor();
  }),
  shot('evaluate-recognised', async (page, _text, folder) => {
    await chooseClips(page, folder);
  }),
  shot('evaluate-problems', async (page, _text, folder) => {
    await chooseClips(page, folder);
    await page.locator('#dataset').selectOption('celeb');
    await page.locator('ul.tone-not-sure').waitFor();
  }),
  shot('evaluate-running', async (page, _text, folder) => {
    await judgeClips(page, folder);
    await page.locator('.videos tbody tr').nth(3).waitFor();
  }),
  shot('evaluate-paused', async (page, text, folder) => {
    await judgeClips(page, folder);
    await page.locator('.videos tbody tr').nth(2).waitFor();
    await page.getByRole('button', { name: await text('evaluate.run.pause'), exact: true }).click();
    await page.locator('.videos td .quiet').first().waitFor({ state: 'detached' });
  }),
  shot('evaluate-cancelled', async (page, text, folder) => {
    await judgeClips(page, folder);
    await page.locator('.videos tbody tr').nth(2).waitFor();
    await page.getByRole('button', { name: await text('action.cancel'), exact: true }).click();
    await page.locator('p[role=status]:not(.hidden-text)').last().waitFor();
  }),
  shot('evaluate-failed', async (page, _text, folder) => {
    await judgeClips(page, folder);
    await page.locator('.plots svg').first().waitFor();
    await page.locator('summary').nth(1).click();
  }),
  shot('evaluate-finished', async (page, _text, folder) => {
    const evaluated = await layEvaluatedFolder(join(folder, 'FaceForensics++'), { count: 240, modelId });
    await seedEvaluated(page, evaluated);
    await page.reload();
    await page.locator('input[type=file]').first().setInputFiles(join(folder, 'FaceForensics++'));
    await page.locator('#list').selectOption('all');
    await page.locator('.choices ~ .bar button.primary').click();
    await page.locator('.plots svg').nth(3).waitFor();
  }),
];

function shot(name: string, act: (page: Page, text: TextOf, folder: string) => Promise<void>): Shot {
  return {
    name,
    page: 'evaluate',
    stage: {},
    seed,
    act: async (page, text) => {
      const folder = await mkdtemp(join(tmpdir(), 'evaluate-shots-'));
      // The page reads from it for as long as it is open.
      page.once('close', () => rmSync(folder, { recursive: true, force: true }));
      await act(page, text, folder);
    },
  };
}

async function chooseClips(page: Page, folder: string): Promise<void> {
  await ensureTestVideos();
  const clips = [
    'one-face.mp4',
    'another-face.mp4',
    'no-face.mp4',
    'two-faces.webm',
    'tiny-face.mp4',
    'rotated.mp4',
  ];
  for (const [index, clip] of clips.entries()) {
    const path = join(folder, 'Interviews', index % 2 === 0 ? 'real' : 'fake', clip);
    await mkdir(join(path, '..'), { recursive: true });
    await copyFile(resolve(TEST_VIDEO_FOLDER, clip), path);
  }
  await writeFile(
    join(folder, 'Interviews/fake/Der Bürgermeister antwortet, ungekürzte Fassung.mp4'),
    'none',
  );
  await page.locator('input[type=file]').first().setInputFiles(join(folder, 'Interviews'));
  await page.locator('#dataset').waitFor();
}

async function judgeClips(page: Page, folder: string): Promise<void> {
  await chooseClips(page, folder);
  await page.locator('.choices ~ .bar button.primary').click();
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { casesAt } from '../support/cases.ts';
import { menuOn } from '../support/gestures.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';

/** A scan sums in another order than the command, and a GPU rounds differently. */
const TOLERANCE = 1e-4;

let world: World;
let folder: string;

beforeAll(async () => {
  world = await startWorld();
  // Enough for a verdict of each person.
  await askForFrames(world.driver, 5);
  folder = await mkdtemp(join(tmpdir(), 'face-crops-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(casesAt(['/plain', '/two-faces'] as const, 1))(
  'npm run score on the face crops saved from the details page of %s gives the scan’s score',
  async (path) => {
    const { driver, modelFolder } = world;
    const tab = await driver.openTab(world.urlOf(path));
    await menuOn(driver, tab, 'video');
    const { scanId, state } = await driver.waitForEnd(tab);
    if (state.kind !== 'finished' || state.report.verdict.kind === 'refused' || modelFolder === null) {
      throw new Error(`no verdict but ${JSON.stringify(state)}`);
    }
    const { verdict } = state.report;
    await tab.page.close();

    const crops = await saveCrops(scanId);
    expect(crops).toHaveLength(state.report.frameScores.length);
    expect((await score(modelFolder, crops)).video.score).toBeCloseTo(verdict.pooledScore, 4);

    const people = Map.groupBy(state.report.frameScores, ({ personId }) => personId);
    for (const { personId, ...person } of verdict.people) {
      if (person.kind === 'refused') throw new Error('everybody is in every frame');
      const own = crops.filter((crop) => new RegExp(`person-0*${String(personId)}\\b`).test(crop));
      expect(own).toHaveLength(people.get(personId)?.length ?? 0);
      const { video } = await score(modelFolder, own);
      expect(Math.abs(video.score - person.score)).toBeLessThan(TOLERANCE);
    }
  },
);

/** Presses "Save face crops" and unpacks what comes. @returns the PNG files, in the order of their names */
async function saveCrops(scanId: string): Promise<readonly string[]> {
  const { context, origin } = world.driver.extension;
  const page = await context.newPage();
  await page.goto(`${origin}/report.html#${scanId}`);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: /save face crops/i }).click();
  const zip = unzipSync(await readFile(await (await download).path()));
  await page.close();
  const names = Object.keys(zip)
    .filter((name) => name.endsWith('.png'))
    .toSorted();
  for (const name of names) await writeFile(join(folder, `${scanId}-${name}`), zip[name]!);
  return names.map((name) => join(folder, `${scanId}-${name}`));
}

async function score(
  modelFolder: string,
  pictures: readonly string[],
): Promise<{ readonly video: { readonly score: number } }> {
  const command = resolve(import.meta.dirname, '../../entrypoints/cli/score.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    command,
    '--model',
    modelFolder,
    '--json',
    ...pictures,
  ]);
  return JSON.parse(stdout) as { video: { score: number } };
}

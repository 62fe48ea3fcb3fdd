import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FrameScore } from '../../utils/domain/report.ts';
import type { HistoryEntry } from '../../utils/domain/scan.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { CROSSING, PASSING_WINDOW, TEST_VIDEO_DURATION_SECONDS } from '../fixtures/videos/scenes.ts';
import { startWorld, type World } from '../support/world.ts';

const VIDEO = 'crossing-faces.mp4';

let world: World;
let entry: HistoryEntry;

beforeAll(async () => {
  world = await startWorld({ isDemo: false });
  await world.driver.probe.evaluate(`chrome.storage.local.set({ settings: { keepCrops: true } })`);
  const page = await openPage('check.html');
  await page.locator('input[type=file]').first().setInputFiles(resolve(TEST_VIDEO_FOLDER, VIDEO));
  const details = page.getByRole('link', { name: 'Details' });
  await details.waitFor({ timeout: 60_000 });
  const [, scanId = ''] = (await details.getAttribute('href'))!.split('#');
  entry = await world.driver.waitForHistoryEntry(scanId);
  await page.close();
});
afterAll(() => world.close());

async function openPage(path: string): Promise<Page> {
  const page = await world.driver.extension.context.newPage();
  await page.goto(`${world.driver.extension.origin}/${path}`);
  return page;
}

/** Who of the scene's people is at a place at a time. */
function personAt({ mediaTimeSeconds, box }: FrameScore): 'first' | 'second' {
  const phase = mediaTimeSeconds / TEST_VIDEO_DURATION_SECONDS;
  const { first: passing, atPhase, then } = CROSSING;
  // One of them is shown alone.
  if (phase >= atPhase && phase < then.atPhase) return 'first';
  const scene = phase < atPhase ? passing : then.then;
  const middle = box!.left + box!.width / 2;
  const [first, second] = scene.people.map(({ from, to }) =>
    Math.abs(from + (to - from) * Math.min(1, phase / scene.untilPhase) + PASSING_WINDOW.width / 2 - middle),
  ) as [number, number];
  // Where they overlap, the first is in front.
  return first <= second ? 'first' : 'second';
}

test('two people are two tracks, the same through a crossing and through cuts to one of them and back', () => {
  const faces = entry.report.frameScores;
  const shown = faces.map(
    (face) => `${face.mediaTimeSeconds.toFixed(2)} ${personAt(face)} is ${String(face.personId)}`,
  );
  const idsOf = (person: string): ReadonlySet<number> =>
    new Set(faces.filter((face) => personAt(face) === person).map(({ personId }) => personId));
  expect(idsOf('first').size, shown.join(', ')).toBe(1);
  expect(idsOf('second').size, shown.join(', ')).toBe(1);
  expect([...idsOf('first')], shown.join(', ')).not.toEqual([...idsOf('second')]);
  const { verdict } = entry.report;
  expect(verdict.kind === 'refused' ? [] : verdict.people).toHaveLength(2);
  // The second person is not there while the first is alone.
  expect(faces.filter((face) => personAt(face) === 'second').length).toBeLessThan(
    faces.filter((face) => personAt(face) === 'first').length,
  );
});

test('each has a timeline of their own, and their faces outlive the host where the user keeps faces', async () => {
  await world.driver.ask('configureHost', { idleCloseMilliseconds: 100 });
  await expect
    .poll(() => world.driver.inServiceWorker<boolean>('chrome.offscreen.hasDocument()'), { timeout: 5000 })
    .toBe(false);
  const page = await openPage(`report.html#${entry.scanId}`);
  await page.getByRole('button', { name: 'Save face crops' }).waitFor();
  const faces = entry.report.frameScores;
  expect(await page.locator('.person-timeline').count()).toBe(2);
  for (const personId of [1, 2]) {
    const own = faces.filter((face) => face.personId === personId).length;
    expect(
      await page
        .locator('.person-timeline')
        .nth(personId - 1)
        .locator('rect')
        .count(),
    ).toBe(own);
  }
  // Those of the person who decides are shown among the reasons as well.
  expect(await page.locator('.crop canvas').count()).toBeGreaterThanOrEqual(faces.length);
  await page.close();
});

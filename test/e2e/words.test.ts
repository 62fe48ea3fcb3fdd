import { afterAll, beforeAll, expect, test } from 'vitest';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import { openBadge } from '../support/badge.ts';
import { menuOn } from '../support/gestures.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ isDemo: false });
});
afterAll(() => world.close());

test('a network that is no stand-in speaks in words and a score, on the video, in the popup and on the toolbar', async () => {
  const { driver } = world;
  const tab = await driver.openTab(world.urlOf('/plain'));
  const badge = await openBadge(tab.page);
  await menuOn(driver, tab, 'video');
  const { state } = await driver.waitForEnd(tab);
  if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') {
    throw new Error(`no verdict but ${JSON.stringify(state)}`);
  }
  const { score } = state.report.verdict;
  const words =
    score >= VERDICT_BANDS.likelyManipulatedFrom
      ? /Likely manipulated/
      : score <= VERDICT_BANDS.noManipulationUpTo
        ? /No manipulation found/
        : /Not sure/;
  const scoreWords = new RegExp(`score ${String(Math.round(score * 100))} of 100`, 'i');

  await badge.hover();
  await badge.waitForText(words);
  const popup = await driver.openPopup(tab);
  const readPopup = (): Promise<string> => popup.evaluate<string>('document.body.innerText');
  await expect.poll(readPopup).toMatch(words);
  await expect.poll(readPopup).toMatch(scoreWords);
  expect(await readPopup()).not.toMatch(/DEMO/);
  await popup.close();
  const title = await driver.inServiceWorker<string>(
    `chrome.action.getTitle({ tabId: ${String(tab.tabId)} })`,
  );
  expect(title).toMatch(words);
});

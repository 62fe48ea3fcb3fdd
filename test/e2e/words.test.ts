import { afterAll, beforeAll, expect, test } from 'vitest';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import type { VideoTab } from '../support/driver.ts';
import { openBadge } from '../support/badge.ts';
import { menuOn } from '../support/gestures.ts';
import { plainPage } from '../support/site/pages.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';
import type { ScanState } from '../../utils/domain/scan.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({
    isDemo: false,
    pages: {
      '/hostile': `${plainPage('/videos/one-face.webm')}<script>
        const style = document.createElement('style');
        style.textContent = 'div[popover] { display: none !important }';
        document.documentElement.append(style);
        const ours = () => document.documentElement.querySelector(':scope > div[popover]');
        setInterval(() => ours()?.remove(), 20);
      </script>`,
    },
  });
  await askForFrames(world.driver, 6);
});
afterAll(() => world.close());

test('a network that is no stand-in speaks in words and a score, on the video, in the popup and on the toolbar', async () => {
  const { driver } = world;
  const tab = await driver.openTab(world.urlOf('/plain'));
  const badge = await openBadge(tab.page);
  await menuOn(driver, tab, 'video');
  const { state } = await driver.waitForEnd(tab);
  const { words, score } = wordsOf(state);
  const scoreWords = new RegExp(`score ${String(Math.round(score * 100))} of 100`, 'i');

  await badge.hover();
  await badge.waitForText(words);
  await expectInPopupAndToolbar(world, tab, words, scoreWords);
});

test('a page that removes the badge whenever it comes keeps the verdict neither from the popup nor from the toolbar', async () => {
  const { driver, site } = world;
  const tab = await driver.openTab(`${site.origin}/hostile`);
  await menuOn(driver, tab, 'video');
  const { state } = await driver.waitForEnd(tab);
  const { words, score } = wordsOf(state);
  await expectInPopupAndToolbar(
    world,
    tab,
    words,
    new RegExp(`score ${String(Math.round(score * 100))} of 100`, 'i'),
  );
});

/** @throws Error for a scan without a verdict */
function wordsOf(state: ScanState): { readonly words: RegExp; readonly score: number } {
  if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') {
    throw new Error(`no verdict but ${JSON.stringify(state)}`);
  }
  const { score } = state.report.verdict;
  if (score >= VERDICT_BANDS.likelyManipulatedFrom) return { words: /Likely manipulated/, score };
  return { words: score <= VERDICT_BANDS.noManipulationUpTo ? /No manipulation found/ : /Not sure/, score };
}

async function expectInPopupAndToolbar(
  { driver }: World,
  tab: VideoTab,
  words: RegExp,
  scoreWords: RegExp,
): Promise<void> {
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
}

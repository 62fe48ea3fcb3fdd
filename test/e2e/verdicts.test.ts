import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openBadge } from '../support/badge.ts';
import { casesAt } from '../support/cases.ts';
import type { VideoTab } from '../support/driver.ts';
import { menuOn } from '../support/gestures.ts';
import { removeModels } from '../support/install-model.ts';
import { plainPage } from '../support/site/pages.ts';
import { askForFrames, playFaster, startWorld, type World } from '../support/world.ts';
import type { FinishedState } from '../../utils/domain/scan.ts';
import type { Verdict } from '../../utils/domain/verdict.ts';

/** More than the four that a verdict needs; what a verdict is does not depend on fifteen. */
const FRAMES_ASKED = 6;

const VIDEO = '/videos/another-face.mp4';
/** @param script draws in the `context` of a canvas over the video, which lets clicks through */
const withCanvas = (script: string): string =>
  plainPage(VIDEO) +
  `<canvas width="640" height="360" style="position: fixed; inset: 0; width: 100%; height: 100%; pointer-events: none">
  </canvas><script>
    const context = document.querySelector('canvas').getContext('2d');
    ${script}
  </script>`;

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startWorld({
    pages: {
      '/under-canvas': withCanvas('context.fillRect(0, 0, 640, 360)'),
      '/under-empty-canvas': withCanvas(''),
      '/inverted': plainPage(VIDEO).replace('<video ', '<video style="filter: invert(1)" '),
      '/recorded': plainPage('/videos/recorded.webm'),
    },
  });
  await askForFrames(world.driver, FRAMES_ASKED);
  await playFaster(world);
});
afterAll(() => world.close());
afterEach(() => tab.page.close());

describe('a check of', () => {
  test('a video without faces is refused with "no-face", without a number', async () => {
    tab = await world.driver.openTab(world.urlOf('/no-face'));
    const badge = await openBadge(tab.page);
    await menuOn(world.driver, tab, 'video');
    const scan = await world.driver.waitForEnd(tab);
    expect(scan.state).toMatchObject({
      kind: 'finished',
      report: {
        verdict: {
          kind: 'refused',
          reason: 'no-face',
          framesScanned: FRAMES_ASKED,
          framesAsked: FRAMES_ASKED,
        },
        frameScores: [],
      },
    });
    await badge.waitForText(/No face to check/);
    expect((await badge.read()).join(' ')).not.toMatch(/\d+ of 100/);
    expect(await world.driver.waitForHistoryEntry(scan.scanId)).toMatchObject({
      report: { verdict: { kind: 'refused', reason: 'no-face' } },
    });
  });

  test('two people tells them apart, and the card has a timeline of their frames', async () => {
    tab = await world.driver.openTab(world.urlOf('/two-faces'));
    const badge = await openBadge(tab.page);
    await menuOn(world.driver, tab, 'video');
    const { state } = await world.driver.waitForEnd(tab);
    if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') {
      throw new Error(`no verdict but ${JSON.stringify(state)}`);
    }
    expect(state.report.verdict.people.map(({ personId }) => personId).toSorted()).toEqual([1, 2]);
    for (const personId of [1, 2]) {
      // Both are in every frame of the video.
      expect(state.report.frameScores.filter((face) => face.personId === personId)).toHaveLength(
        FRAMES_ASKED,
      );
    }
    // A script of its own, which the browser puts in when the card opens.
    await badge.click(/Show more/);
    await badge.waitForText(/^Judged frames$/);
  });

  test('a face smaller than those the network was trained on is refused as too small', async () => {
    tab = await world.driver.openTab(world.urlOf('/tiny-face'));
    await menuOn(world.driver, tab, 'video');
    const { state } = await world.driver.waitForEnd(tab);
    expect(state).toMatchObject({ report: { verdict: { kind: 'refused', reason: 'face-too-small' } } });
  });

  test.each(
    casesAt(
      [
        ['a face that is out of focus', 'face-blurred', '/blurred', '/small'],
        ['a strongly compressed video', 'compressed', '/squeezed', '/plain'],
      ] as const,
      // The other one is in check-file.test.ts as well, of a file.
      0,
    ),
  )('%s is judged as such, and another one is not', async (_what, weakness, path, other) => {
    for (const [checked, isWeak] of [
      [path, true],
      [other, false],
    ] as const) {
      tab = await world.driver.openTab(world.urlOf(checked));
      await menuOn(world.driver, tab, 'video');
      const { state } = await world.driver.waitForEnd(tab);
      if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') {
        throw new Error(`no verdict but ${JSON.stringify(state)}`);
      }
      expect(weaknessesOf(state.report.verdict).includes(weakness)).toBe(isWeak);
      if (isWeak) await tab.page.close();
    }
  });

  test.each([
    ['under another picture', 'covered-by-page', '/under-canvas'],
    ['under a player’s empty canvas', null, '/under-empty-canvas'],
    ['that the page alters', 'altered-by-page', '/inverted'],
    ['of a recorder, without its duration', null, '/recorded'],
  ] as const)('a video %s is judged with the doubt %s', async (_what, doubt, path) => {
    tab = await world.driver.openTab(world.site.origin + path);
    await menuOn(world.driver, tab, 'video');
    const { state } = await world.driver.waitForEnd(tab);
    if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') {
      throw new Error(`no verdict but ${JSON.stringify(state)}`);
    }
    const ofPage = state.report.verdict.doubts.filter((each) => each.endsWith('-by-page'));
    expect(ofPage).toEqual(doubt === null ? [] : [doubt]);
  });

  test('a paused video judges its one frame, and is not sure', async () => {
    tab = await world.driver.openTab(world.urlOf('/still'));
    await menuOn(world.driver, tab, 'video');
    const { state } = await world.driver.waitForEnd(tab);
    expect(state).toMatchObject({
      kind: 'finished',
      report: { verdict: { framesAsked: 1, framesScanned: 1, framesUsed: 1 } },
    });
    const { verdict } = (state as FinishedState).report;
    expect(verdict.kind).toBe('not-sure');
    expect(weaknessesOf(verdict)).toContain('few-frames');
    expect(await tab.page.evaluate(`document.querySelector('video').paused`)).toBe(true);
  });

  test('the same video twice at the same frame gives the very same verdict', async () => {
    tab = await world.driver.openTab(world.urlOf('/still'));
    await menuOn(world.driver, tab, 'video');
    const first = await world.driver.waitForEnd(tab);
    await menuOn(world.driver, tab, 'video');
    const second = await world.driver.waitForScan(
      tab,
      'second',
      ({ kind }) => kind === 'finished',
      first.scanId,
    );
    // The same frame, decoded once: not a bit may differ.
    expect(second.state).toMatchObject({
      report: { verdict: first.state.kind === 'finished' && first.state.report.verdict },
    });
  });

  test('any video without an installed network says so, and leads to the page that installs one', async () => {
    await removeModels(world.driver.extension.context);
    tab = await world.driver.openTab(world.urlOf('/plain'));
    const badge = await openBadge(tab.page);
    await menuOn(world.driver, tab, 'video');
    const { state } = await world.driver.waitForEnd(tab);
    expect(state).toMatchObject({ report: { verdict: { kind: 'refused', reason: 'model-missing' } } });
    await badge.waitForText(/No network yet/);
    const popup = await world.driver.openPopup(tab);
    await expect
      .poll(() => popup.evaluate<string>('document.body.innerText'))
      .toMatch(/none is installed[^]*Set up TrueFrame/);
    await popup.close();

    await badge.click(/No network yet/);
    const [welcome] = await Promise.all([
      world.driver.extension.context.waitForEvent('page'),
      badge.click(/^Set up TrueFrame/),
    ]);
    await welcome.waitForURL(`${world.driver.extension.origin}/welcome.html`);
    await welcome.close();
  });
});

/** Why a verdict is weak, or no verdict. */
function weaknessesOf(verdict: Verdict): readonly string[] {
  if (verdict.kind === 'refused') return [];
  return [...verdict.doubts, ...(verdict.reasons ?? []).map(({ code }) => code)];
}

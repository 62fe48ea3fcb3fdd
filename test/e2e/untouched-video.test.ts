import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VideoTab } from './driver.ts';
import { menuOn } from './gestures.ts';
import { recordVideo } from './video-recorder.ts';
import { startWorld, type World } from './world.ts';

/** What may be done with a page's video: reading its place and its next frame, and hearing of its events. */
const READ_ONLY = new Set([
  'call requestVideoFrameCallback',
  'call cancelVideoFrameCallback',
  'call getBoundingClientRect',
  'call checkVisibility',
  'call getRootNode',
  'call contains',
  'call compareDocumentPosition',
  'call closest',
  'call matches',
  'call getAttribute',
]);

/** Events that only tell of the video; none through which a listener could swallow a click. */
const TELLING_EVENTS =
  /^call (?:add|remove)EventListener (?:play|playing|pause|ended|emptied|error|loadeddata|loadedmetadata|loadstart|seeked|seeking|timeupdate|resize|encrypted|waiting|durationchange|ratechange)$/;

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startWorld();
  tab = await world.driver.openTab(world.urlOf('/plain'));
  await world.driver.letIn(tab);
});
afterAll(() => world.close());

test('a check leaves the page’s video as it was, and it plays on', async () => {
  const recording = await recordVideo(world.driver, tab);
  await menuOn(world.driver, tab, 'video');
  const { state } = await world.driver.waitForEnd(tab);
  expect(state.kind).toBe('finished');

  const uses = await recording.usesByContentScript();
  // The recorder sees the content script: it cannot have got its frames otherwise.
  expect(uses).toContain('call requestVideoFrameCallback');
  expect(uses.filter((use) => !READ_ONLY.has(use) && !TELLING_EVENTS.test(use))).toEqual([]);

  const seen = await recording.seenByPage();
  expect(seen.events).toEqual([]);
  expect(seen.mutations).toEqual([]);
  expect(seen.after).toEqual(seen.before);
  expect(seen.layoutAfter).toEqual(seen.layoutBefore);
  // One element of ours, after everything of the page's.
  expect(seen.added).toHaveLength(1);
  expect(seen.playedSeconds).toBeGreaterThan(1);
});

test('the recorder would have noticed', async () => {
  const recording = await recordVideo(world.driver, tab);
  await world.driver.inServiceWorker(`chrome.scripting.executeScript({
    target: { tabId: ${String(tab.tabId)} },
    func: () => {
      const video = document.querySelector('video');
      video.volume = 0.5;
      video.style.outline = '1px solid';
      video.pause();
    },
  })`);
  await expect.poll(async () => (await recording.seenByPage()).events).toEqual(['volumechange', 'pause']);
  const seen = await recording.seenByPage();
  expect(await recording.usesByContentScript()).toEqual(
    expect.arrayContaining(['set volume', 'get style', 'call pause']),
  );
  expect(seen.mutations).toEqual(['attributes VIDEO style']);
  expect(seen.after).not.toEqual(seen.before);
});

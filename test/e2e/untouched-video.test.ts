import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { menuOn, videoExpression } from '../support/gestures.ts';
import { blobPage, customPlayerPage, framePage } from '../support/site/players.ts';
import { meddling, watchTab, type WatchedTab } from '../support/watched-tab.ts';
import { startWorld, type World } from '../support/world.ts';

const MP4 = '/videos/another-face.mp4';

let world: World;
let tab: WatchedTab;

beforeAll(async () => {
  world = await startWorld({
    pages: { '/player': customPlayerPage(MP4), '/blob': blobPage(MP4), '/frame': framePage('/blob') },
  });
});
afterAll(() => world.close());
// `leave` is not called, since some of these tests change the video themselves.
afterEach(() => tab.page.close());

async function open(path: string): Promise<void> {
  const opened = await world.driver.openTab(world.site.origin + path);
  for (const frame of opened.page.frames()) {
    await frame.waitForFunction(`${videoExpression()} === undefined || ${videoExpression()}.currentTime > 0`);
  }
  tab = await watchTab(world.driver, opened);
}

/** Changes the video as a careless content script would: in its own world, in every frame. */
async function meddle(work: string): Promise<void> {
  await world.driver.inServiceWorker(`chrome.scripting.executeScript({
    target: { tabId: ${String(tab.tabId)}, allFrames: true },
    func: () => {
      const video = ${videoExpression()};
      if (video === undefined) return;
      ${work}
    },
  })`);
}

test('a check leaves the page’s video as it was, and it plays on', async () => {
  await open('/plain');
  await menuOn(world.driver, tab, 'video');
  const { state } = await world.driver.waitForEnd(tab);
  expect(state.kind).toBe('finished');

  const { recording } = tab;
  // The recorder sees the content script, which can't have got its frames in any other way.
  expect(await recording.usesByContentScript()).toContain('call requestVideoFrameCallback');
  const { added, before, playedSeconds } = await recording.seenByPage();
  expect(added).toHaveLength(1);
  // There are some three hundred of each. Fewer would mean that the prototypes are not searched.
  expect(Object.keys(before[0]!.properties).length).toBeGreaterThan(200);
  expect(Object.keys(before[0]!.computedStyle).length).toBeGreaterThan(200);
  expect(playedSeconds[0]).toBeGreaterThan(1);
  await tab.leave();
});

test('the recorder would have noticed', async () => {
  await open('/plain');
  await meddle(`
    video.volume = 0.5;
    video.style.outline = '1px solid';
    video.pause();`);
  const { recording } = tab;
  await expect.poll(async () => (await recording.seenByPage()).events).toEqual(['volumechange', 'pause']);
  const seen = await recording.seenByPage();
  expect(await recording.usesByContentScript()).toEqual(
    expect.arrayContaining(['set volume', 'get style', 'call pause']),
  );
  expect(seen.mutations).toEqual(['attributes VIDEO style']);
  expect(seen.after).not.toEqual(seen.before);
  await expect(tab.leave()).rejects.toThrow();
});

test.each([
  ['in the page', '/plain'],
  ['in a shadow root', '/player'],
  ['in a frame', '/frame'],
])('it would have noticed each of these %s', async (_where, path) => {
  await open(path);
  const acts = [
    ['video.currentTime = 3', 'set currentTime', 'event seeking'],
    ['video.playbackRate = 2', 'set playbackRate', 'event ratechange'],
    ['video.preservesPitch = false', 'set preservesPitch', 'property HTMLMediaElement.preservesPitch'],
    ['video.classList.add("a")', 'get classList', 'attributes VIDEO class'],
    ['video.addTextTrack("metadata")', 'call addTextTrack', 'event textTracks addtrack'],
    ['video.textTracks[0].mode = "hidden"', 'get textTracks', 'event textTracks change'],
    ['video.captureStream()', 'call captureStream', null],
    ['new AudioContext().createMediaElementSource(video)', 'pass to createMediaElementSource', null],
    ['video.addEventListener("click", () => {})', 'call addEventListener click', null],
    ['video.dispatchEvent(new Event("click"))', 'call dispatchEvent', 'event click'],
    ['video.parentNode.append(video)', 'pass to append', 'childList'],
    ['video.crossOrigin = "anonymous"', 'set crossOrigin', 'attributes VIDEO crossorigin'],
  ] as const;
  await meddle(acts.map(([work]) => work).join(';\n'));
  const uses = meddling(await tab.recording.usesByContentScript());
  expect(uses).toEqual(expect.arrayContaining(acts.map(([, use]) => use)));
  for (const trace of acts.flatMap(([, , seen]) => seen ?? [])) {
    await expect.poll(() => tracesOf(tab)).toContainEqual(expect.stringContaining(trace));
  }
});

/** The changes that the page could notice, one line for each. */
async function tracesOf({ recording }: WatchedTab): Promise<readonly string[]> {
  const { events, mutations, before, after } = await recording.seenByPage();
  const changed = before.flatMap(({ properties }, index) =>
    Object.keys(properties).filter((name) => properties[name] !== after[index]!.properties[name]),
  );
  return [
    ...events.map((type) => `event ${type}`),
    ...mutations,
    ...changed.map((name) => `property ${name}`),
  ];
}

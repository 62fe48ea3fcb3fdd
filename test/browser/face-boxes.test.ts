import { decode } from 'fast-png';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import type { FrameScore, ScanReport } from '../../utils/domain/report.ts';
import { reportOf, verdictOf } from '../fixtures/scans/scans.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { TEST_VIDEO_DURATION_SECONDS } from '../fixtures/videos/scenes.ts';
import { launchChromium } from '../support/chromium.ts';
import { addFakeHost, checkVideo, injectContentScript, injectFacesScript } from '../support/fake-host.ts';
import { SHOW_FRAME } from '../support/video-frame.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';

/** 1280 × 720, with a square of a colour of its own in the place of a face: the sun, which moves to the right. */
const PLAYER = (style = '') =>
  `<video src="/videos/no-face.webm" muted preload="auto" style="display: block; width: 640px; height: 360px; ${style}"></video>`;
const page = (body: string, root = ''): string =>
  `<!doctype html><html ${root}><meta charset="utf-8"><body style="margin: 0; padding: 60px 90px">${body}</body></html>`;

/** The sun's place at a time, in shares of the picture (drawPattern in scenes.ts). */
function sunAt(seconds: number): NonNullable<FrameScore['box']> {
  const phase = seconds / TEST_VIDEO_DURATION_SECONDS;
  return { left: 0.1 + 0.6 * phase, top: 0.12, width: 0.12 * (720 / 1280), height: 0.12 };
}

const PLAYERS: Readonly<Record<string, string>> = {
  'as it is': page(PLAYER()),
  'smaller, of another shape': page(PLAYER('width: 560px; height: 400px')),
  'with bars and a border': page(PLAYER('height: 500px; border: 7px solid; padding: 5px 20px')),
  cropped: page(PLAYER('width: 330px; object-fit: cover; object-position: 20% 50%')),
  stretched: page(PLAYER('height: 500px; object-fit: fill')),
  'in its own size': page(PLAYER('object-fit: none; object-position: 10% 0')),
  mirrored: page(PLAYER('transform: scaleX(-1)')),
  'mirrored with what holds it, and cropped': page(
    `<div style="scale: -1 1">${PLAYER('width: 330px; object-fit: cover; object-position: 20% 50%')}</div>`,
  ),
  flipped: page(PLAYER('transform: scaleY(-1)')),
  zoomed: page(PLAYER(), 'style="zoom: 1.3"'),
  'scaled with what holds it': page(
    `<div style="transform: scale(1.2) translate(10px, 20px); transform-origin: 0 0">${PLAYER()}</div>`,
  ),
  turned: page(PLAYER('transform: rotate(90deg); margin-top: 120px')),
  'turned a little, and mirrored': page(PLAYER('rotate: 20deg; scale: -1 1; margin-top: 120px')),
};

let site: Site;
let context: BrowserContext;
let closeChromium: () => Promise<void>;

beforeAll(async () => {
  await ensureTestVideos();
  site = await startSite({
    pages: {
      ...Object.fromEntries(Object.entries(PLAYERS).map(([name, html]) => [pathOf(name), html])),
      '/full': page(`<div id="stage">${PLAYER()}</div>
        <button onclick="document.querySelector('#stage').requestFullscreen()">Full screen</button>`),
    },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  ({ context, close: closeChromium } = await launchChromium({}));
  await addFakeHost(context);
});
afterAll(async () => {
  await closeChromium();
  await site.close();
});
afterEach(async () => {
  for (const open of context.pages()) await open.close();
});

function pathOf(name: string): string {
  return `/${name.replaceAll(/\W+/g, '-')}`;
}

async function openAt(path: string, seconds: number): Promise<Page> {
  const opened = await context.newPage();
  await opened.setViewportSize({ width: 1100, height: 820 });
  await opened.goto(site.origin + path);
  await seek(opened, seconds);
  return opened;
}

/** Seeks as the site's own player would. */
async function seek(opened: Page, seconds: number): Promise<void> {
  await opened.waitForFunction(`document.querySelector('video').readyState >= 1`);
  // A screenshot has the new frame once the compositor has it, which may be later than the element has it.
  await opened.evaluate(`(async (seconds) => {
    const video = document.querySelector('video');
    // No frame is presented again.
    const isShown = Math.abs(video.currentTime - seconds) < 0.05;
    const isPresented = isShown || new Promise((resolve) => {
      const look = (_, { mediaTime }) => {
        if (mediaTime <= seconds && mediaTime > seconds - 0.1) requestAnimationFrame(() => requestAnimationFrame(resolve));
        else video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    });
    await (${SHOW_FRAME})(video, seconds, 0.1);
    await isPresented;
  })(${String(seconds + 0.001)})`);
}

/** One face, which is where the sun is, in a frame at each of these times. */
function reportWith(seconds: readonly number[], scores: readonly number[] = []): ScanReport {
  const report = reportOf(verdictOf(0.82));
  return {
    ...report,
    frameScores: seconds.map((mediaTimeSeconds, frameIndex) => ({
      ...report.frameScores[0]!,
      frameIndex,
      mediaTimeSeconds,
      score: scores[frameIndex] ?? 0.82,
      box: sunAt(mediaTimeSeconds),
    })),
  };
}

/** A finished check by hand, with its card open. */
async function openCard(opened: Page, report: ScanReport): Promise<void> {
  await injectContentScript(opened);
  await injectFacesScript(opened);
  await opened.evaluate('testHost.isAnswering = false');
  await checkVideo(opened, { kind: 'largest' });
  await opened.waitForFunction(`testHost.received.some(({ type }) => type === 'start')`);
  await opened.evaluate(
    `testHost.send({ type: 'state', evidence: [], state: { kind: 'finished', report: ${JSON.stringify(report)} } })`,
  );
  await opened.waitForFunction(`testHost.overlay()?.querySelector('.place.is-shown .open') != null`);
  await opened.evaluate(`testHost.overlay().querySelector('.open').click()`);
  await opened.waitForFunction(`${TIMELINE} != null`);
}

const ROOTS = `[...(testHost.overlay()?.querySelectorAll('div') ?? [])].flatMap(({ shadowRoot }) => shadowRoot ?? [])`;
const FACES = `${ROOTS}.flatMap((root) => [...root.querySelectorAll('.face')])`;
const TIMELINE = `${ROOTS}.map((root) => root.querySelector('.timeline')).find(Boolean)`;

const faceRects = (opened: Page): Promise<readonly PageBox[]> =>
  opened.evaluate(`${FACES}.map((face) => face.getBoundingClientRect().toJSON())`);

/** The box around the sun's pixels on the screen. */
async function sunOnScreen(opened: Page): Promise<PageBox> {
  const { data, width, height, channels } = decode(await opened.screenshot());
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      if (data[at]! < 215 || data[at + 1]! < 170 || data[at + 2]! > 175) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  return { left, top, width: right - left, height: bottom - top };
}

/** The largest distance between two edges, in shares of the side. */
function distanceOf(found: PageBox, drawn: PageBox): number {
  const edges = ({ left, top, width, height }: PageBox) => [left, top, left + width, top + height];
  const [one, other] = [edges(found), edges(drawn)];
  return Math.max(...one.map((edge, at) => Math.abs(edge - other[at]!))) / found.width;
}

describe('the box lies on the face, within 5 % of its side, in a player that is', () => {
  test.each(Object.keys(PLAYERS))('%s', async (name) => {
    const opened = await openAt(pathOf(name), 0.4);
    const sun = await sunOnScreen(opened);
    expect(sun.width).toBeGreaterThan(30);
    await openCard(opened, reportWith([0.4]));
    await expect.poll(async () => (await faceRects(opened)).length).toBe(1);
    await expect
      .poll(async () => distanceOf(sun, (await faceRects(opened))[0] ?? nowhere(sun)))
      .toBeLessThanOrEqual(0.05);
  });

  test('in full screen, scrolled, or changed while the card is open', async () => {
    const full = await openAt('/full', 0.4);
    await full.getByRole('button').click();
    await full.waitForFunction('document.fullscreenElement !== null');
    await full.waitForFunction('innerHeight === document.querySelector("#stage").clientHeight');
    const sun = await sunOnScreen(full);
    await openCard(full, reportWith([0.4]));
    await expect
      .poll(async () => distanceOf(sun, (await faceRects(full))[0] ?? nowhere(sun)))
      .toBeLessThanOrEqual(0.05);
    await full.close();

    const opened = await openAt(pathOf('as it is'), 0.4);
    const before = await sunOnScreen(opened);
    await openCard(opened, reportWith([0.4]));
    await opened.evaluate(`document.body.style.height = '3000px'; scrollTo(0, 40)`);
    const scrolled = { ...before, top: before.top - 40 };
    await expect
      .poll(async () => distanceOf(scrolled, (await faceRects(opened))[0] ?? nowhere(before)))
      .toBeLessThanOrEqual(0.05);
    // The element stays at its place; only the picture in it turns.
    await opened.evaluate(`document.querySelector('video').style.transform = 'scaleX(-1)'`);
    const mirrored = { ...scrolled, left: 2 * 90 + 640 - scrolled.left - scrolled.width };
    await expect
      .poll(async () => distanceOf(mirrored, (await faceRects(opened))[0] ?? nowhere(before)))
      .toBeLessThanOrEqual(0.05);
  });
});

const nowhere = (box: PageBox): PageBox => ({ ...box, left: -1e6 });

describe('while the card is open', () => {
  test('a face is framed near the times at which it was judged, and never in between where it has moved', async () => {
    const opened = await openAt(pathOf('as it is'), 1);
    await openCard(opened, reportWith([1, 2]));
    for (const [seconds, faces] of [
      [1, 1],
      [1.52, 0],
      [1.12, 1],
      [2.4, 0],
      [1.92, 1],
    ] as const) {
      await seek(opened, seconds);
      await expect
        .poll(async () => (await faceRects(opened)).length, { message: `at ${String(seconds)} s` })
        .toBe(faces);
    }
  });

  test('a click or a key of the user’s on the timeline seeks, nothing else does, and the player goes on as it was', async () => {
    const opened = await openAt(pathOf('as it is'), 0);
    await opened.evaluate(`globalThis.events = []; for (const type of ['play', 'pause', 'ratechange', 'volumechange', 'emptied', 'seeking'])
      document.querySelector('video').addEventListener(type, ({ type }) => events.push(type))`);
    await openCard(opened, reportWith([0.4, 1.2, 2, 2.8, 3.6], [0.9, 0.5, 0.1, 0.8, 0.82]));
    expect(await opened.evaluate(`${TIMELINE}.children.length`)).toBe(5);
    // The browser keeps the position in microseconds.
    const now = () => opened.evaluate<number>(`document.querySelector('video').currentTime`);

    await opened.evaluate(`{
      const { left, top, width, height } = ${TIMELINE}.getBoundingClientRect();
      const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true };
      ${TIMELINE}.dispatchEvent(new MouseEvent('click', at));
      ${TIMELINE}.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
    }`);
    expect([await now(), await opened.evaluate('events')]).toEqual([0.001, []]);

    const { left, top, width, height } = await opened.evaluate<PageBox>(
      `${TIMELINE}.getBoundingClientRect().toJSON()`,
    );
    await opened.mouse.click(left + width * 0.5, top + height - 3);
    await expect.poll(now).toBeCloseTo(2.001, 5);
    await expect
      .poll(() => opened.evaluate(`${TIMELINE}.getAttribute('aria-valuetext')`))
      .toBe('At 0:02: score 10 of 100');
    await opened.keyboard.press('ArrowRight');
    await expect.poll(now).toBeCloseTo(2.801, 5);
    await expect.poll(() => opened.evaluate(`${TIMELINE}.getAttribute('aria-valuenow')`)).toBe('4');
    await opened.keyboard.press('Home');
    await expect.poll(now).toBeCloseTo(0.401, 5);
    expect(await opened.evaluate('[document.querySelector("video").paused, [...new Set(events)]]')).toEqual([
      true,
      ['seeking'],
    ]);
  });

  test('boxes and timeline come with it, and are removed when it is closed', async () => {
    const opened = await openAt(pathOf('as it is'), 0.4);
    await openCard(opened, reportWith([0.4]));
    await opened.waitForFunction(`${FACES}.length === 1`);
    await opened.keyboard.press('Escape');
    await opened.waitForFunction(`testHost.overlay().querySelector('.pill') !== null`);
    expect(await opened.evaluate(`[${ROOTS}.length, testHost.overlay().children.length]`)).toEqual([0, 1]);
    await opened.evaluate(`testHost.overlay().querySelector('.open').click()`);
    await opened.waitForFunction(`${FACES}.length === 1`);
  });
});

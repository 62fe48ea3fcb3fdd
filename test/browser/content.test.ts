import { refusalOf, reportOf } from '../fixtures/scans/scans.ts';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EXTENSION_FOLDER } from '../support/extension.ts';
import {
  addFakeHost,
  ask,
  checkVideo,
  injectContentScript,
  injectScreenScript,
  listVideos,
} from '../support/fake-host.ts';
import type { ScreenPlace } from '../../utils/domain/content-messages.ts';
import { overlayPage, plainPage, shadowRootPage } from '../support/site/pages.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { addTestScript } from '../support/test-pages.ts';
import { launchChromium } from '../support/chromium.ts';
import { findForeignFrames } from '../../entrypoints/background/closed-frames.ts';

const VIDEO = '/videos/one-face.webm';
const OTHER_VIDEO = '/videos/no-face.mp4';
const POINTER = { kind: 'pointer', srcUrl: null } as const;

let site: Site;
let context: BrowserContext;
let closeChromium: () => Promise<void>;

beforeAll(async () => {
  const videos = await ensureTestVideos();
  const small = (url: string): string => `<video src="${url}" muted loop autoplay width="320"></video>`;
  site = await startSite({
    pages: {
      '/plain': plainPage(VIDEO),
      '/overlay': overlayPage(VIDEO),
      '/shadow': shadowRootPage(VIDEO),
      '/far-apart': `<!doctype html>${small(VIDEO)}<div style="height: 2000px"></div>${small(OTHER_VIDEO)}`,
      '/side-by-side': `<!doctype html>${small(VIDEO)}${small(OTHER_VIDEO)}`,
      '/paused': `<!doctype html><video src="${VIDEO}" muted preload="auto" width="320"></video>`,
      '/unloaded': `<!doctype html><video src="${VIDEO}" muted preload="none" width="320" height="180"></video>`,
      '/strict': `<!doctype html><meta http-equiv="Content-Security-Policy" content="style-src 'none'">${small(VIDEO)}`,
      '/hostile': `<!doctype html><style>
        html > *, div, button { display: none !important; position: static !important; font-size: 40px !important }
        html > body { display: block !important }</style>${small(VIDEO)}`,
      '/scrolled-away': `<!doctype html>${small(VIDEO)}<div style="height: 8000px"></div>`,
      '/none': '<!doctype html><p>Nothing but text.</p>',
      '/scrolling': `<!doctype html><div id="box" style="height: 300px; overflow: auto; margin-top: 200px">
        ${plainPage(VIDEO)}<div style="height: 2000px"></div></div>`,
    },
    folders: { '/videos/': dirname(videos['one-face.webm'].path) },
  });
  // A name that is no secure context, for sites without https.
  const chromium = await launchChromium({
    extraFlags: ['--host-resolver-rules=MAP insecure.test 127.0.0.1'],
  });
  ({ context, close: closeChromium } = chromium);
  await addFakeHost(context);
}, 600_000);

afterAll(async () => {
  await closeChromium();
  await site.close();
});

afterEach(async () => {
  // A headless page plays on when nobody looks.
  for (const page of context.pages()) await page.close();
});

async function openPage(path: string, origin = site.origin): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto(origin + path);
  return page;
}

async function openPlaying(path: string, origin?: string): Promise<Page> {
  const page = await openPage(path, origin);
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video, site-player')].every((element) => {
      const video = element.shadowRoot?.querySelector('video') ?? element;
      return video instanceof HTMLVideoElement && video.currentTime > 0.1;
    }),
  );
  await injectContentScript(page);
  return page;
}

/** Evaluates an expression over `host`, the page's {@link TestHost}, and `video`, its first one. */
function read<Value>(page: Page, expression: string): Promise<Value> {
  return page.evaluate<Value>(
    `(() => { const host = testHost; const video = document.querySelector('video'); return ${expression}; })()`,
  );
}

function until(page: Page, expression: string): Promise<unknown> {
  return page.waitForFunction(
    `(() => { const host = testHost; const video = document.querySelector('video'); return ${expression}; })()`,
  );
}

const RECEIVED_TYPES = 'host.received.map(({type}) => type)';
const FRAMES = 'host.received.filter(({type}) => type.endsWith("frame"))';
const BADGE_TEXT = 'host.overlay()?.querySelector("h2, .pill .words > span")?.dataset.text ?? null';
const sendState = (state: unknown): string =>
  `host.send({type: 'state', state: ${JSON.stringify(state)}, evidence: []})`;

test('is at most 25 kB gzipped', async () => {
  const script = await readFile(resolve(EXTENSION_FOLDER, 'content-scripts/content.js'));
  expect(gzipSync(script, { level: 9 }).byteLength).toBeLessThanOrEqual(25_000);
});

describe('finding the video', () => {
  test('under a transparent element that takes every click', async () => {
    const page = await openPlaying('/overlay');
    expect(await checkVideo(page, POINTER)).toMatchObject({ kind: 'started' });
  });

  test('in an open shadow root, by its address', async () => {
    const page = await openPlaying('/shadow');
    expect(await checkVideo(page, { kind: 'pointer', srcUrl: site.origin + VIDEO })).toMatchObject({
      kind: 'started',
    });
  });

  test('that the menu was opened over, of several', async () => {
    const page = await openPlaying('/side-by-side');
    const second = page.locator('video').nth(1);
    await second.click({ button: 'right' });
    expect(await checkVideo(page, POINTER)).toMatchObject({ kind: 'started' });
    await until(page, 'host.received.length > 0');
    expect(await read(page, 'host.received[0].video.fileUrl')).toBe(site.origin + OTHER_VIDEO);
  });

  test('that is hovered, before any event was seen', async () => {
    const page = await openPlaying('/side-by-side');
    await page.locator('video').nth(1).hover();
    expect(await checkVideo(page, POINTER)).toMatchObject({ kind: 'started' });
    await until(page, 'host.received.length > 0');
    expect(await read(page, 'host.received[0].video.fileUrl')).toBe(site.origin + OTHER_VIDEO);
  });

  test('is the user’s choice where several could be meant, and the page gets no click', async () => {
    const page = await openPlaying('/side-by-side');
    await page.evaluate(
      'window.clicks = 0; document.querySelectorAll("video").forEach((one) => one.addEventListener("click", () => window.clicks++))',
    );
    expect(await checkVideo(page, POINTER)).toEqual({ kind: 'choosing' });
    const box = (await page.locator('video').nth(1).boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await until(page, 'host.received.length > 0');
    expect(await read(page, 'host.received[0].video.fileUrl')).toBe(site.origin + OTHER_VIDEO);
    expect(await page.evaluate('window.clicks')).toBe(0);
    expect(await read(page, 'host.overlay().querySelector(".chooser")')).toBe(null);
  });

  test('is left to nobody after Escape', async () => {
    const page = await openPlaying('/side-by-side');
    await checkVideo(page, POINTER);
    await page.keyboard.press('Escape');
    await until(page, 'host.overlay().querySelector(".chooser") === null');
    expect(await read(page, 'host.openPorts()')).toBe(0);
  });

  test('says that there is none', async () => {
    const page = await openPage('/none');
    await injectContentScript(page);
    expect(await checkVideo(page, POINTER)).toEqual({ kind: 'no-video' });
    expect(await checkVideo(page, { kind: 'largest' })).toEqual({ kind: 'no-video' });
    expect(await listVideos(page)).toEqual([]);
  });

  test('lists those of this frame with sizes and numbers that stay', async () => {
    const page = await openPage('/far-apart');
    // The browser does not start a muted video that nobody sees.
    await page.waitForFunction(
      '[...document.querySelectorAll("video")].every(({readyState}, index) => readyState > 1 - index)',
    );
    await page.waitForFunction('document.querySelector("video").currentTime > 0');
    await injectContentScript(page);
    const listed = await listVideos(page);
    expect(listed).toMatchObject([
      { widthPixels: 640, heightPixels: 360, isPaused: false, isVisible: true, scanId: null },
      { widthPixels: 640, heightPixels: 360, isVisible: false, isPaused: true },
    ]);
    const [first, second] = listed.map(({ videoId }) => videoId);
    expect(first).not.toBe(second);
    expect((await listVideos(page)).map(({ videoId }) => videoId)).toEqual([first, second]);
    await checkVideo(page, { kind: 'video', videoId: second! });
    expect((await listVideos(page))[1]!.scanId).toMatch(/^[0-9a-f]{32}$/);
  });
});

test('large frames of other hosts are found, in open shadow roots as well, and none that is open or small', async () => {
  const page = await openPage('/none');
  const foreign = site.origin.replace('localhost', '127.0.0.1');
  await page.evaluate(`(() => {
    const addFrame = (root, src, width) => new Promise((loaded) => {
      const frame = Object.assign(document.createElement('iframe'), { src, width, height: 200, onload: loaded });
      root.append(frame);
    });
    const root = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });
    return Promise.all([
      addFrame(document.body, '${foreign}/none', 400),
      addFrame(root, '${foreign}/none', 300),
      addFrame(document.body, '${site.origin}/none', 500),
      addFrame(root, '${foreign}/none', 100),
    ]).then(() => undefined);
  })()`);
  // As the background runs it in each frame.
  const found = await page.evaluate(findForeignFrames);
  expect(found).toEqual([
    { host: '127.0.0.1', area: expect.closeTo(404 * 204, -2) as number },
    { host: '127.0.0.1', area: expect.closeTo(304 * 204, -2) as number },
  ]);
});

describe('the post that a verdict is remembered by', () => {
  const SEEN = '<video width="300" height="200"></video>';
  const link = (path: string): string => `<a href="${path}">1 h</a>`;
  const ANN = link('/@ann/1234567');
  const OTHER_POST = `<article>${link('/@bob/7654321')}</article>`;
  const MANY = Array.from({ length: 80 }, (_, index) => link(`/about/${String(index)}`)).join('');
  const GENERAL = 'http://feed.example/';
  const FOUND = 'feed.example/@ann/1234567';
  const WATCH = 'https://www.youtube.com/watch?v=abc123';

  test.each([
    ['the one it is in, not its neighbour', GENERAL, `<article>${ANN}${SEEN}</article>${OTHER_POST}`, FOUND],
    ['one that several links lead to', GENERAL, `<article>${ANN}<p>${SEEN}</p>${ANN}</article>`, FOUND],
    ['the nearest', GENERAL, `<main><article>${ANN}${SEEN}</article>${OTHER_POST}</main>`, FOUND],
    ['none where a post has two videos', GENERAL, `<article>${ANN}${SEEN}${SEEN}</article>`, null],
    [
      'the same where the second is not shown',
      GENERAL,
      `<article>${ANN}${SEEN}<div hidden>${SEEN}</div></article>`,
      FOUND,
    ],
    [
      'none where links to two posts are at one level',
      GENERAL,
      `<article>${ANN}${link('/@bob/7654321')}${SEEN}</article>`,
      null,
    ],
    ['none among too many links', GENERAL, `<article>${MANY}${ANN}${SEEN}</article>`, null],
    [
      'none of another site',
      GENERAL,
      `<article>${link('//other.example/@ann/1234567')}${SEEN}</article>`,
      null,
    ],
    ['the page’s own, where the video is alone there', WATCH, SEEN, 'youtube.com/watch?v=abc123'],
    ['none while an advertisement plays there', WATCH, `<div class="ad-showing">${SEEN}</div>`, null],
    ['none where another video is there', WATCH, `<div>${SEEN}</div>${SEEN}`, null],
    ['not the page’s own, where advertisements can’t be told', 'https://x.com/ann/status/12', SEEN, null],
  ])('is %s', async (_claim, address, body, expected) => {
    const page = await context.newPage();
    await page.route(address, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html>${body}` }),
    );
    await page.goto(address);
    await injectContentScript(page);
    await page.evaluate(`void trueFrame.automatic.start(document.querySelector('video'), () => undefined)`);
    expect(
      await read(page, `host.messages.find(({ name }) => name === 'beginAutomatic').request.postUrl`),
    ).toBe(expected);
  });
});

describe('frames', () => {
  test('of a playing video come one at a time, as many as were asked', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 5);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    expect(await read<string[]>(page, RECEIVED_TYPES)).toEqual([
      'start',
      ...Array.from({ length: 5 }, () => 'stored-frame'),
      'end',
    ]);
    const times = await read<number[]>(page, `${FRAMES}.map((one) => one.mediaTimeSeconds)`);
    expect(new Set(times).size).toBe(5);
    expect(await read(page, `${FRAMES}.map((one) => one.frameIndex)`)).toEqual([0, 1, 2, 3, 4]);
  });

  test('wait while the host has not dealt with the last', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, POINTER);
    await until(page, 'host.received.length === 1');
    await read(page, sendState({ kind: 'loading-model' }));
    await until(page, `${FRAMES}.length === 1`);
    await page.waitForTimeout(1000);
    expect(await read(page, `${FRAMES}.length`)).toBe(1);
    await read(page, 'host.send({type: "frame-done", frameIndex: 0})');
    await until(page, `${FRAMES}.length === 2`);
  });

  test('are not taken while another video is being checked', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, POINTER);
    await until(page, 'host.received.length === 1');
    await read(page, sendState({ kind: 'waiting' }));
    await page.waitForTimeout(500);
    expect(await read(page, `${FRAMES}.length`)).toBe(0);
  });

  test('of a video that was paused while others were checked are the one that it shows, as of any paused video', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, POINTER);
    await until(page, 'host.received.length === 1');
    await read(page, sendState({ kind: 'waiting' }));
    await read(page, 'video.pause()');
    await page.waitForTimeout(200);
    await read(page, sendState({ kind: 'loading-model' }));
    await until(page, `${FRAMES}.length === 1`);
    // Playing again sends no second frame before the first is dealt with.
    await read(page, 'video.play()');
    await page.waitForTimeout(500);
    expect(await read(page, `${FRAMES}.length`)).toBe(1);
    await read(page, 'host.send({type: "frame-done", frameIndex: 0})');
    await until(page, 'host.received.at(-1).type === "end" && host.received.at(-1).isStill === true');
    expect(await read(page, `${FRAMES}.length`)).toBe(1);
  });

  test('of a video that was paused when it was asked about and plays by its turn are as many as were asked for', async () => {
    const page = await openPage('/paused');
    await injectContentScript(page);
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, POINTER, 3);
    await until(page, 'host.received.length === 1');
    await read(page, sendState({ kind: 'waiting' }));
    await page.evaluate('document.querySelector("video").play()');
    for (const frameIndex of [0, 1, 2]) {
      if (frameIndex === 0) await read(page, sendState({ kind: 'loading-model' }));
      await until(page, `${FRAMES}.length === ${String(frameIndex + 1)}`);
      await read(page, `host.send({type: "frame-done", frameIndex: ${String(frameIndex)}})`);
    }
    await until(page, 'host.received.at(-1).type === "end"');
    expect(await read(page, 'host.received.at(-1).isStill')).toBe(false);
    expect(await read(page, 'host.received[0].framesAsked')).toBe(3);
  });

  test('of a paused video are the one that it shows, with pixels as they are and black around', async () => {
    const page = await openPage('/paused');
    await page.evaluate(
      '(async () => { const video = document.querySelector("video"); video.currentTime = 2; await new Promise((done) => video.addEventListener("seeked", done, {once: true})); })()',
    );
    await injectContentScript(page);
    await addTestScript(page, 'restorer');
    await checkVideo(page, POINTER, 15);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    // Its file would have as many as were asked for; the element has one, which is said at the end.
    expect(await read(page, 'host.received[0].framesAsked')).toBe(15);
    expect(await read(page, 'host.received.at(-1)')).toMatchObject({ type: 'end', isStill: true });
    expect(
      await read(page, `${FRAMES}.map(({widthPixels, heightPixels}) => [widthPixels, heightPixels])`),
    ).toEqual([[640, 360]]);
    const comparison = await page.evaluate(`(async () => {
      const video = document.querySelector('video');
      const context = new OffscreenCanvas(640, 360).getContext('2d', {willReadFrequently: true});
      context.drawImage(video, 0, 0);
      const expected = context.getImageData(0, 200, 80, 64).data;
      const region = {left: -16, top: 200, width: 96, height: 64, outWidth: 96, outHeight: 64};
      const {cut} = await restoreFrame(testHost.received.find(({type}) => type === 'stored-frame'), region);
      let different = 0, outside = 0, opaque = 0;
      for (let y = 0; y < 64; y++) for (let x = 0; x < 96; x++) for (let c = 0; c < 4; c++) {
        const value = cut.data[(y * 96 + x) * 4 + c];
        if (c === 3) { if (value === 255) opaque++; }
        else if (x < 16) { if (value !== 0) outside++; }
        else if (value !== expected[(y * 80 + x - 16) * 4 + c]) different++;
      }
      return {different, outside, opaque};
    })()`);
    expect(comparison).toEqual({ different: 0, outside: 0, opaque: 96 * 64 });
  });

  test('that the browser keeps from extensions end in a refusal', async () => {
    const page = await openPage('/none');
    // Another origin without CORS.
    const url = site.origin.replace('localhost', '127.0.0.1') + VIDEO;
    await page.evaluate(
      `document.body.innerHTML = '<video src="${url}" autoplay muted loop width=320></video>'`,
    );
    await page.waitForFunction('document.querySelector("video").currentTime > 0.1');
    await injectContentScript(page);
    await checkVideo(page, POINTER);
    await until(page, `${RECEIVED_TYPES}.includes("refuse")`);
    expect(await read(page, 'host.received.at(-1).reason')).toBe('unreadable');
    expect(await read(page, `${FRAMES}.length`)).toBe(0);
  });

  test('of a browser that changes what is read from a canvas are refused by name, and none is sent', async () => {
    const page = await openPage('/plain');
    // One bit of one pixel in a hundred, as protections against fingerprinting do.
    await page.evaluate(`(() => {
      const { prototype } = OffscreenCanvasRenderingContext2D;
      const original = prototype.getImageData;
      prototype.getImageData = function (...place) {
        const picture = original.apply(this, place);
        for (let at = 0; at < picture.data.length; at += 400) picture.data[at] ^= 1;
        return picture;
      };
    })()`);
    await page.waitForFunction('document.querySelector("video").currentTime > 0.1');
    await injectContentScript(page);
    await checkVideo(page, POINTER);
    await until(page, `${RECEIVED_TYPES}.includes("refuse")`);
    expect(await read(page, 'host.received.at(-1)')).toMatchObject({
      reason: 'canvas-noise',
      isForeign: false,
    });
    expect(await read(page, `${FRAMES}.length`)).toBe(0);
  });

  test('of a video with copy protection are refused, whatever its picture shows', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate(`(async () => {
      const access = await navigator.requestMediaKeySystemAccess('org.w3.clearkey', [
        { initDataTypes: ['webm'], videoCapabilities: [{ contentType: 'video/webm; codecs="vp9"' }] },
      ]);
      await document.querySelector('video').setMediaKeys(await access.createMediaKeys());
    })()`);
    await checkVideo(page, POINTER);
    await until(page, `${RECEIVED_TYPES}.includes("refuse")`);
    expect(await read(page, 'host.received.at(-1).reason')).toBe('protected');
  });

  test('from the screen come without our badge in the picture, which is back at the end', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, POINTER);
    await until(page, 'host.received.length === 1');
    await read(page, 'host.send({type: "source", source: "screen"})');
    await read(page, sendState({ kind: 'loading-model' }));
    const pill = 'getComputedStyle(host.overlay().querySelector(".pill")).visibility';
    await until(page, `${pill} === "visible"`);
    await injectScreenScript(page);
    await read(page, 'host.send({type: "find-place", askId: 7})');
    await until(page, `${RECEIVED_TYPES}.includes("place")`);
    // The element is not asked for frames.
    expect(await read(page, `${FRAMES}.length`)).toBe(0);
    expect(await read(page, pill)).toBe('hidden');
    const box = await read<Record<'x' | 'y' | 'width' | 'height', number>>(
      page,
      'video.getBoundingClientRect().toJSON()',
    );
    const { place } = await read<{ place: ScreenPlace }>(page, 'host.received.at(-1)');
    // The video's own size, whatever it is shown at, and the number of the question.
    const own = await read(page, '[7, video.videoWidth, video.videoHeight]');
    expect(
      await read(
        page,
        '(({ askId, widthPixels, heightPixels }) => [askId, widthPixels, heightPixels])(host.received.at(-1))',
      ),
    ).toEqual(own);
    expect(place).toMatchObject({
      viewportWidth: 1000,
      viewportHeight: 700,
      picture: { left: box.x, top: box.y, width: box.width, height: box.height },
    });
    // The window is lower than the page: what is cut off below is not seen.
    expect(place.visible!.top + place.visible!.height).toBeLessThanOrEqual(700);
    expect(place.covered).toEqual([]);
    await read(page, sendState(REFUSED_NO_FACE));
    await until(page, `${pill} === "visible"`);
  });

  test('from the screen leave out what lies over the video, and rounded corners', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate(`(() => {
      const video = document.querySelector('video');
      video.style.borderRadius = '40px';
      const { left, top, width, height } = video.getBoundingClientRect();
      const lay = (style) => {
        const box = document.createElement('div');
        box.style.cssText = 'position: fixed; left:' + left + 'px; top:' + top + 'px; height:' + height + 'px;' + style;
        document.body.append(box);
      };
      lay('width:' + width / 2 + 'px; background: black');
      // Players' own layer for clicks, and a glassy bar: the picture shows through both.
      lay('width:' + width + 'px');
      lay('width:' + width + 'px; background: rgb(0 0 0 / 0.3)');
    })()`);
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, { kind: 'largest' });
    await until(page, 'host.received.length === 1');
    await injectScreenScript(page);
    await read(
      page,
      '(host.send({type: "source", source: "screen"}), host.send({type: "find-place", askId: 7}))',
    );
    await until(page, `${RECEIVED_TYPES}.includes("place")`);
    const { place } = await read<{ place: ScreenPlace }>(page, 'host.received.at(-1)');
    const middle = place.picture.left + place.picture.width / 2;
    const corners = place.covered.filter(({ width, height }) => Math.abs(width - height) < 0.01);
    const cells = place.covered.filter((box) => !corners.includes(box));
    expect(corners).toHaveLength(4);
    expect(cells.length).toBeGreaterThan(30);
    expect(cells.every(({ left, width }) => left + width <= middle + 1)).toBe(true);
  });

  test('that were never loaded are refused at once, without loading them', async () => {
    const page = await openPage('/unloaded');
    await injectContentScript(page);
    await checkVideo(page, POINTER);
    await until(page, `${RECEIVED_TYPES}.includes("refuse")`);
    expect(await read(page, 'video.readyState')).toBe(0);
  });

  test('come from a page without https, too', async () => {
    const page = await openPlaying('/plain', site.origin.replace('localhost', 'insecure.test'));
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await checkVideo(page, POINTER, 4);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    expect(await read(page, `${FRAMES}.length`)).toBe(4);
  });
});

describe('a scan', () => {
  test('of a video that is being checked already is not started again', async () => {
    const page = await openPlaying('/plain');
    const first = await checkVideo(page, POINTER, 60);
    // As each check from the background does.
    await injectContentScript(page);
    const second = await checkVideo(page, POINTER, 60);
    expect(second).toEqual({ ...first, kind: 'running' });
    await until(page, 'host.received.length > 1');
    expect(await read(page, 'host.openPorts()')).toBe(1);
    // Brought forward.
    expect(await read(page, 'host.overlay().querySelector(".card") !== null')).toBe(true);
  });

  test('ends when another video is put into the element', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, `video.src = ${JSON.stringify(OTHER_VIDEO)}`);
    await until(page, `${RECEIVED_TYPES}.at(-1) === "video-gone" && host.openPorts() === 0`);
    const count = await read(page, 'host.received.length');
    expect(await read(page, BADGE_TEXT)).toBe('Video changed');
    await page.waitForTimeout(500);
    expect(await read(page, 'host.received.length')).toBe(count);
  });

  test('ends when another video is put into the element while the last frames are still being judged', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 4);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    await read(page, `video.src = ${JSON.stringify(OTHER_VIDEO)}`);
    await until(page, `${RECEIVED_TYPES}.at(-1) === "video-gone" && host.openPorts() === 0`);
    expect(await read(page, BADGE_TEXT)).toBe('Video changed');
  });

  test('takes its verdict away when another video is put into the element afterwards', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, 'testHost.isAnswering = false');
    await read(page, sendState(REFUSED_NO_FACE));
    expect(await read(page, BADGE_TEXT)).toBe('No face to check');
    await read(page, `video.src = ${JSON.stringify(OTHER_VIDEO)}`);
    await until(page, `(${BADGE_TEXT}) === null`);
  });

  test('ends, badge and all, when the element leaves the page', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, 'video.remove()');
    await until(page, `host.openPorts() === 0 && (${BADGE_TEXT}) === null`);
    expect(await read(page, `${RECEIVED_TYPES}.includes("video-gone")`)).toBe(true);
  });

  test('lets go of an element that is removed far from the screen', async () => {
    const page = await openPlaying('/scrolled-away');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, 'testHost.isAnswering = false');
    await read(page, sendState(REFUSED_NO_FACE));
    await read(page, 'scrollTo(0, 5000)');
    await page.waitForTimeout(300);
    await read(page, 'video.remove()');
    await until(page, `(${BADGE_TEXT}) === null`);
  });

  test('survives a page that moves its player about', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, '(document.body.append(video), video.play())');
    const count = await read<number>(page, `${FRAMES}.length`);
    await until(page, `${FRAMES}.length > ${count + 2}`);
    expect(await read(page, 'host.openPorts()')).toBe(1);
  });

  test('says so when the host is lost, tells the background, and can be made again', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, 'host.disconnect()');
    await until(page, `(${BADGE_TEXT}) === "Check interrupted"`);
    expect(
      await read(
        page,
        'host.messages.filter(({name}) => name === "scanLost").map(({request}) => request.scanId)',
      ),
    ).toEqual([await read(page, 'host.received.find(({type}) => type === "start").scanId')]);
    await read(page, 'host.overlay().querySelector(".open").click()');
    await until(page, 'host.overlay().querySelector(".card") !== null');
    await read(page, '[...host.overlay().querySelectorAll(".card button")].at(-1).click()');
    await until(page, 'host.openPorts() === 1');
  });

  test('stops at once when it is cancelled, from the badge and from the popup', async () => {
    const page = await openPlaying('/plain');
    for (const cancel of ['badge', 'popup']) {
      const outcome = await checkVideo(page, POINTER, 60);
      if (outcome.kind !== 'started') throw new Error(outcome.kind);
      const before = await read<number>(page, `${FRAMES}.length`);
      await until(page, `${FRAMES}.length > ${before}`);
      if (cancel === 'badge') await read(page, 'host.overlay().querySelector(".close").click()');
      else await ask(page, 'cancelScan', { scanId: outcome.scanId });
      expect(await read(page, 'host.openPorts()')).toBe(0);
      const count = await read(page, 'host.received.length');
      await page.waitForTimeout(400);
      expect(await read(page, 'host.received.length')).toBe(count);
      expect(await read(page, BADGE_TEXT)).toBe('Cancelled');
    }
  });

  test('changes nothing of the page’s video', async () => {
    const page = await openPlaying('/plain');
    await page.evaluate(`(() => {
      window.touched = [];
      const video = document.querySelector('video');
      new MutationObserver((records) => window.touched.push(...records.map(({type, attributeName}) => type + ' ' + attributeName)))
        .observe(video, {attributes: true, childList: true, subtree: true});
      for (const prototype of [HTMLVideoElement.prototype, HTMLMediaElement.prototype, HTMLElement.prototype]) {
        for (const [name, {set, value, get}] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
          if (set) Object.defineProperty(prototype, name, {configurable: true, get, set(to) { if (this === video) window.touched.push('set ' + name); set.call(this, to); }});
          else if (['play', 'pause', 'load', 'fastSeek', 'setMediaKeys', 'captureStream', 'requestPictureInPicture'].includes(name))
            Object.defineProperty(prototype, name, {configurable: true, value(...values) { window.touched.push('call ' + name); return value.apply(this, values); }});
        }
      }
    })()`);
    const before = await read(
      page,
      '[video.outerHTML, document.documentElement.scrollWidth, document.documentElement.scrollHeight, video.getBoundingClientRect().top]',
    );
    await checkVideo(page, POINTER, 6);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    expect(await page.evaluate('window.touched')).toEqual([]);
    expect(
      await read(
        page,
        '[video.outerHTML, document.documentElement.scrollWidth, document.documentElement.scrollHeight, video.getBoundingClientRect().top]',
      ),
    ).toEqual(before);
  });
});

describe('the badge', () => {
  const PILL = 'host.overlay().querySelector(".pill").getBoundingClientRect()';
  const PLACE = 'host.overlay().querySelector(".place")';

  test('sits 8 px inside the picture’s corner, through scrolling, moving and letterboxes', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    const offset = `(() => { const pill = ${PILL}; const box = video.getBoundingClientRect(); return [pill.left - box.left, pill.top - box.top].map(Math.round); })()`;
    await until(page, `${PLACE}.classList.contains("is-shown")`);
    expect(await read(page, offset)).toEqual([8, 8]);
    expect(await read(page, `${PILL}.height`)).toBe(28);
    await read(page, '(document.body.style.paddingBottom = "2000px", scrollTo(0, 60))');
    await until(page, `${offset}.join() === "8,8"`);
    await read(page, 'video.style.cssText = "transform: translate(40px, 30px) scale(0.6)"');
    await until(page, `${offset}.join() === "8,8"`);
    // 16:9 in a square: the picture begins below the element's edge.
    await read(page, 'video.style.cssText = "width: 320px; height: 320px"');
    await until(page, `${offset}.join() === "8,78"`);
  });

  test('is hidden where a scrolling container cuts the corner off', async () => {
    const page = await openPlaying('/scrolling');
    await checkVideo(page, POINTER, 60);
    await until(page, `${PLACE}.classList.contains("is-shown")`);
    await read(page, 'box.scrollTo(0, 260)');
    await until(page, `!${PLACE}.classList.contains("is-shown")`);
    await read(page, 'box.scrollTo(0, 0)');
    await until(page, `${PLACE}.classList.contains("is-shown")`);
  });

  test('takes no click but on itself, and keeps its own from the page', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${PLACE}.classList.contains("is-shown")`);
    await page.evaluate('window.clicks = 0; document.addEventListener("click", () => window.clicks++)');
    const box = (await page.locator('video').boundingBox())!;
    await page.mouse.click(box.x + 20, box.y + 20);
    await until(page, 'host.overlay().querySelector(".card") !== null');
    expect(await page.evaluate('window.clicks')).toBe(0);
    await page.mouse.click(box.x + 500, box.y + 20);
    expect(await page.evaluate('window.clicks')).toBe(1);
  });

  test('opens and closes by keyboard and gives the focus back to its pill', async () => {
    const page = await openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${PLACE}.classList.contains("is-shown")`);
    await read(page, 'host.overlay().querySelector(".open").focus()');
    await page.keyboard.press('Enter');
    await until(page, 'host.overlay().querySelector(".card") !== null');
    await page.keyboard.press('Escape');
    await until(page, 'host.overlay().activeElement?.className === "open"');
  });

  test.each(['/strict', '/hostile'])(
    'looks the same on a page that forbids or changes styles: %s',
    async (path) => {
      const page = await openPlaying(path);
      await checkVideo(page, POINTER, 60);
      await until(page, `${PLACE}.classList.contains("is-shown")`);
      expect(await read(page, 'getComputedStyle(host.overlay().host).position')).toBe('fixed');
      expect(await read(page, `${PILL}.height`)).toBe(28);
      expect(await read(page, 'getComputedStyle(host.overlay().querySelector(".pill")).fontSize')).toBe(
        '13px',
      );
    },
  );
});

const REFUSED_NO_FACE = {
  kind: 'finished',
  report: reportOf(refusalOf('no-face'), { model: null }),
};

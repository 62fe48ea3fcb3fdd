import { describe, expect, test } from 'vitest';
import { checkVideo, injectContentScript, injectScreenScript } from '../support/fake-host.ts';
import type { ScreenPlace } from '../../utils/domain/content-messages.ts';
import { addTestScript } from '../support/test-pages.ts';
import {
  VIDEO,
  POINTER,
  read,
  until,
  RECEIVED_TYPES,
  FRAMES,
  sendState,
  REFUSED_NO_FACE,
  useContentPages,
} from './content-page.ts';

const pages = useContentPages();

describe('frames', () => {
  test('of a playing video come one at a time, as many as were asked', async () => {
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
    await page.evaluate('testHost.isAnswering = false');
    await checkVideo(page, POINTER);
    await until(page, 'host.received.length === 1');
    await read(page, sendState({ kind: 'waiting' }));
    await page.waitForTimeout(500);
    expect(await read(page, `${FRAMES}.length`)).toBe(0);
  });

  test('of a video that was paused while others were checked are the one that it shows, as of any paused video', async () => {
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPage('/paused');
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
    const page = await pages.openPage('/paused');
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
    const page = await pages.openPage('/none');
    // Another origin without CORS.
    const url = pages.site.origin.replace('localhost', '127.0.0.1') + VIDEO;
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
    const page = await pages.openPage('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPage('/unloaded');
    await injectContentScript(page);
    await checkVideo(page, POINTER);
    await until(page, `${RECEIVED_TYPES}.includes("refuse")`);
    expect(await read(page, 'video.readyState')).toBe(0);
  });

  test('come from a page without https, too', async () => {
    const page = await pages.openPlaying('/plain', pages.site.origin.replace('localhost', 'insecure.test'));
    expect(await page.evaluate('isSecureContext')).toBe(false);
    await checkVideo(page, POINTER, 4);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    expect(await read(page, `${FRAMES}.length`)).toBe(4);
  });
});

import { describe, expect, test } from 'vitest';
import { ask, checkVideo, injectContentScript } from '../support/fake-host.ts';
import {
  OTHER_VIDEO,
  POINTER,
  read,
  until,
  RECEIVED_TYPES,
  FRAMES,
  BADGE_TEXT,
  sendState,
  REFUSED_NO_FACE,
  useContentPages,
} from './content-page.ts';

const pages = useContentPages();

describe('a scan', () => {
  test('of a video that is being checked already is not started again', async () => {
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
    await checkVideo(page, POINTER, 4);
    await until(page, `${RECEIVED_TYPES}.includes("end")`);
    await read(page, `video.src = ${JSON.stringify(OTHER_VIDEO)}`);
    await until(page, `${RECEIVED_TYPES}.at(-1) === "video-gone" && host.openPorts() === 0`);
    expect(await read(page, BADGE_TEXT)).toBe('Video changed');
  });

  test('takes its verdict away when another video is put into the element afterwards', async () => {
    const page = await pages.openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, 'testHost.isAnswering = false');
    await read(page, sendState(REFUSED_NO_FACE));
    expect(await read(page, BADGE_TEXT)).toBe('No face to check');
    await read(page, `video.src = ${JSON.stringify(OTHER_VIDEO)}`);
    await until(page, `(${BADGE_TEXT}) === null`);
  });

  test('ends, badge and all, when the element leaves the page', async () => {
    const page = await pages.openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, 'video.remove()');
    await until(page, `host.openPorts() === 0 && (${BADGE_TEXT}) === null`);
    expect(await read(page, `${RECEIVED_TYPES}.includes("video-gone")`)).toBe(true);
  });

  test('lets go of an element that is removed far from the screen', async () => {
    const page = await pages.openPlaying('/scrolled-away');
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
    const page = await pages.openPlaying('/plain');
    await checkVideo(page, POINTER, 60);
    await until(page, `${FRAMES}.length > 1`);
    await read(page, '(document.body.append(video), video.play())');
    const count = await read<number>(page, `${FRAMES}.length`);
    await until(page, `${FRAMES}.length > ${count + 2}`);
    expect(await read(page, 'host.openPorts()')).toBe(1);
  });

  test('says so when the host is lost, tells the background, and can be made again', async () => {
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/scrolling');
    await checkVideo(page, POINTER, 60);
    await until(page, `${PLACE}.classList.contains("is-shown")`);
    await read(page, 'box.scrollTo(0, 260)');
    await until(page, `!${PLACE}.classList.contains("is-shown")`);
    await read(page, 'box.scrollTo(0, 0)');
    await until(page, `${PLACE}.classList.contains("is-shown")`);
  });

  test('takes no click but on itself, and keeps its own from the page', async () => {
    const page = await pages.openPlaying('/plain');
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
    const page = await pages.openPlaying('/plain');
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
      const page = await pages.openPlaying(path);
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

import { dirname } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addFakeHost, checkVideo, injectContentScript } from '../support/fake-host.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { casesAt } from '../support/cases.ts';
import { launchChromium } from '../support/chromium.ts';
import { LOUD_VERDICT, QUIET_VERDICT, showRemembered } from '../support/remembered-verdict.ts';

const VIDEO = '/videos/one-face.webm';
/** From the picture's corner to the middle of the mark: 8 px to the edge, half of its 28. */
const INSET = 22;

const PLAYER = `<div id="stage"><video src="${VIDEO}" muted loop autoplay playsinline width="480" height="270"></video></div>`;

const page = (body: string, root = ''): string => `<!doctype html>
<html ${root}>
  <meta charset="utf-8" />
  <title>A video</title>
  <style>
    body { margin: 0; padding: 40px 60px; font: 16px system-ui; }
    video { display: block; }
    dialog { inset: 30px auto auto 80px; margin: 0; }
    /* As sites style their dialogs', which is everybody's. */
    ::backdrop { background: rgb(0 0 255 / 0.6); }
  </style>
  ${body}
  <div style="height: 3000px"></div>
</html>`;

const inDialog = (open: string): string =>
  page(
    `<p>Behind it</p><dialog>${PLAYER}</dialog><script>document.querySelector('dialog').${open}()</script>`,
  );

const PAGES: Readonly<Record<string, string>> = {
  'as it is': page(PLAYER),
  'written from right to left': page(PLAYER, 'dir="rtl"'),
  'that is dark': page(PLAYER, 'style="color-scheme: dark; background: #111; color: #eee"'),
  'with zoom on <html>': page(PLAYER, 'style="zoom: 1.4"'),
  'with zoom below 1 on <html>': page(PLAYER, 'style="zoom: 0.8"'),
  'with zoom on <body> and on a player': page(`<div style="zoom: 0.9">${PLAYER}</div>`).replace(
    'font:',
    'zoom: 1.2; font:',
  ),
  'scaled as a whole': page(PLAYER, 'style="transform: scale(0.8); transform-origin: 0 0"'),
  'moved as a whole': page(PLAYER, 'style="transform: translate(50px, 30px)"'),
  'with a scaled player': page(`<div style="transform: scale(0.9)">${PLAYER}</div>`),
  'with the player in a modal dialog': inDialog('showModal'),
  'with the player in a dialog that is not modal': inDialog('show'),
  'with the player in a popover': page(
    `<p>Behind it</p><div popover id="layer" style="inset: 20px auto auto 50px; margin: 0">${PLAYER}</div>
    <script>document.querySelector('#layer').showPopover()</script>`,
  ),
  'with the player in the slot of a modal dialog': page(`<site-modal>${PLAYER}</site-modal>
    <script>
      const root = document.querySelector('site-modal').attachShadow({ mode: 'open' });
      root.innerHTML = '<dialog style="margin: 30px"><slot></slot></dialog>';
      root.querySelector('dialog').showModal();
    </script>`),
};

/** A control of the site's own, so many pixels from the picture's corner. */
const withControl = (control: string, before = ''): string =>
  page(`${before}<div id="stage" style="position: relative; width: 480px">
    <video src="${VIDEO}" muted loop autoplay playsinline width="480" height="270"></video>${control}</div>`);
const buttonAt = (place: string): string =>
  `<button style="position: absolute; width: 30px; height: 26px; ${place}" onclick="globalThis.presses = 1">+</button>`;
const UNDER_MARK = buttonAt('left: 9px; top: 9px');
const BESIDE_MARK = buttonAt('left: 90px; top: 9px');
const CONTROL_PAGES: Readonly<Record<string, string>> = {
  '/control': withControl(UNDER_MARK),
  '/control-beside': withControl(BESIDE_MARK),
  '/control-below': withControl(UNDER_MARK, '<div style="height: 1600px"></div>'),
  '/control-in-shadow': withControl(`<site-bar></site-bar><script>
    const root = document.querySelector('site-bar').attachShadow({ mode: 'open' });
    root.innerHTML = '<site-button></site-button>';
    root.firstChild.attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(UNDER_MARK)};
  </script>`),
  '/controls-along-the-top': withControl(UNDER_MARK + buttonAt('right: 9px; top: 9px')),
  '/controls-in-most-places': withControl(
    UNDER_MARK + buttonAt('right: 63px; top: 9px') + buttonAt('left: 9px; top: 67px'),
  ),
  '/control-with-pointer': withControl(`<script>
    const stage = document.querySelector('#stage');
    stage.onpointerenter = () => stage.insertAdjacentHTML('beforeend', ${JSON.stringify(UNDER_MARK)});
  </script>`),
};

/** What a site lays over its videos, with a button over where the mark is then. */
const COVERED_PAGES: Readonly<Record<string, string>> = {
  '/under-header': withControl(
    '',
    `<header style="position: fixed; inset: 0 0 auto; height: 34px; z-index: 1; background: #eee">
      ${buttonAt('left: 67px; top: 4px')}</header>`,
  ),
  '/under-lightbox': withControl(`<script>
    const open = () => {
      const lightbox = document.createElement('div');
      lightbox.style = 'position: fixed; inset: 0; background: rgb(0 0 0 / 0.8)';
      lightbox.innerHTML = ${JSON.stringify(buttonAt('left: 67px; top: 49px'))};
      lightbox.firstChild.addEventListener('click', () => lightbox.remove());
      document.body.append(lightbox);
    };
  </script>`),
  // The picture is of another shape than the player, whose own layer lies over both.
  '/in-wide-player':
    page(`<div id="stage" style="position: relative; width: 700px; height: 270px; background: #000">
    <div><video src="${VIDEO}" muted loop autoplay playsinline width="480" height="270"
      style="position: absolute; left: 110px; pointer-events: none"></video></div>
    <div style="position: absolute; inset: 0"></div></div>`),
};

let site: Site;
let context: BrowserContext;
let closeChromium: () => Promise<void>;

beforeAll(async () => {
  const videos = await ensureTestVideos();
  const pages = Object.entries(PAGES).map(([name, html]) => [pathOf(name), html]);
  site = await startSite({
    pages: {
      ...(Object.fromEntries(pages) as Record<string, string>),
      ...CONTROL_PAGES,
      ...COVERED_PAGES,
      '/both': page(`${PLAYER}<dialog>${PLAYER.replace('id="stage"', '')}</dialog>`),
    },
    folders: { '/videos/': dirname(videos['one-face.webm'].path) },
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

/** In the two manners of badges: the one that a check by hand has, and the quiet one, of a verdict that is remembered. */
const MANNERS = ['by hand', 'quiet'] as const;

/** Each is like another page of its kind. */
const ALIKE_PAGES = ['with zoom below 1 on <html>', 'moved as a whole', 'with a scaled player'];

/** A badge by hand is placed by the same code as a quiet one: `npm test` tries it on one page of each kind. */
const pagesFor = (manner: (typeof MANNERS)[number]): readonly string[] => {
  const names = Object.keys(PAGES);
  const placesOf = (few: readonly string[]): readonly number[] => few.map((name) => names.indexOf(name));
  return manner === 'quiet'
    ? casesAt(names, ...placesOf(names.filter((name) => !ALIKE_PAGES.includes(name))))
    : casesAt(names, ...placesOf(['with zoom on <html>', 'with the player in a modal dialog']));
};

async function openWithBadge(
  path: string,
  manner: (typeof MANNERS)[number],
  quietVerdict = QUIET_VERDICT,
): Promise<Page> {
  const opened = await context.newPage();
  await opened.setViewportSize({ width: 1000, height: 700 });
  await opened.goto(site.origin + path);
  await opened.waitForFunction(`document.querySelector('video').currentTime > 0`);
  await injectContentScript(opened);
  if (manner === 'quiet') await opened.evaluate(showRemembered(quietVerdict));
  else await checkVideo(opened, { kind: 'pointer', srcUrl: site.origin + VIDEO }, 60);
  await opened.waitForFunction(IS_SHOWN);
  return opened;
}

/** The background's answer; null for one that never comes, as from an extension that was updated. */
const knowDetails = (isKnown: boolean | null): string => `void (() => {
  const { sendMessage } = browser.runtime;
  browser.runtime.sendMessage = (message) => {
    if (message.name !== 'hasDetails') return sendMessage(message);
    return ${isKnown === null ? `Promise.reject(new Error('gone'))` : `Promise.resolve({ ok: true, value: ${String(isKnown)} })`};
  };
})()`;

const IS_SHOWN = `testHost.overlay()?.querySelector('.place.is-shown') != null`;
const CARD = `testHost.overlay().querySelector('.card') !== null`;

/** Left, top and height of the pill from the picture's corner, in pixels of the screen. */
const OFFSET = `(() => {
  const pill = testHost.overlay().querySelector('.pill').getBoundingClientRect();
  const box = document.querySelector('video').getBoundingClientRect();
  return [pill.left - box.left, pill.top - box.top, pill.height].map(Math.round).join();
})()`;
const IN_CORNER = '8,8,28';

async function markOf(opened: Page): Promise<{ x: number; y: number }> {
  const { x, y } = await opened.evaluate<{ x: number; y: number }>(
    `(({ x, y }) => ({ x, y }))(document.querySelector('video').getBoundingClientRect())`,
  );
  return { x: x + INSET, y: y + INSET };
}

describe.each(MANNERS)('a badge %s', (manner) => {
  test.each(pagesFor(manner))(
    'is in the picture’s corner, can be pressed, and follows, on a page %s',
    async (name) => {
      const opened = await openWithBadge(pathOf(name), manner);
      await expect.poll(() => opened.evaluate(OFFSET)).toBe(IN_CORNER);
      // Looks the same whatever the page's theme.
      expect(
        await opened.evaluate(
          `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(testHost.overlay().querySelector('.plate')))`,
        ),
      ).toEqual(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0.72)']);
      expect(await opened.evaluate(`getComputedStyle(testHost.overlay().host, '::backdrop').display`)).toBe(
        'none',
      );

      // At rest; then moved without an event that would tell of it.
      await opened.waitForTimeout(500);
      await opened.evaluate(`document.querySelector('#stage').style.marginTop = '37px'`);
      await expect.poll(() => opened.evaluate(OFFSET)).toBe(IN_CORNER);
      await opened.evaluate('scrollTo(0, 23)');
      await expect.poll(() => opened.evaluate(OFFSET)).toBe(IN_CORNER);

      await opened.evaluate(`globalThis.clicks = [];
        document.addEventListener('click', ({ target }) => clicks.push(target.localName), true)`);
      await opened.evaluate(`document.addEventListener('click', () => clicks.push('heard'))`);
      const { x, y } = await markOf(opened);
      // Beside the mark, where a wider badge would be.
      await opened.mouse.click(x + 8, y + 40);
      expect(await opened.evaluate('clicks')).toEqual(['video', 'heard']);
      await opened.mouse.click(x, y);
      await opened.waitForFunction(CARD);
      expect(await opened.evaluate(`clicks.filter((name) => name === 'heard').length`)).toBe(1);
    },
  );
});

// A badge by hand is placed and hidden by the same code.
describe.each(casesAt(MANNERS, 1))('a badge %s', (manner) => {
  test('is gone while something else is in full screen, and back afterwards', async () => {
    const opened = await openWithBadge(pathOf('as it is'), manner);
    await opened.evaluate(
      `document.body.append(Object.assign(document.createElement('p'), { id: 'other' }))`,
    );
    await enterFullScreen(opened, '#other');
    await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(false);
    await opened.evaluate('document.exitFullscreen()');
    await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(true);
    await expect.poll(() => opened.evaluate(OFFSET)).toBe(IN_CORNER);
  });

  test.each(['#stage', 'video'])(
    'is over its video in full screen, %s, if that was asked',
    async (selector) => {
      const opened = await openWithBadge(pathOf('as it is'), manner);
      await enterFullScreen(opened, selector);
      if (manner === 'quiet') {
        await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(false);
        await opened.evaluate('document.exitFullscreen()');
        await opened.evaluate('trueFrame.automatic.showInFullScreen(true)');
        await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(true);
        await enterFullScreen(opened, selector);
      }
      await opened.waitForFunction(IS_SHOWN);
      // In the picture, which may have bars beside it now.
      const markNow = `(({ left, top }) => ({ x: left + 14, y: top + 14 }))(
      testHost.overlay().querySelector('.pill').getBoundingClientRect())`;
      if (selector === 'video') {
        // Nothing goes into a video, and outside it all is inert: here it can only be seen.
        await opened.waitForTimeout(500);
        await opened.evaluate(`document.querySelector('video').pause()`);
        const { x, y } = await opened.evaluate<{ x: number; y: number }>(markNow);
        const clip = { x: x - 14, y: y - 14, width: 28, height: 28 };
        let withMark = await opened.screenshot({ clip });
        // The pause and the badge's last movement reach the screen a frame or more later.
        await expect
          .poll(async () => {
            const former = withMark;
            withMark = await opened.screenshot({ clip });
            return withMark.equals(former);
          })
          .toBe(true);
        await opened.evaluate(`testHost.overlay().querySelector('.place').style.display = 'none'`);
        expect((await opened.screenshot({ clip })).equals(withMark)).toBe(false);
        return;
      }
      const pressable = `(({ x, y }) => document.querySelector('#stage').contains(testHost.overlay().host) &&
      document.elementFromPoint(x, y) === testHost.overlay().host)(${markNow})`;
      await expect.poll(() => opened.evaluate(pressable)).toBe(true);
      const { x, y } = await opened.evaluate<{ x: number; y: number }>(markNow);
      await opened.mouse.click(x, y);
      await opened.waitForFunction(CARD);
      await opened.evaluate('document.exitFullscreen()');
      await opened.waitForFunction('document.fullscreenElement === null');
      expect(await opened.evaluate(IS_SHOWN)).toBe(true);
    },
  );

  test('stays where the page as a whole is put in full screen', async () => {
    const opened = await openWithBadge(pathOf('as it is'), manner);
    await enterFullScreen(opened, 'html');
    await opened.waitForTimeout(300);
    expect(await opened.evaluate(IS_SHOWN)).toBe(true);
    const { x, y } = await markOf(opened);
    await opened.mouse.click(x, y);
    await opened.waitForFunction(CARD);
  });

  test('is hidden under a header that stays, whose button can be pressed', async () => {
    const opened = await openWithBadge('/under-header', manner);
    await opened.evaluate('scrollTo(0, 45)');
    await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(false);
    const { x, y } = await markOf(opened);
    await opened.mouse.click(x, y);
    expect(await opened.evaluate('globalThis.presses')).toBe(1);
    expect(await opened.evaluate(CARD)).toBe(false);
    await opened.evaluate('scrollTo(0, 0)');
    await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(true);
  });

  test('is hidden under what opens over the page, though nothing moves, until that closes', async () => {
    const opened = await openWithBadge('/under-lightbox', manner);
    await opened.waitForTimeout(500);
    await opened.evaluate('open()');
    await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(false);
    const { x, y } = await markOf(opened);
    await opened.mouse.move(x, y);
    // The badge is placed in the next frame, under the lightbox whose button lies over its corner.
    await opened.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
    await opened.mouse.down();
    await opened.mouse.up();
    expect(await opened.evaluate('globalThis.presses')).toBe(1);
    expect(await opened.evaluate(CARD)).toBe(false);
    await expect.poll(() => opened.evaluate(IS_SHOWN)).toBe(true);
    await expect.poll(() => opened.evaluate(OFFSET)).toBe(IN_CORNER);
  });

  test('is shown under a layer of the player’s own, beside whose picture there are bars', async () => {
    const opened = await openWithBadge('/in-wide-player', manner);
    await opened.waitForTimeout(300);
    expect(await opened.evaluate(IS_SHOWN)).toBe(true);
    expect(await opened.evaluate(OFFSET)).toBe(IN_CORNER);
  });

  test('goes into a dialog with its video, and the one behind the dialog is hidden until that closes', async () => {
    const opened = await openWithBadge('/both', manner);
    await opened.evaluate(`document.querySelector('dialog').showModal()`);
    await opened.waitForFunction(`document.querySelectorAll('video')[1].currentTime > 0`);
    if (manner === 'quiet') {
      await opened.evaluate(
        `trueFrame.automatic.start(document.querySelectorAll('video')[1], () => undefined)`,
      );
    } else {
      await opened.mouse.move(300, 150);
      await checkVideo(opened, { kind: 'pointer', srcUrl: null }, 60);
    }
    const shownOn = `(() => {
      const videos = [...document.querySelectorAll('video')];
      return [...testHost.overlay().querySelectorAll('.place.is-shown')].map((place) => {
        const { left, top } = place.getBoundingClientRect();
        return videos.findIndex((video) => {
          const box = video.getBoundingClientRect();
          return Math.round(left - box.left) === 8 && Math.round(top - box.top) === 8;
        });
      }).join();
    })()`;
    await expect.poll(() => opened.evaluate(shownOn)).toBe('1');
    await opened.evaluate(`document.querySelector('dialog').close()`);
    await expect.poll(() => opened.evaluate(shownOn)).toBe('0');
    await opened.evaluate(`document.querySelector('dialog').showModal()`);
    await expect.poll(() => opened.evaluate(shownOn)).toBe('1');
    await opened.evaluate(`document.querySelector('dialog').remove()`);
    await expect.poll(() => opened.evaluate(shownOn)).toBe('0');
  });
});

describe('a badge that nobody has asked for', () => {
  /** Where the pill is in the picture, as badge-policy.ts names it. */
  const CORNER = `(() => {
    const pill = testHost.overlay()?.querySelector('.place.is-shown .pill')?.getBoundingClientRect();
    if (!pill) return 'none';
    const box = document.querySelector('video').getBoundingClientRect();
    const isAt = (...values) => values.every((value) => Math.round(value) === 8);
    if (isAt(pill.left - box.left, pill.top - box.top)) return 'top-left';
    if (isAt(box.right - pill.right, pill.top - box.top)) return 'top-right';
    return isAt(pill.left - box.left, pill.top - box.top - 56) ? 'below-top-left' : 'elsewhere';
  })()`;
  const open = async (path: string, verdict: string): Promise<Page> => {
    const opened = await context.newPage();
    await opened.setViewportSize({ width: 1000, height: 700 });
    await opened.goto(site.origin + path);
    // What is out of sight does not begin by itself.
    await opened.evaluate(`document.querySelector('video').play()`);
    await opened.waitForFunction(`document.querySelector('video').currentTime > 0`);
    await injectContentScript(opened);
    await opened.evaluate(showRemembered(verdict));
    return opened;
  };

  test.each([
    ['/control', 'top-right'],
    ['/control-in-shadow', 'top-right'],
    ['/controls-along-the-top', 'below-top-left'],
    ['/control-beside', 'top-right'],
  ])('leaves the site’s controls on %s free, and goes %s', async (path, corner) => {
    const opened = await open(path, QUIET_VERDICT);
    await expect.poll(() => opened.evaluate(CORNER)).toBe(corner);
    const { x, y } = await markOf(opened);
    await opened.mouse.click(x + (path === '/control-beside' ? 84 : 0), y);
    expect(await opened.evaluate('globalThis.presses')).toBe(1);
  });

  test.each([QUIET_VERDICT, LOUD_VERDICT])('chooses the same corner for each verdict', async (verdict) => {
    const opened = await open('/controls-in-most-places', verdict);
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-right');
    // Words are painted over the control, if there are any, but take no clicks from it.
    const box = await opened.evaluate<{ right: number; y: number }>(
      `(({ right, y }) => ({ right, y }))(document.querySelector('video').getBoundingClientRect())`,
    );
    await opened.mouse.click(box.right - 76, box.y + INSET);
    expect(await opened.evaluate('globalThis.presses')).toBe(1);
  });

  test('does not jump away from under the pointer, over which its words go', async () => {
    const opened = await open('/controls-in-most-places', QUIET_VERDICT);
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-right');
    const box = await opened.evaluate<{ right: number; y: number }>(
      `(({ right, y }) => ({ right, y }))(document.querySelector('video').getBoundingClientRect())`,
    );
    await opened.mouse.move(box.right - INSET, box.y + INSET);
    await opened.waitForFunction(`testHost.overlay().querySelector('.plate').offsetWidth > 90`);
    await opened.mouse.wheel(0, 20);
    await opened.waitForTimeout(500);
    expect(await opened.evaluate(CORNER)).toBe('top-right');
  });

  test('gives way to a control that comes with the pointer, and stays there', async () => {
    const opened = await open('/control-with-pointer', QUIET_VERDICT);
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-left');
    await opened.waitForTimeout(500);
    const { x, y } = await markOf(opened);
    await opened.mouse.move(x + 200, y + 100);
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-right');
    await opened.mouse.click(x, y);
    expect(await opened.evaluate('globalThis.presses')).toBe(1);
    await opened.evaluate(`document.querySelector('button').remove()`);
    await opened.mouse.move(x + 200, y + 500);
    await opened.mouse.move(x + 200, y + 100);
    await opened.waitForTimeout(200);
    expect(await opened.evaluate(CORNER)).toBe('top-right');
  });

  test('goes with its video that is put elsewhere at once', async () => {
    const opened = await open(pathOf('as it is'), QUIET_VERDICT);
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-left');
    await opened.evaluate(`(() => {
      globalThis.former = testHost.overlay().querySelector('.place');
      const other = document.createElement('div');
      other.style = 'margin: 50px 0 0 200px';
      document.body.prepend(other);
      other.append(document.querySelector('video'));
    })()`);
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-left');
    // Longer than what is gone is waited for.
    await opened.waitForTimeout(1500);
    expect(await opened.evaluate(CORNER)).toBe('top-left');
    expect(await opened.evaluate(`testHost.overlay().querySelector('.place') === former`)).toBe(true);
  });

  test('chooses its corner when that comes into sight, not before', async () => {
    const opened = await open('/control-below', QUIET_VERDICT);
    // At first a part of the picture is in sight, without its corner; then the corner.
    await opened.evaluate(`document.querySelector('video').scrollIntoView({ block: 'start' })`);
    await opened.evaluate('scrollBy(0, 120)');
    await opened.waitForTimeout(300);
    await opened.evaluate('scrollBy(0, -200)');
    await expect.poll(() => opened.evaluate(CORNER)).toBe('top-right');
  });
});

/** Comes of a click, which goes nowhere else. */
async function enterFullScreen(opened: Page, selector: string): Promise<void> {
  await opened.evaluate(
    `addEventListener('click', () => document.querySelector('${selector}').requestFullscreen(), { once: true })`,
  );
  await opened.mouse.click(900, 600);
  await opened.waitForFunction('document.fullscreenElement !== null');
}

describe('the card of a remembered verdict', () => {
  test.each([true, false, null])('has “Details” only where they are known: %s', async (isKnown) => {
    const opened = await openWithBadge(pathOf('as it is'), 'quiet', LOUD_VERDICT);
    await opened.evaluate(knowDetails(isKnown));
    const { x, y } = await markOf(opened);
    await opened.mouse.click(x, y);
    await opened.waitForFunction(CARD);
    const actions = (): Promise<readonly string[]> =>
      opened.evaluate(
        `[...testHost.overlay().querySelectorAll('.actions button')].map(({ dataset }) => dataset.text)`,
      );
    const expected = isKnown === true ? ['Details', 'Check again'] : ['Check again'];
    await expect.poll(actions).toEqual(expected);
    await opened.waitForTimeout(100);
    expect(await actions()).toEqual(expected);
  });
});

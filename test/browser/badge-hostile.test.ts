import { dirname } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addFakeHost, checkVideo, injectContentScript } from '../support/fake-host.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { launchChromium } from '../support/chromium.ts';

/**
 * Actions of a hostile page against the badge of a check that its visitor has asked for. Our element is the root's last
 * child.
 */
const ATTACKS: Readonly<Record<string, string>> = {
  'removes our element': `ours().remove()`,
  'removes our element again and again': `setInterval(() => ours()?.remove(), 100)`,
  'takes the popover attribute away': `ours().removeAttribute('popover')`,
  'makes another kind of popover of it': `ours().setAttribute('popover', 'hint')`,
  'hides the popover': `ours().hidePopover()`,
  'hides the popover whenever it is shown': `(() => {
    addEventListener('toggle', ({ target }) => hidden++ < 30 && target.hidePopover?.(), true);
    ours().hidePopover();
  })()`,
  'forbids the popover to be shown, for some time': `(() => {
    addEventListener('beforetoggle', (event) => event.newState === 'open' && hidden++ < 3 && event.preventDefault(), true);
    ours().hidePopover();
  })()`,
  'removes it while it is being shown, for some time': `(() => {
    addEventListener('beforetoggle', ({ target, newState }) => newState === 'open' && hidden++ < 3 && target.remove(), true);
    ours().hidePopover();
  })()`,
  'moves it into an element that is not drawn': `(() => {
    const closet = document.body.appendChild(document.createElement('div'));
    closet.style.display = 'none';
    closet.append(ours());
  })()`,
  'makes the whole page inert': `document.documentElement.inert = true`,
  'sets the property by which we undo its zoom': `document.documentElement.style.setProperty('--unzoom', '0.001', 'important')`,
  'sets it on our element': `ours().style.setProperty('--unzoom', '0.001', 'important')`,
  'styles our element away': `document.head.append(Object.assign(document.createElement('style'), { textContent:
    'div[popover] { display: none !important; opacity: 0 !important; transform: scale(0) !important; clip-path: inset(50%) !important }' }))`,
  'says that the video has been emptied': `document.querySelector('video').dispatchEvent(new Event('emptied'))`,
  'says that its visitor leaves': `dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`,
  'sends our element keys and clicks': `for (const type of ['keydown', 'keyup', 'click', 'pointerdown'])
    ours().dispatchEvent(new KeyboardEvent(type, { key: 'Escape', bubbles: true, composed: true }))`,
  'has names of 100,000 letters': `(() => {
    document.title = 'a'.repeat(1e5);
    document.querySelector('video').title = 'b'.repeat(1e5);
    history.replaceState(null, '', '?' + 'c'.repeat(1e5));
  })()`,
};

let site: Site;
let context: BrowserContext;
let closeChromium: () => Promise<void>;

beforeAll(async () => {
  const videos = await ensureTestVideos();
  site = await startSite({
    pages: {
      '/page': `<!doctype html><title>A video</title>
        <video src="/videos/one-face.webm" muted loop autoplay playsinline width="480" height="270"></video>
        <script>let hidden = 0; const ours = () => document.documentElement.querySelector(':scope > div, div[popover]')</script>`,
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

/** The badge is drawn over the video's corner, as large as a badge is. */
const IS_DRAWN = `(() => {
  const place = testHost.overlay()?.querySelector('.place.is-shown');
  if (!place?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  const { left, top, width, height } = place.getBoundingClientRect();
  const video = document.querySelector('video').getBoundingClientRect();
  const isOpen = place.getRootNode().host.matches(':popover-open');
  return isOpen && width > 20 && height > 20 && Math.abs(left - video.left) < 20 && Math.abs(top - video.top) < 20;
})()`;
const FRAMES = `testHost.received.filter(({ type }) => type === 'stored-frame').length`;

const until = (page: Page, condition: string): Promise<unknown> =>
  page.waitForFunction(condition, undefined, { timeout: 10_000 });

test.for(Object.entries(ATTACKS))(
  'a page that %s neither ends the check nor hides its badge',
  async ([, attack]) => {
    const page = await context.newPage();
    await page.goto(`${site.origin}/page`);
    await until(page, `document.querySelector('video').currentTime > 0`);
    await injectContentScript(page);
    await checkVideo(page, { kind: 'largest' }, 500);
    await until(page, IS_DRAWN);
    await until(page, `${FRAMES} > 1`);
    await page.evaluate(
      `void (${attack.replace(/^for /, '(() => { for ')}${attack.startsWith('for ') ? ' })()' : ''})`,
    );
    const before = await page.evaluate<number>(FRAMES);
    await until(page, `${FRAMES} > ${String(before + 1)}`);
    await until(page, IS_DRAWN);
    expect(await page.evaluate('testHost.openPorts()')).toBe(1);
    expect(await page.evaluate(`testHost.received.map(({ type }) => type)`)).not.toContain('video-gone');
  },
);

test('a page that was hostile before the check began is checked as well', async () => {
  const page = await context.newPage();
  await page.goto(`${site.origin}/page`);
  await until(page, `document.querySelector('video').currentTime > 0`);
  await page.evaluate(`(() => {
    addEventListener('beforetoggle', ({ target }) => hidden++ < 3 && target.remove(), true);
    document.documentElement.style.setProperty('--unzoom', '0.001');
    document.title = 'a'.repeat(1e5);
    history.replaceState(null, '', '?' + 'c'.repeat(1e5));
  })()`);
  await injectContentScript(page);
  expect(await checkVideo(page, { kind: 'largest' }, 500)).toMatchObject({ kind: 'started' });
  await until(page, `${FRAMES} > 1`);
  await until(page, IS_DRAWN);
  // No address and no title comes with it, of whatever length.
  const [start] = await page.evaluate<readonly { readonly video: object }[]>('testHost.received');
  expect(JSON.stringify(start).length).toBeLessThan(1000);
});

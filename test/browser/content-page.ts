import { dirname } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { refusalOf, reportOf } from '../fixtures/scans/scans.ts';
import { launchChromium } from '../support/chromium.ts';
import { addFakeHost, injectContentScript } from '../support/fake-host.ts';
import { overlayPage, plainPage, shadowRootPage } from '../support/site/pages.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';

export const VIDEO = '/videos/one-face.webm';
export const OTHER_VIDEO = '/videos/no-face.mp4';
export const POINTER = { kind: 'pointer', srcUrl: null } as const;

/** A browser for a test file, with a site whose pages get the content script and a host that the test plays. */
export function useContentPages() {
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
  });
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

  return {
    get site(): Site {
      return site;
    },
    get context(): BrowserContext {
      return context;
    },
    openPage,
    /** Opens a page, waits until its videos play, and gives it the content script. */
    openPlaying: async (path: string, origin?: string): Promise<Page> => {
      const page = await openPage(path, origin);
      await page.waitForFunction(() =>
        [...document.querySelectorAll('video, site-player')].every((element) => {
          const video = element.shadowRoot?.querySelector('video') ?? element;
          return video instanceof HTMLVideoElement && video.currentTime > 0.1;
        }),
      );
      await injectContentScript(page);
      return page;
    },
  };
}

/** Evaluates an expression over `host`, the page's {@link TestHost}, and `video`, its first one. */
export function read<Value>(page: Page, expression: string): Promise<Value> {
  return page.evaluate<Value>(
    `(() => { const host = testHost; const video = document.querySelector('video'); return ${expression}; })()`,
  );
}

export function until(page: Page, expression: string): Promise<unknown> {
  return page.waitForFunction(
    `(() => { const host = testHost; const video = document.querySelector('video'); return ${expression}; })()`,
  );
}

export const RECEIVED_TYPES = 'host.received.map(({type}) => type)';
export const FRAMES = 'host.received.filter(({type}) => type.endsWith("frame"))';
export const BADGE_TEXT = 'host.overlay()?.querySelector("h2, .pill .words > span")?.dataset.text ?? null';
export const sendState = (state: unknown): string =>
  `host.send({type: 'state', state: ${JSON.stringify(state)}, evidence: []})`;

export const REFUSED_NO_FACE = {
  kind: 'finished',
  report: reportOf(refusalOf('no-face'), { model: null }),
};

import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBadge } from '../support/badge.ts';
import type { VideoTab } from '../support/driver.ts';
import { openRealScreen } from '../support/real-screen.ts';
import type { RealScreen } from '../support/real-screen.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';

/** Pictures of the screen, for people to look at. */
const PICTURES = resolve(import.meta.dirname, '../../.output/e2e/real-screen');
const VIDEO = `<video src="/videos/one-face.mp4" autoplay muted loop playsinline width="640" height="360"></video>`;
const PICTURE = `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='640' height='360'/%3E`;
const page = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><title>A page</title><style>body{margin:0}</style><body>${body}`;
const inFrame = (attribute: string): string =>
  page(`<iframe ${attribute} width="660" height="380"></iframe>`);
const over = (layer: string): string => page(`<div style="position:relative">${VIDEO}${layer}</div>`);
const FILLS = 'style="position:absolute;inset:0;width:640px;height:360px"';

/**
 * Places where a menu opens, by what the browser reports as clicked. For each: how many entries lie below ours, and
 * ours itself. They are the browser's "Inspect", on a plain place of the page "View page source" as well, and in a
 * frame "View frame source".
 */
const PLACES = {
  'on a video': { html: page(VIDEO), upwards: 2 },
  'on a video in a link': { html: page(`<a href="/">${VIDEO}</a>`), upwards: 2 },
  'on a video in a closed root': {
    html: page(`<div><template shadowrootmode="closed">${VIDEO}</template></div>`),
    upwards: 2,
  },
  'on a picture over a video': { html: over(`<img src="${PICTURE}" ${FILLS}>`), upwards: 2 },
  'on a box over a video': { html: over(`<div ${FILLS}></div>`), upwards: 3 },
  'in a frame of srcdoc': {
    html: inFrame(`srcdoc="${page(VIDEO).replaceAll('"', '&quot;')}"`),
    upwards: 2,
  },
  'in a frame that the page has written': {
    html: `${inFrame('')}<script>
      const inner = document.querySelector('iframe').contentDocument;
      inner.open(); inner.write(${JSON.stringify(page(VIDEO))}); inner.close();</script>`,
    upwards: 2,
  },
  'in a frame of the page’s own site': { html: inFrame('src="/plain-video"'), upwards: 2 },
} as const;

const pathOf = (name: string): string => `/${name.replaceAll(/\W+/g, '-')}`;

let screen: RealScreen;
let world: World;
let foreign: Site;
let tab: VideoTab;

beforeAll(async () => {
  await mkdir(PICTURES, { recursive: true });
  screen = await openRealScreen();
  foreign = await startSite({ folders: { '/videos/': TEST_VIDEO_FOLDER } });
  const foreignVideo = foreign.origin.replace('localhost', '127.0.0.1');
  world = await startWorld({
    display: screen.display,
    pages: {
      ...Object.fromEntries(Object.entries(PLACES).map(([name, { html }]) => [pathOf(name), html])),
      '/plain-video': page(VIDEO),
      '/foreign-video': page(VIDEO.replace('/videos', `${foreignVideo}/videos`)),
    },
  });
  await askForFrames(world.driver, 4);
});
afterAll(async () => {
  await world.close();
  await foreign.close();
  await screen.close();
});
beforeEach(() => async () => {
  await tab.page.close();
});

const open = async (path: string): Promise<void> => {
  tab = await world.driver.openTab(world.site.origin + path, 'document.body !== null');
  // In a complete document the video is drawn, in any frame or root.
  await expect.poll(() => tab.page.evaluate<boolean>(`document.readyState === 'complete'`)).toBe(true);
};

const expectVerdict = async (): Promise<void> => {
  const { state } = await world.driver.waitForEnd(tab);
  expect(state).toMatchObject({ kind: 'finished', report: { verdict: { framesUsed: 4 } } });
};

describe('the real menu has “Check this video”, which judges the video', () => {
  test.each(Object.entries(PLACES))('%s', async (name, { upwards }) => {
    await open(pathOf(name));
    await screen.click(tab.page, { x: 300, y: 180 }, 'right');
    await screen.press(...Array.from({ length: upwards }, () => 'Up'));
    await screen.takePicture(resolve(PICTURES, `menu${pathOf(name).replaceAll('/', '-')}.png`));
    await screen.press('Return');
    await expectVerdict();
  });
});

test('the real shortcut judges the largest video', async () => {
  await open('/plain-video');
  await screen.click(tab.page, { x: 300, y: 500 }, 'left');
  await screen.press('alt+shift+v');
  await expectVerdict();
});

test('the browser’s real question about a host, answered, lets its video be judged', async () => {
  await open('/foreign-video');
  await screen.click(tab.page, { x: 300, y: 180 }, 'right');
  await screen.press('Up', 'Up', 'Return');
  const badge = await openBadge(tab.page);
  await badge.waitForText(/Picture can’t be read/);
  await screen.click(tab.page, await badge.placeOf(/Picture can’t be read/), 'left');
  await screen.takePicture(resolve(PICTURES, 'card.png'));
  const { scanId } = await world.driver.waitForEnd(tab);
  await screen.click(tab.page, await badge.placeOf(/^Allow 127\.0\.0\.1$/), 'left');
  // The browser accepts no answer in its question's first half second, so that an earlier click can't give it.
  await tab.page.waitForTimeout(1000);
  await screen.takePicture(resolve(PICTURES, 'question.png'));
  await screen.press('Tab', 'Return');
  const isFinished = ({ kind }: { readonly kind: string }): boolean => kind === 'finished';
  const { state } = await world.driver.waitForScan(tab, 'second', isFinished, scanId);
  expect(state).toMatchObject({ report: { verdict: { framesUsed: 4 } } });
});

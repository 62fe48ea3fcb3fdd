import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Scan } from '../../utils/domain/scan.ts';
import type { VideoTab } from '../support/driver.ts';
import { menuOn } from '../support/gestures.ts';
import { sharedPath } from '../support/shared-folder.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';

/** Pages on which earlier versions failed. */
const folder = sharedPath('cases/videos', 'pages on which earlier versions failed');

/** A player, as those in frames of the cases are. */
const PLAYER = `<!doctype html><meta charset="utf-8"><style>body{margin:0}</style>
  <video src="/videos/one-face.mp4" autoplay muted loop playsinline width="640" height="360"></video>`;
const IS_THERE = 'document.documentElement !== null';
const IS_PLAYING = `document.querySelector('video')?.currentTime > 0`;

async function readPages(other: string): Promise<Record<string, string>> {
  const pages: Record<string, string> = { '/08-frames/player.html': PLAYER, '/08-frames/empty.html': '<p>' };
  for (const path of await readdir(folder!, { recursive: true })) {
    if (!/\.(?:html|svg)$/.test(path)) continue;
    pages[`/${path}`] = (await readFile(resolve(folder!, path), 'utf8')).replaceAll('{{OTHER}}', other);
  }
  return pages;
}

describe.skipIf(folder === undefined)('a page on which an earlier version failed', () => {
  let world: World;
  let other: Site;
  let tab: VideoTab;

  beforeAll(async () => {
    const media = { '/media/': resolve(folder!, 'media') };
    other = await startSite({
      pages: { '/08-frames/player.html': PLAYER },
      folders: { '/videos/': TEST_VIDEO_FOLDER, ...media },
    });
    world = await startWorld({
      pages: await readPages(other.origin.replace('localhost', '127.0.0.1')),
      folders: media,
      silentPaths: ['/21-hang/never.js', '/21-hang/forever.html'],
    });
    await askForFrames(world.driver, 6);
  });
  afterAll(async () => {
    await world.close();
    await other.close();
  });
  afterEach(() => tab.page.close());

  const open = async (path: string, isReady = IS_THERE): Promise<void> => {
    tab = await world.driver.openTab(world.site.origin + path, isReady);
    await world.driver.letIn(tab);
  };
  const checked = async (): Promise<Scan> => {
    await world.driver.pressShortcut(tab);
    return await world.driver.waitForEnd(tab);
  };
  const untilOnePlays = (): Promise<void> =>
    expect
      .poll(async () => (await world.driver.listVideos(tab)).filter(({ isPaused }) => !isPaused).length)
      .toBe(1);
  const JUDGED = { kind: 'finished', report: { verdict: { framesUsed: 6 } } };

  test.each([
    '/21-hang/lazy.html',
    '/21-hang/script.html',
    '/21-hang/frame.html',
    '/03-clobber/form-matches.html',
  ])('is judged: %s', async (path) => {
    await open(path, IS_PLAYING);
    const errors: string[] = [];
    tab.page.on('pageerror', ({ message }) => errors.push(message));
    expect((await checked()).state).toMatchObject(JUDGED);
    expect(errors).toEqual([]);
  });

  test.each(['/02-closed-shadow/declared.html', '/08-frames/srcdoc.html', '/08-frames/written.html'])(
    'with a video that a plain search does not find is judged: %s',
    async (path) => {
      await open(path);
      await untilOnePlays();
      expect((await checked()).state).toMatchObject(JUDGED);
    },
  );

  test('with a drawing is judged', async () => {
    await open('/07-svg/film.svg', `document.querySelector('*|video')?.currentTime > 0`);
    expect((await checked()).state).toMatchObject(JUDGED);
  });

  test.each(['/01-recorded/page-webm.html', '/01-recorded/page-foreign-webm.html'])(
    'with a recording that states no length is judged, or its host can be allowed: %s',
    async (path) => {
      await open(path, IS_PLAYING);
      const { state, video } = await checked();
      const isOwn = video.fileUrl?.startsWith(world.site.origin) === true;
      expect(state).toMatchObject(
        isOwn
          ? { kind: 'finished', report: { verdict: { framesScanned: 6 } } }
          : { kind: 'finished', waysOut: { hostToAllow: '127.0.0.1' } },
      );
    },
  );

  test('that changes its picture’s size shows one person', async () => {
    await open('/04-abr/mse.html?steps=lo.webm,hi.webm,hi.webm', IS_PLAYING);
    const { state } = await checked();
    expect(state).toMatchObject(JUDGED);
    if (state.kind === 'finished' && state.report.verdict.kind !== 'refused') {
      expect(state.report.verdict.people).toHaveLength(1);
    }
  });

  test('that replaces its document is judged, although our script ran before', async () => {
    await open('/06-document-open/page.html');
    await world.driver.listVideos(tab);
    await tab.page.waitForFunction(IS_PLAYING);
    expect((await checked()).state).toMatchObject(JUDGED);
  });

  test('of many videos has the visible one judged', async () => {
    await open('/11-many/videos.html?count=260');
    await untilOnePlays();
    expect((await checked()).state).toMatchObject({ kind: 'finished' });
  });

  test('of a long session has its player judged', async () => {
    await open('/11-many/session.html');
    await world.driver.listVideos(tab);
    await tab.page.evaluate(
      `for (let post = 0; post < 1500; post++) addPost(); addVideo('/videos/one-face.mp4')`,
    );
    await untilOnePlays();
    expect((await checked()).state).toMatchObject(JUDGED);
  });

  test.each(['/08-frames/frameset.html', '/08-frames/embed.html'])(
    'with a frame of another host offers to allow it: %s',
    async (path) => {
      await open(path);
      const popup = await world.driver.openPopup(tab);
      await expect
        .poll(() => popup.evaluate<string>('document.body.innerText'))
        .toMatch(/Allow 127\.0\.0\.1|A player/);
      await popup.close();
    },
  );

  test('that inverts its video says so with the screen', async () => {
    await open('/12-filter/invert.html', IS_PLAYING);
    await menuOn(world.driver, tab, 'video');
    const { state } = await world.driver.waitForEnd(tab);
    // The file is on another host, so the screen is offered. Its doubt is tested in ways.test.ts.
    expect(state).toMatchObject({ kind: 'finished', waysOut: { canUseScreen: true } });
  });

  test('with a face on its side is judged upright, or refused', async () => {
    await open('/17-rotated/page.html', IS_PLAYING);
    const { state } = await checked();
    if (state.kind !== 'finished') throw new Error(state.kind);
    const { verdict } = state.report;
    expect(verdict.kind === 'refused' ? verdict.reason : verdict.framesUsed).toSatisfy(
      (outcome) => outcome === 6 || outcome === 'face-turned',
    );
  });
});

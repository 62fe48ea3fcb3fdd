import { describe, expect, test } from 'vitest';
import { checkVideo, injectContentScript, listVideos } from '../support/fake-host.ts';
import type { PostLinks } from '../../utils/domain/post-links.ts';
import { postOfLinks } from '../../utils/domain/post-sites.ts';
import { findForeignFrames } from '../../entrypoints/background/closed-frames.ts';
import { VIDEO, OTHER_VIDEO, POINTER, read, until, useContentPages } from './content-page.ts';

const pages = useContentPages();

describe('finding the video', () => {
  test('under a transparent element that takes every click', async () => {
    const page = await pages.openPlaying('/overlay');
    expect(await checkVideo(page, POINTER)).toMatchObject({ kind: 'started' });
  });

  test('in an open shadow root, by its address', async () => {
    const page = await pages.openPlaying('/shadow');
    expect(await checkVideo(page, { kind: 'pointer', srcUrl: pages.site.origin + VIDEO })).toMatchObject({
      kind: 'started',
    });
  });

  test('that the menu was opened over, of several', async () => {
    const page = await pages.openPlaying('/side-by-side');
    const second = page.locator('video').nth(1);
    await second.click({ button: 'right' });
    expect(await checkVideo(page, POINTER)).toMatchObject({ kind: 'started' });
    await until(page, 'host.received.length > 0');
    expect(await read(page, 'host.received[0].video.fileUrl')).toBe(pages.site.origin + OTHER_VIDEO);
  });

  test('that is hovered, before any event was seen', async () => {
    const page = await pages.openPlaying('/side-by-side');
    await page.locator('video').nth(1).hover();
    expect(await checkVideo(page, POINTER)).toMatchObject({ kind: 'started' });
    await until(page, 'host.received.length > 0');
    expect(await read(page, 'host.received[0].video.fileUrl')).toBe(pages.site.origin + OTHER_VIDEO);
  });

  test('is the user’s choice where several could be meant, and the page gets no click', async () => {
    const page = await pages.openPlaying('/side-by-side');
    await page.evaluate(
      'window.clicks = 0; document.querySelectorAll("video").forEach((one) => one.addEventListener("click", () => window.clicks++))',
    );
    expect(await checkVideo(page, POINTER)).toEqual({ kind: 'choosing' });
    const box = (await page.locator('video').nth(1).boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await until(page, 'host.received.length > 0');
    expect(await read(page, 'host.received[0].video.fileUrl')).toBe(pages.site.origin + OTHER_VIDEO);
    expect(await page.evaluate('window.clicks')).toBe(0);
    expect(await read(page, 'host.overlay().querySelector(".chooser")')).toBe(null);
  });

  test('is not asked of the user any more after Escape', async () => {
    const page = await pages.openPlaying('/side-by-side');
    await checkVideo(page, POINTER);
    await page.keyboard.press('Escape');
    await until(page, 'host.overlay().querySelector(".chooser") === null');
    expect(await read(page, 'host.openPorts()')).toBe(0);
  });

  test('says that there is none', async () => {
    const page = await pages.openPage('/none');
    await injectContentScript(page);
    expect(await checkVideo(page, POINTER)).toEqual({ kind: 'no-video' });
    expect(await checkVideo(page, { kind: 'largest' })).toEqual({ kind: 'no-video' });
    expect(await listVideos(page)).toEqual([]);
  });

  test('lists those of this frame with sizes and numbers that stay', async () => {
    const page = await pages.openPage('/far-apart');
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
  const page = await pages.openPage('/none');
  const foreign = pages.site.origin.replace('localhost', '127.0.0.1');
  await page.evaluate(`(() => {
    const addFrame = (root, src, width) => new Promise((loaded) => {
      const frame = Object.assign(document.createElement('iframe'), { src, width, height: 200, onload: loaded });
      root.append(frame);
    });
    const root = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });
    return Promise.all([
      addFrame(document.body, '${foreign}/none', 400),
      addFrame(root, '${foreign}/none', 300),
      addFrame(document.body, '${pages.site.origin}/none', 500),
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
  const link = (path: string): string => `<a href="${path}"><time>1 h</time></a>`;
  const inText = (path: string): string => `<p>See <a href="${path}">this</a></p>`;
  const ANN = link('/@ann/1234567');
  const OTHER_POST = `<article>${link('/@bob/7654321')}</article>`;
  const MANY = Array.from({ length: 80 }, (_, index) => link(`/about/${String(index)}`)).join('');
  const GENERAL = 'http://feed.example/';
  const FOUND = 'http://feed.example/@ann/1234567';
  const WATCH = 'https://www.youtube.com/watch?v=abc123';

  test.each([
    ['the one it is in, not its neighbour', GENERAL, `<article>${ANN}${SEEN}</article>${OTHER_POST}`, FOUND],
    ['one that several links lead to', GENERAL, `<article>${ANN}<p>${SEEN}</p>${ANN}</article>`, FOUND],
    ['the nearest', GENERAL, `<main><article>${ANN}${SEEN}</article>${OTHER_POST}</main>`, FOUND],
    ['none of the links in its text', GENERAL, `<article>${inText('/@bob/7654321')}${SEEN}</article>`, null],
    [
      'its own, whatever its text links to',
      GENERAL,
      `<article>${ANN}${inText('/@bob/7654321')}${SEEN}</article>`,
      FOUND,
    ],
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
    ['the page’s own, where the video is alone there', WATCH, SEEN, 'https://youtube.com/watch?v=abc123'],
    ['none while an advertisement plays there', WATCH, `<div class="ad-showing">${SEEN}</div>`, null],
    ['none where another video is there', WATCH, `<div>${SEEN}</div>${SEEN}`, null],
    ['not the page’s own, where advertisements can’t be told', 'https://x.com/ann/status/12', SEEN, null],
  ])('is %s', async (_claim, address, body, expected) => {
    const page = await pages.context.newPage();
    await page.route(address, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html>${body}` }),
    );
    await page.goto(address);
    await injectContentScript(page);
    await page.evaluate(`void trueFrame.automatic.start(document.querySelector('video'), () => undefined)`);
    const links = await read<PostLinks>(
      page,
      `host.messages.find(({ name }) => name === 'beginAutomatic').request.links`,
    );
    expect(postOfLinks(links, address)).toBe(expected);
  });
});

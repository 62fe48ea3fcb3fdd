import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { VideoTab } from '../support/driver.ts';
import { casesAt } from '../support/cases.ts';
import { askForFrames, playFaster, startWorld, type World } from '../support/world.ts';

const VIDEO = `<video src="/videos/one-face.mp4" autoplay muted loop playsinline width="640" height="360"></video>`;
const page = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><title>An odd page</title><style>body{margin:0}</style><body>${body}`;
const inAttribute = (html: string): string => html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

const SILENT = '/silent.js';

/** Pages whose videos a plain search, a plain call, or a wait for the page's end does not reach. */
const PAGES = {
  '/lazy': page(
    `${VIDEO}<div style="height:20000px"></div><iframe loading="lazy" src="/plain" width="600" height="300"></iframe>`,
  ),
  '/script': page(`${VIDEO}<script src="${SILENT}"></script><p>After</p>`),
  '/frame': page(`${VIDEO}<iframe src="${SILENT}" width="300" height="60"></iframe>`),
  '/srcdoc': page(
    `<iframe srcdoc="${inAttribute(page(VIDEO))}" width="660" height="380" allow="autoplay"></iframe>`,
  ),
  '/written': page(`<iframe width="660" height="380" allow="autoplay"></iframe><script>
    const inner = document.querySelector('iframe').contentDocument;
    inner.open(); inner.write(${JSON.stringify(page(VIDEO))}); inner.close();</script>`),
  '/blob': page(`<iframe width="660" height="380" allow="autoplay"></iframe><script>
    const blob = new Blob([${JSON.stringify(page(VIDEO).replace('"/videos', '"ORIGIN/videos'))}.replace('ORIGIN', location.origin)], { type: 'text/html' });
    document.querySelector('iframe').src = URL.createObjectURL(blob);</script>`),
  '/closed-root': page(`<div><template shadowrootmode="closed">${VIDEO}</template></div>`),
  '/many-videos': page(`<script>
    for (let index = 0; index < 260; index++) {
      const video = document.createElement('video');
      Object.assign(video, { muted: true, loop: true, preload: 'none', width: 640, height: 360, playsInline: true });
      video.src = '/videos/one-face.mp4?n=' + index;
      document.body.append(video);
    }
    const last = document.querySelector('video:last-of-type');
    last.scrollIntoView({ block: 'center' });
    last.play();</script>`),
  '/many-roots': page(`<script>
    for (let index = 0; index < 2100; index++) {
      const part = document.body.appendChild(document.createElement('div'));
      part.attachShadow({ mode: 'open' }).innerHTML = '<i></i>';
    }
    const player = document.createElement('div');
    document.body.prepend(player);
    // The last of the roots in the order of the search.
    const inner = document.body.appendChild(document.createElement('div'));
    inner.style = 'position: fixed; top: 0; left: 0';
    inner.attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(VIDEO)};</script>`),
  '/clobbering':
    page(`<form action="/"><a id="trueFrame"></a><a id="addEventListener"></a><a id="trueFrameScreen"></a>
    <img name="body"><img name="querySelectorAll"><img name="documentElement"><img name="elementsFromPoint">
    <img name="createElement"><img name="addEventListener"><img name="fullscreenElement"><img name="title">
    <input name="matches" hidden><input name="closest" hidden><input name="getBoundingClientRect" hidden>
    <input name="parentElement" hidden><input name="parentNode" hidden><input name="getRootNode" hidden>
    <input name="assignedSlot" hidden><input name="shadowRoot" hidden><input name="append" hidden>
    <input name="querySelectorAll" hidden>${VIDEO}</form>`),
  '/film.svg': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">
    <title>A drawing with a film in it</title><foreignObject width="640" height="360">
    <video xmlns="http://www.w3.org/1999/xhtml" src="/videos/one-face.mp4" autoplay="autoplay" muted="muted" loop="loop"
    playsinline="playsinline" width="640" height="360"></video></foreignObject></svg>`,
};

/** The page has been parsed as far as it goes. */
const IS_THERE = 'document.documentElement !== null';

let world: World;
let tab: VideoTab;

beforeAll(async () => {
  world = await startWorld({ pages: PAGES, silentPaths: [SILENT] });
  await askForFrames(world.driver, 4);
  await playFaster(world);
});
afterAll(() => world.close());
beforeEach(() => async () => {
  await tab.page.close();
});

const open = async (path: keyof typeof PAGES, isReady = IS_THERE): Promise<void> => {
  tab = await world.driver.openTab(world.site.origin + path, isReady);
  await world.driver.letIn(tab);
};

const expectVerdict = async (): Promise<void> => {
  const { state } = await world.driver.waitForEnd(tab);
  expect(state).toMatchObject({ kind: 'finished', report: { verdict: { framesUsed: 4 } } });
};

describe('a page that is never complete', () => {
  test.each(casesAt(['/lazy', '/script', '/frame'] as const, 0))(
    'because of a silent %s is listed in the popup and judged at once',
    async (path) => {
      await open(path, `document.querySelector('video')?.currentTime > 0`);
      const popup = await world.driver.openPopup(tab);
      const startedAt = Date.now();
      await expect.poll(() => popup.evaluate<string>('document.body.innerText')).toContain('An odd page');
      expect(Date.now() - startedAt).toBeLessThan(5000);
      await popup.close();
      await world.driver.pressShortcut(tab);
      await expectVerdict();
    },
  );
});

describe('the shortcut judges the video', () => {
  test.each(casesAt(['/srcdoc', '/written', '/blob'] as const, 0))(
    'in a frame without an address of the web: %s',
    async (path) => {
      await open(path);
      await expect
        .poll(async () => (await world.driver.listVideos(tab)).map(({ isPaused }) => isPaused))
        .toEqual([false]);
      await world.driver.pressShortcut(tab);
      await expectVerdict();
    },
  );

  test('in a closed shadow root', async () => {
    await open('/closed-root');
    await expect
      .poll(async () => (await world.driver.listVideos(tab)).map(({ isPaused }) => isPaused))
      .toEqual([false]);
    await world.driver.pressShortcut(tab);
    await expectVerdict();
  });

  test('in sight that plays, of hundreds', async () => {
    await open('/many-videos', `document.querySelector('video:last-of-type')?.currentTime > 0`);
    await world.driver.pressShortcut(tab);
    const { video } = await world.driver.waitForEnd(tab);
    expect(video.fileUrl).toBe(`${world.site.origin}/videos/one-face.mp4?n=259`);
  });

  test('behind thousands of shadow roots', async () => {
    await open('/many-roots');
    await expect
      .poll(async () => (await world.driver.listVideos(tab)).map(({ isPaused }) => isPaused))
      .toEqual([false]);
    await world.driver.pressShortcut(tab);
    await expectVerdict();
  });

  test('on a page that names its fields and pictures like members of the DOM', async () => {
    await open('/clobbering', `document.querySelector('video')?.currentTime > 0`);
    const errors: string[] = [];
    tab.page.on('pageerror', ({ message }) => errors.push(message));
    await world.driver.pressShortcut(tab);
    await expectVerdict();
    // A second request finds the script that the first one has left.
    expect(await world.driver.listVideos(tab)).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('of a file that is opened by itself, under the file’s name', async () => {
    tab = await world.driver.openTab(`${world.site.origin}/videos/one-face.mp4`);
    await world.driver.pressShortcut(tab);
    await expectVerdict();
    expect((await world.driver.scansOf(tab))[0]?.video.title).toBe('one-face.mp4');
  });

  test('in a drawing', async () => {
    await open('/film.svg', `document.querySelector('*|video')?.currentTime > 0`);
    await world.driver.pressShortcut(tab);
    await expectVerdict();
  });
});

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EXTENSION_FOLDER } from '../support/extension.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import type { PageBox, ScreenPlace, SeenVideo } from '../../utils/domain/content-messages.ts';
import { coveredShare } from '../../utils/domain/covered-share.ts';
import { launchChromium } from '../support/chromium.ts';

/** 640 × 360. */
const SOURCE = '/videos/no-face.mp4';
const video = (style = ''): string =>
  `<video src="${SOURCE}" muted preload="auto" style="display: block; width: 640px; height: 360px; ${style}"></video>`;
/** Covers a part of the video, or all of it. */
const box = (style: string, content = ''): string =>
  `<div style="position: absolute; left: 0; top: 0; width: 640px; height: 360px; ${style}">${content}</div>`;
const player = (content: string, style = ''): string =>
  `<div class="player" style="position: absolute; left: 100px; top: 50px; width: 640px; height: 360px; ${style}">${content}</div>`;
const frame = (style: string, content: string): string =>
  `<iframe style="position: absolute; left: 100px; top: 50px; ${style}" srcdoc='${document(content)}'></iframe>`;
const document = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><style>body { margin: 0 } iframe { border: 0 }</style>${body}`;
/** A transparent PNG. Its pixels do not matter; it only has to be a picture. */
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let site: Site;
let context: BrowserContext;
let closeChromium: () => Promise<void>;
let script: string;
let page: Page;

beforeAll(async () => {
  script = await readFile(resolve(EXTENSION_FOLDER, 'content-scripts/screen.js'), 'utf8');
  const videos = await ensureTestVideos();
  site = await startSite({
    pages: { '/': document('') },
    folders: { '/videos/': dirname(videos['no-face.mp4'].path) },
  });
  ({ context, close: closeChromium } = await launchChromium());
}, 600_000);
afterAll(async () => {
  await closeChromium();
  await site.close();
});
afterEach(() => page.close());

/** Where the script finds the video of a page, in any frame. */
async function place(body: string): Promise<ScreenPlace> {
  page = await context.newPage();
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto(site.origin);
  await page.setContent(document(body));
  const holder = await holderOfVideo();
  await holder.evaluate(`(() => { ${script} })()`);
  return await holder.evaluate<ScreenPlace>(`trueFrameScreen.findPlace(${VIDEO})`);
}

const VIDEO = `(document.querySelector('video') ?? document.querySelector('site-player')?.shadowRoot.querySelector('video'))`;

async function holderOfVideo(): Promise<Frame> {
  // A frame that a script puts into the page comes after the page's own.
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    for (const each of page.frames()) {
      const isThere = await each.evaluate<boolean>(`(${VIDEO}?.readyState ?? 0) >= 2`).catch(() => false);
      if (isThere) return each;
    }
    await page.waitForTimeout(20);
  }
  throw new Error('a page without a video');
}

/** A box's numbers, rounded: layout works in fractions of a pixel. */
function numbersOf(found: PageBox | null): readonly number[] | null {
  return found && [found.left, found.top, found.width, found.height].map((side) => Math.round(side * 8) / 8);
}

/** How much of what is visible is covered, 0 to 1. */
function visibleShareCovered({ visible, covered }: ScreenPlace): number {
  const places = Array.from({ length: 40 * 40 }, (_, at) => ({
    x: visible!.left + (((at % 40) + 0.5) / 40) * visible!.width,
    y: visible!.top + ((Math.floor(at / 40) + 0.5) / 40) * visible!.height,
  }));
  const within = places.filter(({ x, y }) =>
    covered.some(
      ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
    ),
  );
  return within.length / places.length;
}

describe('the picture is where it is drawn', () => {
  const PLAIN = [100, 50, 640, 360];

  test.each<[string, string, { picture: readonly number[]; visible?: readonly number[] }]>([
    ['in the page', player(video()), { picture: PLAIN }],
    [
      'with border and padding of its own',
      player(video('border: 10px solid; padding: 5px 20px 15px 40px')),
      { picture: [150, 65, 640, 360] },
    ],
    [
      'in a frame with border and padding',
      frame('border: 10px solid; padding: 20px 0 0 30px; width: 660px; height: 400px', video()),
      { picture: [140, 80, 640, 360] },
    ],
    [
      'in a frame that is scaled, border and all',
      frame(
        'border: 10px solid; padding: 20px; width: 640px; height: 360px; transform: scale(0.5); transform-origin: 0 0',
        video(),
      ),
      { picture: [115, 65, 320, 180] },
    ],
    [
      'in a scaled frame of a scaled frame',
      frame(
        'border: 0; width: 800px; height: 600px; scale: 0.5; transform-origin: 0 0',
        // The inner one is written by the outer one's script: quotes do not nest so deep.
        `<body><script>
          const inner = document.createElement("iframe");
          inner.style.cssText = "border: 20px solid; width: 700px; height: 500px; transform: scale(0.8); transform-origin: 0 0";
          inner.srcdoc = ${JSON.stringify(document(video())).replaceAll('</', '<\\/')};
          document.body.append(inner);
        </script>`,
      ),
      { picture: [108, 58, 256, 144] },
    ],
    [
      'mirrored, with its bar on the other side',
      player(video('transform: scaleX(-1); width: 740px; object-position: 0 0')),
      { picture: [200, 50, 640, 360] },
    ],
    [
      'at a place of its own within its bars',
      player(video('width: 800px; object-position: right 20px top 0')),
      { picture: [240, 50, 640, 360] },
    ],
    [
      'cut off on one side',
      player(video('width: 320px; height: 360px; object-fit: cover; object-position: 25% 0')),
      { picture: [20, 50, 640, 360], visible: [100, 50, 320, 360] },
    ],
    [
      'in its own size in a smaller box',
      player(video('width: 400px; height: 200px; object-fit: none; object-position: 0 100%')),
      { picture: [100, -110, 640, 360], visible: [100, 50, 400, 200] },
    ],
    [
      'in its own size in a larger box that would only scale down',
      player(video('width: 740px; height: 460px; object-fit: scale-down')),
      { picture: [150, 100, 640, 360] },
    ],
    [
      'in a smaller box that scales down',
      player(video('width: 320px; height: 180px; object-fit: scale-down')),
      { picture: [100, 50, 320, 180] },
    ],
    [
      'stretched',
      player(video('width: 640px; height: 200px; object-fit: fill')),
      { picture: [100, 50, 640, 200] },
    ],
    ['moved forward without perspective', player(video('transform: translateZ(0)')), { picture: PLAIN }],
  ])('%s', async (_how, body, { picture, visible = picture }) => {
    const found = await place(body);
    expect(numbersOf(found.picture)).toEqual(picture);
    expect(numbersOf(found.visible)).toEqual(visible);
    expect(found.covered).toEqual([]);
  });
});

describe('nothing is said to be visible of a video that is', () => {
  test.each<[string, string]>([
    ['turned', player(video('transform: rotate(5deg)'))],
    ['turned by a property of its own', player(video(), 'rotate: 5deg')],
    ['upside down', player(video('transform: scaleY(-1)'))],
    ['skewed', player(video('transform: skewX(5deg)'))],
    ['in perspective', player(video('transform: rotateY(20deg)'), 'perspective: 500px')],
    ['in a turned frame', frame('width: 640px; height: 360px; transform: rotate(2deg)', video())],
    ['hidden', player(video('visibility: hidden'))],
    ['faded out, with what holds it', player(video(), 'opacity: 0.2')],
    ['in a frame that is faded out', frame('width: 640px; height: 360px; opacity: 0', video())],
    ['a piece of its picture', player(video('object-view-box: inset(10%)'))],
  ])('%s', async (_how, body) => {
    expect((await place(body)).visible).toBeNull();
  });
});

const TRANSPARENT = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const OPAQUE = `data:image/svg+xml;base64,${btoa('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9H0z"/></svg>')}`;
/** @param script draws in `context` */
const canvas = (script: string, style = ''): string =>
  `<canvas width="640" height="360" style="position: absolute; left: 0; top: 0; ${style}"></canvas>
  <script>{ const context = document.querySelector("canvas").getContext("2d"); ${script} }</script>`;

const LEFT_HALF = 'width: 320px; background: black;';

describe('what is opaque counts as covering', () => {
  test.each<[string, string, number]>([
    ['that takes the pointer', player(video() + box(LEFT_HALF)), 0.5],
    ['that lets the pointer through', player(video() + box(`${LEFT_HALF} pointer-events: none`)), 0.5],
    ['that is inert', player(video() + box(LEFT_HALF).replace('<div', '<div inert')), 0.5],
    [
      'picture that lets the pointer through',
      player(
        `${video()}<img src="${PICTURE}" style="position: absolute; left: 0; top: 0; width: 640px; height: 180px; pointer-events: none">`,
      ),
      0.5,
    ],
    [
      'over a video that lets the pointer through',
      player(video('pointer-events: none') + box(LEFT_HALF)),
      0.5,
    ],
    [
      'earlier in the page, on a higher level',
      player(box(`${LEFT_HALF} pointer-events: none; z-index: 2`) + video()),
      0.5,
    ],
    [
      'earlier in the page, positioned where the video is not',
      player(box(`${LEFT_HALF} pointer-events: none`) + video()),
      0.5,
    ],
    [
      'in another shadow root',
      player(`${video()}<site-cover></site-cover>`) +
        `<script>document.querySelector('site-cover').attachShadow({ mode: 'open' }).innerHTML = '${box(LEFT_HALF)}'</script>`,
      0.5,
    ],
    [
      'in another shadow root, and lets the pointer through',
      player(`${video()}<site-cover></site-cover>`) +
        `<script>document.querySelector('site-cover').attachShadow({ mode: 'open' }).innerHTML = '${box(`${LEFT_HALF} pointer-events: none`)}'</script>`,
      0.5,
    ],
    [
      'over the frame that the video is in',
      frame('border: 0; width: 640px; height: 360px', video()) +
        player(box(LEFT_HALF), 'pointer-events: none'),
      0.5,
    ],
    [
      'over a scaled frame that the video is in',
      frame('border: 0; width: 640px; height: 360px; transform: scale(0.5); transform-origin: 0 0', video()) +
        player(box('width: 160px; height: 180px; background: black'), 'pointer-events: none'),
      0.5,
    ],
    [
      'generated by what holds the video',
      `<style>.player::after { content: ''; position: absolute; inset: 0; background: black; pointer-events: none }</style>${player(video())}`,
      1,
    ],
    ['canvas, where it draws', player(video() + canvas('context.fillRect(0, 0, 320, 360)')), 0.5],
    [
      'canvas that lets the pointer through, where it draws',
      player(video() + canvas('context.fillRect(0, 0, 320, 360)', 'pointer-events: none')),
      0.5,
    ],
    [
      'canvas of WebGL that draws in every animation frame',
      player(
        `${video()}<canvas width="640" height="360" style="position: absolute; left: 0; top: 0"></canvas><script>
          const context = document.querySelector("canvas").getContext("webgl");
          const draw = () => { context.clearColor(0, 1, 0, 1); context.clear(context.COLOR_BUFFER_BIT); requestAnimationFrame(draw); };
          draw();
        </script>`,
      ),
      1,
    ],
    ['gradient', player(video() + box('background: linear-gradient(red, blue)')), 1],
    ['picture in a style', player(video() + box(`background: url(${OPAQUE})`)), 1],
    ['picture of which nothing is known', player(video() + box('background: url(/picture.png)')), 1],
    ['blurring glass', player(video() + box('backdrop-filter: blur(20px)')), 1],
    [
      'modal dialog',
      player(video()) +
        '<dialog>Sign in</dialog><script>document.querySelector("dialog").showModal()</script>',
      1,
    ],
  ])('%s', async (_what, body, share) => {
    expect(visibleShareCovered(await place(body))).toBeCloseTo(share, 1);
  });

  test('where a path cuts the video off', async () => {
    const share = visibleShareCovered(await place(player(video('clip-path: polygon(0 0, 100% 0, 0 100%)'))));
    expect(share).toBeCloseTo(0.5, 1);
  });

  test('in corners as round as a scaled player makes them', async () => {
    const { covered } = await place(
      player(video('border-radius: 80px'), 'transform: scale(0.5); transform-origin: 0 0'),
    );
    const side = 40 * (1 - Math.SQRT1_2);
    const corners = covered.filter(({ width, height }) => Math.abs(width - height) < 0.01);
    expect(corners).toHaveLength(4);
    for (const { width } of corners) expect(width).toBeCloseTo(side, 3);
  });
});

describe('what lets the picture through does not count', () => {
  test.each<[string, string]>([
    ['a player’s empty canvas', player(video() + canvas('', 'pointer-events: none'))],
    ['a player’s empty canvas that takes clicks', player(video() + canvas(''))],
    [
      'a player’s shade that is a picture in its style',
      player(video() + box(`background: url(${TRANSPARENT}) bottom / 100% 100%`)),
    ],
    [
      'such a shade that lets the pointer through',
      player(video() + box(`background: url(${TRANSPARENT}); pointer-events: none`)),
    ],
    [
      'a transparent picture',
      player(
        `${video()}<img src="${TRANSPARENT}" style="position: absolute; left: 0; top: 0; width: 640px; height: 360px">`,
      ),
    ],
    [
      'a second video element that shows nothing',
      player(
        `${video()}<video style="position: absolute; left: 0; top: 0; width: 640px; height: 360px"></video>`,
      ),
    ],
    [
      'a poster that has faded out with what holds it',
      player(video() + box('opacity: 0', box('background: black'))),
    ],
    [
      'a faded poster that lets the pointer through',
      player(video() + box('opacity: 0; pointer-events: none', box('background: black'))),
    ],
    ['a player’s layer for clicks', player(video() + box(''))],
    [
      'a thin shade',
      player(
        video() + box('background: linear-gradient(transparent, rgb(0 0 0 / 0.9)); pointer-events: none'),
      ),
    ],
    [
      'a thin shade that the player generates before its own black',
      `<style>.player::after { content: ''; position: absolute; inset: 0; background: rgb(0 0 0 / 0.2) }</style>${player(video(), 'background: black')}`,
    ],
    ['what lies beneath', player(box('background: black; pointer-events: none; z-index: -1') + video())],
    [
      'what lies beneath and comes earlier',
      player(box('background: black; pointer-events: none') + video('position: relative')),
    ],
    [
      'the player’s own ground under a video that lets the pointer through',
      player(video('pointer-events: none'), 'background: black'),
    ],
    [
      'the ground of a player in whose slot the video lies',
      `${player(`<site-slot>${video()}</site-slot>`)}<script>
        document.querySelector('site-slot').attachShadow({ mode: 'open' }).innerHTML =
          '<div style="background: black; width: 640px; height: 360px"><slot></slot></div>';
      </script>`,
    ],
    [
      'what is elsewhere',
      player(video()) + box('left: 800px; width: 100px; background: black; pointer-events: none'),
    ],
  ])('%s', async (_what, body) => {
    expect((await place(body)).covered).toEqual([]);
  });
});

describe('the picture is altered', () => {
  test.each<[string, string]>([
    ['by a filter', player(video('filter: invert(1)'))],
    ['by a filter on what holds it', player(video(), 'filter: hue-rotate(90deg) drop-shadow(0 0 3px red)')],
    ['by a filter on the frame around it', frame('width: 640px; height: 360px; filter: sepia(1)', video())],
    ['by a filter on the page', `<style>html { filter: contrast(2) }</style>${player(video())}`],
    ['by a blend', player(video('mix-blend-mode: difference'), 'background: red')],
    ['by a mask', player(video('mask-image: linear-gradient(black, transparent)'))],
    ['by fading', player(video('opacity: 0.8'))],
    ['by a tint over it', player(video() + box('background: rgb(255 0 0 / 0.3)'))],
    [
      'by a tint over it that lets the pointer through',
      player(video() + box('background: rgb(255 0 0 / 0.3); pointer-events: none')),
    ],
  ])('%s', async (_how, body) => {
    expect((await place(body)).isAltered).toBe(true);
  });

  test.each<[string, string]>([
    ['in the plain page', player(video())],
    ['by a shadow', player(video('filter: drop-shadow(0 0 5px black)'))],
    ['by a filter that does nothing', player(video('filter: brightness(1) blur(0px)'))],
    ['by a mask that rounds corners', player(video(), 'mask-image: linear-gradient(white, black)')],
    ['by its scaling', player(video('image-rendering: pixelated; transform: scaleX(-1)'))],
    [
      'by the shade behind a player’s buttons',
      player(video() + box('top: 300px; height: 60px; background: rgb(0 0 0 / 0.4)')),
    ],
  ])('not %s', async (_how, body) => {
    expect((await place(body)).isAltered).toBe(false);
  });
});

describe('what is asked of a video that is read from elsewhere', () => {
  const look = async (body: string): Promise<SeenVideo> => {
    await place(body);
    const holder = await holderOfVideo();
    return await holder.evaluate<SeenVideo>(`trueFrameScreen.look(${VIDEO})`);
  };
  const share = ({ covers }: SeenVideo, area: PageBox): number => coveredShare(area, covers);
  const [left, right] = [
    { left: 0, top: 0, width: 0.5, height: 1 },
    { left: 0.5, top: 0, width: 0.5, height: 1 },
  ];

  test('covers are told in shares of the picture', async () => {
    const seen = await look(player(video() + box(LEFT_HALF)));
    expect(share(seen, left)).toBeCloseTo(1, 1);
    expect(share(seen, right)).toBeCloseTo(0, 1);
  });

  test('of a mirrored video they are mirrored back', async () => {
    const seen = await look(player(video('transform: scaleX(-1)') + box(LEFT_HALF)));
    expect(share(seen, left)).toBeCloseTo(0, 1);
    expect(share(seen, right)).toBeCloseTo(1, 1);
  });

  test('of a video that is faded out or turned they are told as well', async () => {
    expect(await look(player(video('opacity: 0'), 'background: black'))).toMatchObject({ isAltered: true });
    const turned = await look(player(video('rotate: 180deg') + box('background: black')));
    expect(share(turned, { left: 0, top: 0, width: 1, height: 1 })).toBeCloseTo(1, 1);
  });
});

test('a page of many elements is searched in parts, between which it draws', async () => {
  const many = '<p>text</p>'.repeat(20_000);
  page = await context.newPage();
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto(site.origin);
  await page.setContent(document(player(video() + box(`pointer-events: none; ${LEFT_HALF}`)) + many));
  const holder = await holderOfVideo();
  // The clock advances by a millisecond with each look at it, whatever the machine.
  await holder.evaluate(`(() => {
    let now = 0;
    performance.now = () => now++;
    globalThis.framesDrawn = 0;
    const request = requestAnimationFrame.bind(globalThis);
    globalThis.requestAnimationFrame = (callback) => {
      framesDrawn++;
      return request(callback);
    };
    ${script}
  })()`);
  const { covers } = await holder.evaluate<SeenVideo>(`trueFrameScreen.look(${VIDEO})`);
  expect(coveredShare({ left: 0, top: 0, width: 0.5, height: 1 }, covers)).toBeCloseTo(1, 1);
  expect(await holder.evaluate('framesDrawn')).toBeGreaterThan(50);
});

test('in picture-in-picture nothing of a video in a shadow root is on the page', async () => {
  await place(
    `<site-player></site-player><script>document.querySelector('site-player').attachShadow({ mode: 'open' }).innerHTML = '${video().replaceAll("'", '')}'</script>`,
  );
  expect((await page.evaluate<ScreenPlace>(`trueFrameScreen.findPlace(${VIDEO})`)).visible).not.toBeNull();
  // Without a screen the browser has no window for it, so the test sets what the page is told of it.
  await page.evaluate(
    `Object.defineProperty(${VIDEO}.getRootNode(), 'pictureInPictureElement', { value: ${VIDEO} })`,
  );
  expect((await page.evaluate<ScreenPlace>(`trueFrameScreen.findPlace(${VIDEO})`)).visible).toBeNull();
});

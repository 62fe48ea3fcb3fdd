/**
 * npm run bench:detail: what squeezing a video through an encoder does to the faces in it, and by what that could be seen.
 * Faces of the project's own pictures, at places read off by eye, through Chromium's H.264 and VP9 encoders at a ladder of
 * rates; others with `-- --video FILE --square LEFT,TOP,SIDE` (pixels, the same in all frames). One line of JSON for each
 * face and rate, means of five frames:
 * - `bitsPerPixel` of each frame, what compression.ts decides by;
 * - `lostDetail`, the yardstick: energy of the difference that it made to the face's fine detail, as a share of that detail;
 * - what a crop alone could be judged by: `fineDetail` (fine-detail.ts), `flatShare` (blocks of 4 × 4 with almost nothing but
 *   a slope in them), `gridSteps` (steps between pixels along the frame's 8 × 8 grid, against steps elsewhere).
 * Then how `lostDetail` lies on both sides of compression.ts's border.
 */
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MIN_BITS_PER_PIXEL } from '../../models/scan/compression.ts';
import { fineDetail, finePart, lightAtInputSize } from '../../models/scan/fine-detail.ts';
import type { RasterImage } from '../../models/image/raster-image.ts';
import { launchChromium } from '../support/chromium.ts';
import { startSite } from '../support/site/server.ts';
import { TEST_VIDEOS, type TestVideoName } from '../fixtures/videos/scenes.ts';
import type { Square, Squeezed, SqueezeRequest } from './detail.page.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const MODULES = resolve(REPOSITORY, 'node_modules');
const FRAMES = [5, 20, 37, 52, 70];
const SQUEEZED_FRAMES = 75;
const FRAMES_PER_SECOND = 25;
const RATES_KBIT = [30, 60, 120, 250, 500, 1000, 2000];
/** More than a quarter of the fine detail is much. */
const MUCH = 0.25;

type Face = {
  readonly name: string;
  readonly picture: SqueezeRequest['picture'];
  readonly squares: readonly Square[];
  readonly width: number;
  readonly height: number;
};

/** @param square on the photograph, in its own pixels */
function ownFace(name: TestVideoName, square: Square): Face {
  const { scene, width, height } = TEST_VIDEOS[name];
  if (scene.kind !== 'photograph') throw new Error(`${name} shows no photograph`);
  const squares = FRAMES.map((frame): Square => {
    const sway = (1 - Math.cos((2 * Math.PI * frame) / SQUEEZED_FRAMES)) / 2;
    const view = (key: 'x' | 'y' | 'width'): number =>
      scene.from[key] + sway * (scene.to[key] - scene.from[key]);
    const scale = width / view('width');
    return {
      left: Math.round((square.left - view('x')) * scale),
      top: Math.round((square.top - view('y')) * scale),
      side: Math.round(square.side * scale),
    };
  });
  return { name, picture: { kind: 'scene', scene, width, height }, squares, width, height };
}

const { values } = parseArgs({ options: { video: { type: 'string' }, square: { type: 'string' } } });
const faces: Face[] = [];
if (values.video === undefined) {
  faces.push(
    ownFace('one-face.mp4', { left: 581, top: 360, side: 220 }),
    ownFace('one-face.webm', { left: 581, top: 360, side: 220 }),
    ownFace('another-face.mp4', { left: 1379, top: 403, side: 230 }),
    ownFace('two-faces.mp4', { left: 1075, top: 255, side: 210 }),
    ownFace('two-faces.mp4', { left: 1498, top: 340, side: 210 }),
    ownFace('two-faces.webm', { left: 1498, top: 340, side: 210 }),
  );
}

const site = await startSite({
  pages: { '/': squeezePage() },
  folders: {
    '/test/': resolve(REPOSITORY, 'test'),
    '/mediabunny/': resolve(MODULES, 'mediabunny/dist/bundles'),
    '/photographs/': resolve(MODULES, '@vladmandic/face-api/demo'),
    ...(values.video !== undefined && { '/given/': dirname(resolve(values.video)) }),
  },
});
const { context, close } = await launchChromium();
const lost: { readonly bitsPerPixel: number; readonly lostDetail: number }[] = [];
try {
  const page = await context.newPage();
  await page.goto(site.origin);
  await page.waitForFunction('"squeeze" in window');
  const squeeze = (request: SqueezeRequest): Promise<Squeezed> =>
    page.evaluate<Squeezed>(`window.squeeze(${JSON.stringify(request)})`);

  if (values.video !== undefined) {
    const [left, top, side] = (values.square ?? '').split(',').map(Number);
    if (![left, top, side].every(Number.isInteger)) throw new Error('--square LEFT,TOP,SIDE');
    const url = `/given/${encodeURIComponent(basename(values.video))}`;
    const [width, height] = await page.evaluate<[number, number]>(`window.sizeOf(${JSON.stringify(url)})`);
    const squares = FRAMES.map((): Square => ({ left: left!, top: top!, side: side! }));
    faces.push({
      name: basename(values.video),
      picture: { kind: 'file', url },
      squares,
      width,
      height,
    });
  }

  for (const { name, picture, squares, width, height } of faces) {
    const request = { picture, squares, frames: FRAMES };
    const before = cropsOf(await squeeze({ ...request, encoding: null }));
    print({ name, ...describe(before, squares) });
    for (const codec of ['avc', 'vp9'] as const) {
      for (const kbit of RATES_KBIT) {
        const encoding = { codec, bitsPerSecond: kbit * 1000 };
        const squeezed = await squeeze({ ...request, encoding });
        const after = cropsOf(squeezed);
        const bitsPerPixel = squeezed.bitsPerSecond! / (FRAMES_PER_SECOND * width * height);
        const lostDetail = mean(after.map((crop, index) => lostShare(before[index]!, crop)));
        lost.push({ bitsPerPixel, lostDetail });
        const kbitMade = Math.round(squeezed.bitsPerSecond! / 1000);
        print({
          name,
          codec,
          kbitAsked: kbit,
          kbitMade,
          bitsPerPixel,
          lostDetail,
          ...describe(after, squares),
        });
      }
    }
  }
} finally {
  await close();
  await site.close();
}

for (const [what, isThere] of [
  [`below ${String(MIN_BITS_PER_PIXEL)}`, (bits: number) => bits < MIN_BITS_PER_PIXEL],
  [`from ${String(MIN_BITS_PER_PIXEL)} on`, (bits: number) => bits >= MIN_BITS_PER_PIXEL],
] as const) {
  const shares = lost
    .filter(({ bitsPerPixel }) => isThere(bitsPerPixel))
    .map(({ lostDetail }) => lostDetail)
    .toSorted((a, b) => a - b);
  print({
    bitsPerPixel: what,
    faces: shares.length,
    medianLost: shares[Math.floor(shares.length / 2)],
    mostLost: shares.at(-1),
    lostMuch: shares.filter((share) => share > MUCH).length,
  });
}

function cropsOf({ crops }: Squeezed): RasterImage[] {
  return crops.map(({ side, base64 }) => ({
    data: new Uint8ClampedArray(Buffer.from(base64, 'base64')),
    width: side,
    height: side,
    channels: 4,
  }));
}

function describe(crops: readonly RasterImage[], squares: readonly Square[]): Record<string, number> {
  return {
    fineDetail: mean(crops.map(fineDetail)),
    flatShare: mean(crops.map(flatShare)),
    gridSteps: mean(crops.map((crop, index) => gridSteps(crop, squares[index]!))),
  };
}

function lostShare(before: RasterImage, after: RasterImage): number {
  const fine = finePart(lightAtInputSize(before));
  const left = finePart(lightAtInputSize(after));
  const energy = (values: Float64Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
  return energy(fine.map((value, pixel) => value - left[pixel]!)) / energy(fine);
}

function lightAt({ data, width }: RasterImage, x: number, y: number): number {
  const at = 4 * (y * width + x);
  return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}

/** Blocks of 4 × 4 pixels of the frame whose brightness differs from a slope by less than a quarter of a level. */
function flatShare(crop: RasterImage): number {
  const BLOCK = 4;
  const FLAT_LEVELS = 0.25;
  const blocks = Math.floor(crop.width / BLOCK);
  const offsets = Array.from({ length: BLOCK ** 2 }, (_, at) => ({
    x: (at % BLOCK) - (BLOCK - 1) / 2,
    y: Math.floor(at / BLOCK) - (BLOCK - 1) / 2,
  }));
  const slopeWeight = offsets.reduce((sum, { x }) => sum + x ** 2, 0);
  let flat = 0;
  for (let block = 0; block < blocks ** 2; block++) {
    const left = BLOCK * (block % blocks);
    const top = BLOCK * Math.floor(block / blocks);
    const light = offsets.map((_, at) => lightAt(crop, left + (at % BLOCK), top + Math.floor(at / BLOCK)));
    const level = mean(light);
    const across = offsets.reduce((sum, { x }, at) => sum + x * light[at]!, 0) / slopeWeight;
    const down = offsets.reduce((sum, { y }, at) => sum + y * light[at]!, 0) / slopeWeight;
    const rest = offsets.map(({ x, y }, at) => (light[at]! - level - across * x - down * y) ** 2);
    if (Math.sqrt(mean(rest)) < FLAT_LEVELS) flat++;
  }
  return flat / blocks ** 2;
}

/** 1 where the frame's grid of 8 × 8 blocks is not to be seen. */
function gridSteps(crop: RasterImage, { left, top }: Square): number {
  const GRID = 8;
  const sums = { on: 0, onCount: 0, off: 0, offCount: 0 };
  const add = (place: number, step: number): void => {
    if (place % GRID === 0) {
      sums.on += step;
      sums.onCount++;
    } else {
      sums.off += step;
      sums.offCount++;
    }
  };
  for (let y = 1; y < crop.height; y++) {
    for (let x = 1; x < crop.width; x++) {
      const light = lightAt(crop, x, y);
      add(left + x, Math.abs(light - lightAt(crop, x - 1, y)));
      add(top + y, Math.abs(light - lightAt(crop, x, y - 1)));
    }
  }
  return sums.on / sums.onCount / (sums.off / sums.offCount);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function print(line: Readonly<Record<string, unknown>>): void {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(3)) : value;
  console.log(JSON.stringify(line, short));
}

function squeezePage(): string {
  return `<!doctype html>
<script type="importmap">{"imports": {"mediabunny": "/mediabunny/mediabunny.min.mjs"}}</script>
<script type="module">
  import { sizeOf, squeeze } from '/test/bench/detail.page.ts';
  Object.assign(window, { sizeOf, squeeze });
</script>`;
}

import { frameOf } from '../support/video-frame.ts';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { launchExtension, type RunningExtension } from '../support/extension.ts';
import { startRefusingProxy, type RefusingProxy } from '../support/refusing-proxy.ts';
import { sharedFolder, sharedPath } from '../support/shared-folder.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import type { TestVideoName } from '../fixtures/videos/scenes.ts';
import {
  intersectionOverUnion,
  type Box,
  type FaceKeypoints,
  type Size,
} from '../../models/face/geometry.ts';
import { MIN_SIMILARITY, similarityOf, type Appearance } from '../../models/face/appearance.ts';
import type { FollowedFace } from '../../models/face/tracks.ts';
import { judgeFace } from '../../models/face/usable.ts';
import { cropOfOneFrame } from '../unit/models/face/faces.ts';
import { addTestScript } from '../support/test-pages.ts';

const golden = sharedFolder('golden/faces', 'MediaPipe’s boxes on the clips against dlib’s');
const clips = sharedPath('clips', 'MediaPipe’s boxes on the clips against dlib’s');

let proxy: RefusingProxy;
let site: Site;
let extension: RunningExtension;
let videoPage: Page;
let extensionPage: Page;
let hostReplies: unknown;
/** The started servers and browsers, to be closed in reverse order even if a later start failed. */
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await ensureTestVideos();
  proxy = await startRefusingProxy();
  closing.push(proxy.close);
  site = await startSite({
    pages: { '/': '<!doctype html><video muted></video>' },
    folders: { '/videos/': TEST_VIDEO_FOLDER, ...(clips !== undefined && { '/clips/': clips }) },
  });
  closing.push(site.close);
  extension = await launchExtension({ proxyAddress: proxy.address });
  closing.push(extension.close);
  videoPage = await extension.context.newPage();
  await videoPage.goto(site.origin);
  // A document of the extension's origin, which has MediaPipe's files, and runs no code of its own.
  extensionPage = await extension.context.newPage();
  await extensionPage.goto(`${extension.origin}/manifest.json`);
  hostReplies = await extensionPage.evaluate(`
    Promise.all([1, 2].map(() => chrome.runtime.sendMessage({ name: 'openHost', request: null })))`);
  await addTestScript(extensionPage, 'finder');
}, 180_000);

afterAll(async () => {
  for (const stop of closing.reverse()) await stop();
});

describe('the face detector with the extension’s files', () => {
  test('two callers at once get one offscreen document', async () => {
    expect(hostReplies).toEqual([
      { ok: true, value: null },
      { ok: true, value: null },
    ]);
    expect(await countOffscreenDocuments()).toBe(1);
  });

  test.each<{ name: TestVideoName; seconds: number; faceCount: number }>([
    { name: 'one-face.mp4', seconds: 1, faceCount: 1 },
    { name: 'one-face.webm', seconds: 3, faceCount: 1 },
    { name: 'another-face.mp4', seconds: 2, faceCount: 1 },
    { name: 'two-faces.mp4', seconds: 1, faceCount: 2 },
    { name: 'two-faces.webm', seconds: 3, faceCount: 2 },
    { name: 'no-face.mp4', seconds: 1, faceCount: 0 },
    { name: 'no-face.webm', seconds: 3, faceCount: 0 },
  ])('finds $faceCount in $name at $seconds s', async ({ name, seconds, faceCount }) => {
    const faces = await findFaces(await frameOf(videoPage, `/videos/${name}`, seconds));
    expect(faces).toHaveLength(faceCount);
    for (const { score, box, keypoints } of faces) {
      expect(score).toBeGreaterThanOrEqual(0.5);
      // In the picture of an upright face, the eyes lie side by side above the nose, and the nose lies above the mouth.
      expect(keypoints.leftEye.x).toBeLessThan(keypoints.rightEye.x);
      expect(keypoints.leftEye.y).toBeLessThan(keypoints.noseTip.y);
      expect(keypoints.noseTip.y).toBeLessThan(keypoints.mouth.y);
      expect(keypoints.noseTip.x).toBeGreaterThan(box.left);
      expect(keypoints.noseTip.x).toBeLessThan(box.right);
    }
  });

  test('places the two faces where they are in the photograph', async () => {
    const faces = await findFaces(await frameOf(videoPage, '/videos/two-faces.mp4', 0));
    // The video's first view is x 960, y 200, 800 wide on the photograph, shown 1280 wide: faces read off by eye.
    const scale = 1280 / 800;
    const inVideo = (left: number, top: number, right: number, bottom: number): Box => ({
      left: (left - 960) * scale,
      top: (top - 200) * scale,
      right: (right - 960) * scale,
      bottom: (bottom - 200) * scale,
    });
    const seen = [inVideo(1090, 240, 1270, 460), inVideo(1490, 320, 1680, 570)];
    const found = faces.map(({ box }) => box).toSorted((a, b) => a.left - b.left);
    found.forEach((box, index) => {
      expect(intersectionOverUnion(box, seen[index]!)).toBeGreaterThan(0.5);
    });
  });

  test('finds the tiny face, and it is too small to be judged', async () => {
    const faces = await findFaces(await frameOf(videoPage, '/videos/tiny-face.mp4', 1));
    expect(faces.map(judgeFace)).toEqual([{ kind: 'unusable', reason: 'face-too-small' }]);
  });

  test('the same person looks alike from one sample to the next, and two people do not', async () => {
    const samples = [await looksOf('/videos/one-face.mp4'), await looksOf('/videos/another-face.mp4')];
    for (const looks of samples) expect(leastAlike(looks)).toBeGreaterThan(MIN_SIMILARITY);
    expect(similarityOf(samples[0]![0]!, samples[1]![0]!)).toBeLessThan(MIN_SIMILARITY);
  });

  test.skipIf(clips === undefined)('the same holds for filmed clips', async () => {
    for (const clip of ['a_0017_fake', 'a_anndvqgoko', 'a_sample_4']) {
      const looks = await looksOf(`/clips/${clip}_h264.mp4`);
      expect(leastAlike(looks), clip).toBeGreaterThan(MIN_SIMILARITY);
    }
  });

  test.skipIf(golden === undefined || clips === undefined)(
    'leads to the training crops as often as the reference measurement does',
    async () => {
      const overlaps = { ours: [] as number[], measured: [] as number[] };
      for (const [clip, frames] of Object.entries(await goldenFrames())) {
        for (const { index, width, height, dlib, mediapipe } of frames) {
          // 25 frames a second; the middle of a frame is asked for, so that rounding cannot give its neighbour.
          const faces = await findFaces(await frameOf(videoPage, `/clips/${clip}.mp4`, (index + 0.5) / 25));
          const measured = mediapipe.full_range_sparse_2pass.map(({ keypoints }) =>
            namedKeypoints(keypoints),
          );
          expect(faces).toHaveLength(measured.length);
          for (const { crop } of dlib) {
            const best = (found: readonly FaceKeypoints[]): number =>
              Math.max(...found.map((keypoints) => cropOverlap(keypoints, { width, height }, crop)));
            overlaps.ours.push(best(faces.map(({ keypoints }) => keypoints)));
            overlaps.measured.push(best(measured));
          }
        }
      }
      // 0.908 against 0.902 over all 75 faces of these clips: the browser's decoder gives slightly other colours than
      // ffmpeg, so single frames fall to other lattice cells, either way. A pass less gives 0.872.
      expect(overlaps.ours.length).toBeGreaterThan(30);
      expect(mean(overlaps.ours)).toBeGreaterThan(mean(overlaps.measured) - 0.01);
    },
  );

  test('sends no request to another machine', async () => {
    expect(proxy.attempts()).toEqual([]);
    // The absence of requests means something only if the proxy sees requests.
    await videoPage.goto('http://watched.invalid/').catch(() => undefined);
    expect(proxy.attempts()).toEqual(['watched.invalid']);
  });
});

type GoldenFrame = {
  readonly index: number;
  readonly width: number;
  readonly height: number;
  readonly dlib: readonly { readonly crop: Box }[];
  readonly mediapipe: { readonly full_range_sparse_2pass: readonly { readonly keypoints: number[][] }[] };
};

/** Every second of the fifteen frames of four clips. */
async function goldenFrames(): Promise<Record<string, GoldenFrame[]>> {
  const text = await readFile(new URL('clips.json', golden), 'utf8');
  const clips = JSON.parse(text) as Record<string, GoldenFrame[]>;
  const names = ['a_0017_fake_h264', 'a_anndvqgoko_h264', 'a_sample_4_h264', 'twofaces_h264'];
  return Object.fromEntries(names.map((name) => [name, clips[name]!.filter((_, i) => i % 2 === 0)]));
}

function namedKeypoints(keypoints: readonly number[][]): FaceKeypoints {
  const [leftEye, rightEye, noseTip, mouth] = keypoints.map(([x, y]) => ({ x: x!, y: y! }));
  return { leftEye: leftEye!, rightEye: rightEye!, noseTip: noseTip!, mouth: mouth! };
}

function cropOverlap(keypoints: FaceKeypoints, frame: Size, dlibCrop: Box): number {
  const crop = cropOfOneFrame(keypoints, frame);
  return crop === null ? 0 : intersectionOverUnion(crop, dlibCrop);
}

/** The look of the one person of a video, every half second of its first three. */
async function looksOf(path: string): Promise<Appearance[]> {
  const looks: Appearance[] = [];
  for (let seconds = 0.1; seconds < 3; seconds += 0.5) {
    const [face] = await findFaces(await frameOf(videoPage, path, seconds));
    looks.push(face!.appearance!);
  }
  return looks;
}

/** The least similarity of two consecutive looks. */
function leastAlike(looks: readonly Appearance[]): number {
  return Math.min(...looks.slice(1).map((look, index) => similarityOf(looks[index]!, look)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Both passes, as the engine makes them. @param png in base64 */
function findFaces(png: string): Promise<readonly FollowedFace[]> {
  return extensionPage.evaluate(`findFaces('${png}')`);
}

async function countOffscreenDocuments(): Promise<number> {
  return extension.serviceWorker.evaluate<number>(
    `chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] }).then((contexts) => contexts.length)`,
  );
}

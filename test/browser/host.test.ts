import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OcclusionState } from '../../utils/domain/occlusion.ts';
import type { ScanState } from '../../utils/domain/scan.ts';
import { installModel } from '../support/install-model.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { startHostHarness, type HostHarness } from './host-harness.ts';
import type { StandInEnd } from './host-page/stand-in.page.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

let host: HostHarness;
beforeAll(async () => {
  host = await startHostHarness();
}, 300_000);
afterAll(() => host.close());

let scanCount = 0;
function nextScanId(): string {
  return `scan-${String(++scanCount)}`;
}

function finalState({ states }: StandInEnd): Extract<ScanState, { kind: 'finished' }> {
  const state = states.at(-1);
  if (state?.kind !== 'finished') throw new Error(`the scan ended as ${JSON.stringify(state)}`);
  return state;
}

describe('without a model', () => {
  test('a scan is refused as model-missing before any frame is looked at', async () => {
    const pngs = await host.framesOf('one-face.webm', [1]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 15, pngs });
    expect(end.states.map(({ kind }) => kind)).toEqual(['finished']);
    expect(finalState(end)).toMatchObject({
      report: {
        verdict: { kind: 'refused', reason: 'model-missing', framesScanned: 0, framesAsked: 15 },
        used: { model: null },
      },
    });
    expect(end.cuts).toEqual([]);
  });
});

describe('with a small network', () => {
  let modelFolder: string;
  let modelId: string;
  beforeAll(async () => {
    modelFolder = await makeDemoModel();
    modelId = await installModel(host.extension.context, modelFolder);
  });

  test('one face gives a verdict whose score is that of the command on the very crops', async () => {
    const scanId = nextScanId();
    const pngs = await host.framesOf('one-face.mp4', [0, 0.8, 1.6, 2.4, 3.2]);
    const end = await host.scan({ scanId, framesAsked: 5, pngs });
    const { verdict, used, frameScores, timings, origin } = finalState(end).report;
    // The asking frame may be of another site than the tab's page.
    expect(origin).toBeNull();
    expect(used.model).toMatchObject({
      modelId,
      networks: ['ed'],
      dtype: 'fp32',
      device: 'wasm',
      isDemo: true,
    });
    expect(frameScores.map(({ frameIndex }) => frameIndex)).toEqual([0, 1, 2, 3, 4]);
    expect(frameScores.map(({ mediaTimeSeconds }) => mediaTimeSeconds)).toEqual([0, 1, 2, 3, 4]);
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    expect(verdict).toMatchObject({ framesUsed: 5, framesScanned: 5, framesAsked: 5, doubts: [] });
    expect(timings?.detectionMilliseconds).toBeGreaterThan(0);
    expect(timings?.inferenceMilliseconds).toBeGreaterThan(0);
    expect(timings?.totalMilliseconds).toBeGreaterThan(timings?.inferenceMilliseconds ?? NaN);

    const byCommand = await scoreKeptCrops(scanId, modelFolder);
    expect(byCommand.imageCount).toBe(5);
    expect(verdict.pooledScore).toBeCloseTo(byCommand.score, 4);
    expect(verdict.score).toBeCloseTo(byCommand.score, 4);
    // A constant would not have these scores. The video sways, so two of its seconds can look the same.
    expect(new Set(frameScores.map(({ score }) => score)).size).toBeGreaterThan(2);
    console.log(`five frames of 1280×720, small network: ${JSON.stringify(timings)}`);
  });

  test('states run from loading and progress to the end, with the evidence in the last', async () => {
    const pngs = await host.framesOf('one-face.webm', [0, 1, 2, 3]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 4, pngs });
    const kinds = end.states.map(({ kind }) => kind);
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'loading-model',
      'running',
      'finished',
    ]);
    const progress = end.states.flatMap((state) => (state.kind === 'running' ? [state.framesScanned] : []));
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(4);
    expect(end.evidence).toHaveLength(4);
    expect(end.evidence.every(({ sidePixels }) => sidePixels === 64)).toBe(true);
  });

  test('each frame is cut twice: a square round the face for the second look, then the crop unscaled', async () => {
    const pngs = await host.framesOf('one-face.mp4', [1]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 1, pngs });
    expect(end.cuts).toHaveLength(2);
    const [[square], [crop]] = end.cuts as [[(typeof end.cuts)[0][0]], [(typeof end.cuts)[0][0]]];
    expect(square.width).toBe(square.height);
    expect(square.outWidth).toBe(Math.min(512, square.width));
    expect([crop.outWidth, crop.outHeight]).toEqual([crop.width, crop.height]);
    expect(crop.width).toBeLessThan(square.width);
  });

  test('a face’s occlusion map starts from the very score of the scan, and has its progress and its faithfulness', async () => {
    const scanId = nextScanId();
    const pngs = await host.framesOf('one-face.webm', [1]);
    const { frameScores } = finalState(await host.scan({ scanId, framesAsked: 1, pngs })).report;
    const ask = (asked: string) =>
      host.page.evaluate<OcclusionState[]>(`(async () => {
        const message = { name: 'getScanDetails', request: { scanId: '${scanId}' } };
        const { picture } = (await chrome.runtime.sendMessage(message)).value.crops[0];
        const port = chrome.runtime.connect({ name: 'occlusion' });
        const states = [];
        return await new Promise((resolve) => {
          port.onMessage.addListener((state) => {
            states.push(state);
            if (state.kind !== 'working') resolve(states);
          });
          port.postMessage({ picture, modelId: '${asked}' });
        });
      })()`);
    const states = await ask(modelId);
    const last = states.at(-1);
    if (last?.kind !== 'finished') throw new Error(JSON.stringify(last));
    expect(states.length).toBeGreaterThan(5);
    expect(last.map.score).toBeCloseTo(frameScores[0]!.score, 6);
    expect(last.map.changes).toHaveLength(49);
    expect(Math.max(...last.map.changes.map(Math.abs))).toBeGreaterThan(0);
    expect(last.map.faithfulness.random).toHaveLength(5);
    expect(await ask('not-installed')).toEqual([{ kind: 'failed', code: 'model-missing' }]);
  });

  test('two faces are two people, each with a verdict', async () => {
    const scanId = nextScanId();
    const pngs = await host.framesOf('two-faces.mp4', [0, 1, 2, 3]);
    const { verdict } = finalState(await host.scan({ scanId, framesAsked: 4, pngs })).report;
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    expect(verdict.people.map(({ personId }) => personId).toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(verdict.people.every(({ framesUsed }) => framesUsed === 4)).toBe(true);
    const byCommand = await scoreKeptCrops(scanId, modelFolder);
    expect(byCommand.imageCount).toBe(8);
    expect(verdict.pooledScore).toBeCloseTo(byCommand.score, 4);
  });

  test('the speaker is judged after a gallery of eleven people', async () => {
    const pngs = await host.framesOf(
      'gallery-then-speaker.mp4',
      [0.2, 0.5, 0.8, 1.2, 1.6, 2, 2.4, 2.8, 3.2, 3.6],
    );
    const { verdict } = finalState(await host.scan({ scanId: nextScanId(), framesAsked: 10, pngs })).report;
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    // In the three frames of the gallery too few faces were judged; the speaker came afterwards.
    expect(verdict.people.length).toBeGreaterThan(8);
    expect(verdict.framesUsed).toBe(7);
    expect(verdict.decidingPersonId).toBeGreaterThan(8);
  });

  test('a stream whose quality rises shows one person, and after a change to another person two', async () => {
    const [low, high, other] = [
      await host.framesOf('one-face.webm', [0, 1, 2, 3]),
      await host.framesOf('one-face.mp4', [0, 1, 2, 3]),
      await host.framesOf('another-face.mp4', [0, 1, 2, 3]),
    ];
    const pngs = [...low, ...high, ...other, ...low];
    const { verdict } = finalState(await host.scan({ scanId: nextScanId(), framesAsked: 16, pngs })).report;
    if (verdict.kind === 'refused') throw new Error(verdict.reason);
    const people = verdict.people.map(({ personId, framesUsed }) => [personId, framesUsed]);
    expect(people.toSorted(([a], [b]) => a! - b!)).toEqual([
      [1, 12],
      [2, 4],
    ]);
  });

  test('a face that lies on its side is judged as it is upright', async () => {
    const upright = await host.framesOf('another-face.mp4', [0, 1, 2, 3]);
    const lying = await host.framesOf('lying-face.mp4', [0, 1, 2, 3]);
    const verdicts = [];
    for (const pngs of [upright, lying]) {
      const { verdict } = finalState(await host.scan({ scanId: nextScanId(), framesAsked: 4, pngs })).report;
      if (verdict.kind === 'refused') throw new Error(verdict.reason);
      expect(verdict).toMatchObject({ framesUsed: 4, people: [{ personId: 1 }] });
      verdicts.push(verdict);
    }
    // Encoded twice, so not to the pixel.
    expect(Math.abs(verdicts[0]!.score - verdicts[1]!.score)).toBeLessThan(0.02);
  });

  test('a picture without people is refused as no-face, and nothing is cut', async () => {
    const pngs = await host.framesOf('no-face.mp4', [0, 1, 2, 3]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 4, pngs });
    expect(finalState(end).report.verdict).toMatchObject({
      kind: 'refused',
      reason: 'no-face',
      framesScanned: 4,
    });
    expect(end.cuts).toEqual([]);
  });

  test('a face below the network’s size is refused as face-too-small', async () => {
    const pngs = await host.framesOf('tiny-face.mp4', [0, 1, 2, 3]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 4, pngs });
    expect(finalState(end).report.verdict).toMatchObject({ kind: 'refused', reason: 'face-too-small' });
  });

  test('three usable frames of fifteen are too few for a verdict', async () => {
    const pngs = [
      ...(await host.framesOf('one-face.webm', [0, 1, 2])),
      ...(await host.framesOf('no-face.mp4', [0, 1])),
    ];
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 15, pngs });
    expect(finalState(end).report.verdict).toMatchObject({ kind: 'refused', reason: 'too-few-frames' });
  });

  test('a second scan waits for the first, and then runs', async () => {
    const pngs = await host.framesOf('one-face.webm', [0, 1, 2, 3]);
    const [first, second] = await Promise.all([
      host.scan({ scanId: nextScanId(), framesAsked: 4, pngs }),
      host.scan({ scanId: nextScanId(), framesAsked: 4, pngs }),
    ]);
    const waited = [first, second].map(({ states }) => states.some(({ kind }) => kind === 'waiting'));
    expect(waited.toSorted()).toEqual([false, true]);
    const scores = [first, second].map((end) => {
      const { verdict } = finalState(end).report;
      return verdict.kind === 'refused' ? null : verdict.score;
    });
    expect(scores[0]).not.toBeNull();
    // The pictures are the same, so the score is the same to the last bit.
    expect(scores[1]).toBe(scores[0]);
  });

  const NO_PICTURE = /that is no picture$/;
  const size = 'mediaTimeSeconds: 0, widthPixels: 640, heightPixels: 360';
  const picture = (layout: string): string =>
    `{ type: 'stored-frame', frameIndex: 0, ${size}, stored: { format: 'I420', codedWidth: 640, codedHeight: 360,
      bytes: new Uint8ClampedArray(345600), layout: ${layout}, colorSpace: {}, rotation: 0, flip: false } }`;

  test.each([
    [
      'a message that ours would not send',
      "{ type: 'frame', frameIndex: -1, thumbnail: 'x'.repeat(1e6) }",
      /that our content script does not send$/,
    ],
    [
      'a stored frame whose planes lie outside its bytes',
      picture('Array(3).fill({ offset: 1e9, stride: 640 })'),
      NO_PICTURE,
    ],
    [
      'a stored frame of other planes than its format has',
      picture('[{ offset: 0, stride: 640 }]'),
      NO_PICTURE,
    ],
  ])('%s ends the scan as failed, and the next one runs', async (_what, message, said) => {
    await host.ask('openHost', null);
    const states = await host.page.evaluate<readonly ScanState[]>(`(async () => {
      const port = chrome.runtime.connect({ name: 'frames' });
      const states = [];
      const ended = new Promise((resolve) => port.onMessage.addListener(({ state }) => {
        states.push(state);
        if (state?.kind === 'failed') resolve();
      }));
      const video = { pageUrl: '', title: '', fileUrl: null, widthPixels: 1, heightPixels: 1, durationSeconds: null };
      port.postMessage({ type: 'start', scanId: 'hostile', framesAsked: 15, video });
      port.postMessage(${message});
      await ended;
      port.disconnect();
      return states;
    })()`);
    expect(states.at(-1)).toMatchObject({
      kind: 'failed',
      code: 'internal',
      message: expect.stringMatching(said) as string,
    });
    const pngs = await host.framesOf('no-face.mp4', [0]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 1, pngs });
    expect(finalState(end).report.verdict).toMatchObject({ reason: 'no-face' });
  });

  test('a video that goes away while a frame is looked at is no cancellation', async () => {
    await host.ask('openHost', null);
    const state = await host.page.evaluate<ScanState>(`(async () => {
      const ended = new Promise((resolve) => chrome.runtime.onMessage.addListener(({ name, request }) => {
        const { scanId, state } = request?.scan ?? {};
        if (name === 'scanChanged' && scanId === 'gone' && 'failed cancelled'.includes(state.kind)) resolve(state);
      }));
      const port = chrome.runtime.connect({ name: 'frames' });
      const video = { pageUrl: '', title: '', fileUrl: null, widthPixels: 1, heightPixels: 1, durationSeconds: null };
      port.postMessage({ type: 'start', scanId: 'gone', framesAsked: 15, video });
      port.postMessage({ type: 'frame', frameIndex: 0, mediaTimeSeconds: 0, widthPixels: 640, heightPixels: 360,
        thumbnail: new ImageData(640, 360) });
      port.postMessage({ type: 'video-gone' });
      port.disconnect();
      return ended;
    })()`);
    expect(state).toMatchObject({ kind: 'failed', code: 'video-gone' });
  });

  test('the background keeps the final state for the popup', async () => {
    const scanId = nextScanId();
    const pngs = await host.framesOf('one-face.webm', [0, 1, 2, 3]);
    await host.scan({ scanId, framesAsked: 4, pngs });
    await expect
      .poll(() =>
        host.page.evaluate<unknown>(`chrome.tabs.getCurrent().then(async ({ id }) => {
          const { ['scans:' + id]: scans = [] } = await chrome.storage.session.get('scans:' + id);
          return scans.find(({ scanId }) => scanId === '${scanId}')?.state.kind;
        })`),
      )
      .toBe('finished');
  });

  test('the most telling face goes to the background as a PNG with the final state alone', async () => {
    const scanId = nextScanId();
    // Every page of the extension hears what is said to the background.
    await host.page.evaluate(`{
      globalThis.facePictures = [];
      chrome.runtime.onMessage.addListener(({ name, request }) => {
        if (name !== 'scanChanged' || request.scan.scanId !== '${scanId}') return;
        const { facePicture, scan } = request;
        facePictures.push([scan.state.kind, facePicture instanceof Blob ? facePicture.type : facePicture]);
      });
    }`);
    const pngs = await host.framesOf('one-face.webm', [0, 1, 2, 3]);
    await host.scan({ scanId, framesAsked: 4, pngs });
    const heard = (): Promise<[string, string | null][]> => host.page.evaluate(`facePictures`);
    await expect.poll(async () => (await heard()).at(-1)).toEqual(['finished', 'image/png']);
    expect((await heard()).slice(0, -1).every(([, picture]) => picture === null)).toBe(true);
  });

  test('after its idle time the document is gone, and the next scan opens another', async () => {
    await host.ask('configureHost', { idleCloseMilliseconds: 300 });
    await expect.poll(countOffscreenDocuments, { timeout: 5000 }).toBe(0);
    const pngs = await host.framesOf('no-face.mp4', [0]);
    const end = await host.scan({ scanId: nextScanId(), framesAsked: 1, pngs });
    expect(finalState(end).report.verdict).toMatchObject({ reason: 'no-face' });
    expect(await countOffscreenDocuments()).toBe(1);
  });
});

async function countOffscreenDocuments(): Promise<number> {
  return host.extension.serviceWorker.evaluate<number>(
    `chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] }).then((contexts) => contexts.length)`,
  );
}

/** `npm run score` on the crops that the host still has of a scan. */
async function scoreKeptCrops(
  scanId: string,
  modelFolder: string,
): Promise<{ readonly score: number; readonly imageCount: number }> {
  // Pixels are no JSON: each crop's come as base64.
  const crops = await host.page.evaluate<readonly { width: number; height: number; base64: string }[]>(`
    chrome.runtime.sendMessage({ name: 'getScanDetails', request: { scanId: '${scanId}' } }).then(({ value }) =>
      value.crops.map(({ picture: { width, height, data } }) =>
        ({ width, height, base64: new Uint8Array(data.buffer).toBase64() })))`);
  const folder = await mkdtemp(join(tmpdir(), 'crops-'));
  try {
    const files: string[] = [];
    for (const [index, { width, height, base64 }] of crops.entries()) {
      const file = join(folder, `${String(index).padStart(3, '0')}.png`);
      await writeFile(file, encode({ width, height, data: Buffer.from(base64, 'base64'), channels: 4 }));
      files.push(file);
    }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [resolve(REPOSITORY, 'entrypoints/cli/score.ts'), '--model', modelFolder, '--json', ...files],
      { cwd: REPOSITORY },
    );
    const { video, images } = JSON.parse(stdout) as { video: { score: number }; images: unknown[] };
    return { score: video.score, imageCount: images.length };
  } finally {
    await rm(folder, { recursive: true });
  }
}

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Analysis } from '../../../../models/scan/analysis.ts';
import type { ScanChannel } from '../../../../models/scan/channel.ts';
import { runScan } from '../../../../models/scan/run-scan.ts';
import type { ScanResult } from '../../../../models/scan/run-scan.ts';
import type { DetectedFace } from '../../../../models/face/geometry.ts';
import { DetectorError } from '../../../../utils/errors.ts';
import type { ContentToHost, HostToContent } from '../../../../utils/frames-port.ts';
import type { ScanState } from '../../../../utils/scan.ts';

const FRAME = { width: 1280, height: 720 };
/** An upright face of about 200 pixels. */
const FACE: DetectedFace = {
  box: { left: 500, top: 200, right: 700, bottom: 400 },
  score: 0.9,
  keypoints: {
    leftEye: { x: 550, y: 260 },
    rightEye: { x: 650, y: 260 },
    noseTip: { x: 600, y: 310 },
    mouth: { x: 600, y: 350 },
  },
};

function picture(width: number, height: number): ImageData {
  return { width, height, data: new Uint8ClampedArray(4), colorSpace: 'srgb' };
}

/** A content script that sends `script` and answers cuts. */
function createPage(script: readonly ContentToHost[]) {
  const unread = [...script];
  const posted: HostToContent[] = [];
  const channel: ScanChannel = {
    post: (message) => {
      posted.push(message);
      if (message.type !== 'cut') return;
      const cuts = message.regions.map(({ outWidth, outHeight }) => picture(outWidth, outHeight));
      unread.unshift({ type: 'cuts', frameIndex: message.frameIndex, cuts });
    },
    next: (timeoutMilliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const message = unread.shift();
        if (message !== undefined) {
          resolve(message);
          return;
        }
        const timer = setTimeout(() => resolve(null), timeoutMilliseconds);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(signal.reason as Error);
        });
      }),
  };
  return { channel, posted, unread };
}

function frame(frameIndex: number): ContentToHost {
  return {
    type: 'frame',
    frameIndex,
    mediaTimeSeconds: frameIndex,
    widthPixels: FRAME.width,
    heightPixels: FRAME.height,
    thumbnail: picture(640, 360),
  };
}

function createFakeAnalysis(change: Partial<Analysis> = {}, facesPerRun = 1) {
  const runs: { readonly count: number; readonly firstIndex: number }[] = [];
  const analysis: Analysis = {
    loadModel: (modelIds) =>
      Promise.resolve({
        usedModel: { modelId: modelIds[0]!, networks: ['ed'], dtype: 'fp32', device: 'wasm', isDemo: false },
        facesPerRun,
      }),
    findFaces: () => Promise.resolve({ faces: [FACE], milliseconds: 5 }),
    findFacesInSquares: (squares) => Promise.resolve({ faces: squares.map(() => [FACE]), milliseconds: 7 }),
    judgeFaces: (crops, firstIndex) => {
      runs.push({ count: crops.length, firstIndex });
      return Promise.resolve({
        faces: crops.map(() => ({
          logits: { ed: [3, -3] as const },
          input: picture(224, 224),
          evidence: picture(96, 96),
        })),
        milliseconds: 11 * crops.length,
      });
    },
    ...change,
  };
  return { analysis, runs };
}

type Options = { readonly framesAsked?: number | null; readonly signal?: AbortSignal };

function run(
  analysis: Analysis,
  channel: ScanChannel,
  states: ScanState[] = [],
  options: Options = {},
): Promise<ScanResult> {
  const { framesAsked = 5, signal = new AbortController().signal } = options;
  return runScan(
    { framesAsked, durationSeconds: 10, modelIds: ['ed-1'] },
    { analysis, channel, onState: (state) => states.push(state) },
    signal,
  );
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const FIVE_FRAMES = [0, 1, 2, 3, 4].map(frame);

test('five frames of one face: a verdict, five scores, times summed, every frame done in order', async () => {
  const { analysis, runs } = createFakeAnalysis();
  const page = createPage([...FIVE_FRAMES, { type: 'end' }]);
  const { state, evidence, crops } = await run(analysis, page.channel);
  expect(state).toMatchObject({
    kind: 'finished',
    verdict: { kind: 'likely-manipulated', framesUsed: 5, framesLooked: 5, framesAsked: 5 },
    model: { modelId: 'ed-1' },
    timings: { detectionMilliseconds: 60, inferenceMilliseconds: 55 },
  });
  expect(evidence).toHaveLength(5);
  expect(crops).toHaveLength(5);
  expect(runs.map(({ firstIndex }) => firstIndex)).toEqual([0, 1, 2, 3, 4]);
  const done = page.posted.flatMap((message) => (message.type === 'frame-done' ? [message.frameIndex] : []));
  expect(done).toEqual([0, 1, 2, 3, 4]);
});

test('a picture that stood still when its turn came is judged as the one frame that was asked', async () => {
  const { analysis } = createFakeAnalysis();
  const { state } = await run(analysis, createPage([frame(0), { type: 'end', isStill: true }]).channel);
  expect(state).toMatchObject({
    kind: 'finished',
    verdict: { kind: 'likely-manipulated', framesUsed: 1, framesAsked: 1, doubts: ['few-frames'] },
  });
});

test('a device that judges four at once gets four, and the rest at the end', async () => {
  const { analysis, runs } = createFakeAnalysis({}, 4);
  const page = createPage([...FIVE_FRAMES, frame(5), { type: 'end' }]);
  await run(analysis, page.channel, [], { framesAsked: 6 });
  expect(runs).toEqual([
    { count: 4, firstIndex: 0 },
    { count: 2, firstIndex: 4 },
  ]);
});

test('progress counts frames that are judged, never backwards', async () => {
  const states: ScanState[] = [];
  const { analysis } = createFakeAnalysis({}, 4);
  await run(analysis, createPage([...FIVE_FRAMES, { type: 'end' }]).channel, states);
  expect(states[0]).toEqual({ kind: 'loading-model' });
  const looked = states.flatMap((state) => (state.kind === 'running' ? [state.framesLooked] : []));
  expect(looked).toEqual(looked.toSorted((a, b) => a - b));
  expect(looked.at(0)).toBe(0);
  expect(looked.at(-1)).toBe(5);
});

test('of all frames that a video has to give, as many are expected as its length allows', async () => {
  const states: ScanState[] = [];
  const { analysis } = createFakeAnalysis();
  await run(analysis, createPage([...FIVE_FRAMES, { type: 'end' }]).channel, states, { framesAsked: null });
  // Five frames took four of ten seconds; six more will take as much again and a half.
  expect(states.at(-1)).toEqual({ kind: 'running', framesLooked: 5, framesAsked: 13 });
});

test.each(['unreadable', 'protected'] as const)(
  'a picture that is %s ends the scan with that refusal',
  async (reason) => {
    const { analysis } = createFakeAnalysis();
    const { state } = await run(analysis, createPage([frame(0), { type: 'refuse', reason }]).channel);
    expect(state).toMatchObject({
      kind: 'finished',
      verdict: { kind: 'refused', reason, framesLooked: 1, framesAsked: 5 },
    });
  },
);

test('a video that goes away fails the scan as video-gone, also while a cut is awaited', async () => {
  const { analysis } = createFakeAnalysis();
  const page = createPage([frame(0)]);
  const silent: ScanChannel = {
    ...page.channel,
    post: () => {
      page.unread.push({ type: 'video-gone' });
    },
  };
  expect((await run(analysis, silent)).state).toMatchObject({ kind: 'failed', code: 'video-gone' });
});

test('an end while a cut is awaited still judges that frame', async () => {
  const { analysis } = createFakeAnalysis();
  const page = createPage([frame(0)]);
  const hasty: ScanChannel = {
    ...page.channel,
    post: (message) => {
      page.channel.post(message);
      if (message.type === 'cut') page.unread.unshift({ type: 'end' });
    },
  };
  const { state } = await run(analysis, hasty, [], { framesAsked: 1 });
  expect(state).toMatchObject({ verdict: { framesUsed: 1, doubts: ['few-frames'] } });
});

test('a page that sends nothing more ends the scan with what there is', async () => {
  const { analysis } = createFakeAnalysis();
  const scan = run(analysis, createPage(FIVE_FRAMES).channel);
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await scan).state).toMatchObject({ verdict: { framesUsed: 5 } });
});

test('a page that does not cut fails the scan as unreachable', async () => {
  const { analysis } = createFakeAnalysis();
  const page = createPage([frame(0)]);
  const scan = run(analysis, { ...page.channel, post: () => undefined });
  scan.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(scan).rejects.toMatchObject({ code: 'unreachable' });
});

test('pictures of another size than was asked for fail the scan', async () => {
  const { analysis } = createFakeAnalysis();
  const page = createPage([frame(0), { type: 'cuts', frameIndex: 0, cuts: [picture(3, 3)] }]);
  await expect(run(analysis, { ...page.channel, post: () => undefined })).rejects.toMatchObject({
    code: 'internal',
  });
});

test('an inference run that fails ends the scan though no frame comes', async () => {
  const failure = new DetectorError('runtime-failed', 'out of memory');
  const { analysis } = createFakeAnalysis({ judgeFaces: () => Promise.reject(failure) });
  await expect(run(analysis, createPage([frame(0)]).channel)).rejects.toBe(failure);
});

test('a cancelled scan rejects at once and aborts the run that is under way', async () => {
  const aborting = new AbortController();
  let runSignal: AbortSignal | undefined;
  const { analysis } = createFakeAnalysis({
    judgeFaces: (_crops, _firstIndex, signal) => {
      runSignal = signal;
      return new Promise<never>(() => undefined);
    },
  });
  const scan = run(analysis, createPage([frame(0)]).channel, [], { signal: aborting.signal });
  scan.catch(() => undefined);
  await vi.waitFor(() => expect(runSignal).toBeDefined());
  aborting.abort();
  await expect(scan).rejects.toThrow(/abort/i);
  expect(runSignal?.aborted).toBe(true);
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Analysis } from '../../../../models/scan/analysis.ts';
import type { ScanChannel } from '../../../../models/scan/channel.ts';
import { runScan } from '../../../../models/scan/run-scan.ts';
import type { ScanPace, ScanResult } from '../../../../models/scan/run-scan.ts';
import type { DetectedFace } from '../../../../models/face/geometry.ts';
import { DetectorError } from '../../../../utils/domain/errors.ts';
import type { ScanMessage, HostToContent } from '../../../../utils/domain/frames-port.ts';
import type { ScanState } from '../../../../utils/domain/scan.ts';

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
function createPage(script: readonly ScanMessage[]) {
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

function frame(frameIndex: number): ScanMessage {
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

type Options = {
  readonly framesAsked?: number | null;
  readonly signal?: AbortSignal;
  readonly pace?: ScanPace;
};

function run(
  analysis: Analysis,
  channel: ScanChannel,
  states: ScanState[] = [],
  options: Options = {},
): Promise<ScanResult> {
  const { framesAsked = 5, signal = new AbortController().signal, pace = null } = options;
  return runScan(
    { framesAsked, durationSeconds: 10, modelIds: ['ed-1'] },
    { analysis, channel, onState: (state) => states.push(state), pace },
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
    report: {
      verdict: { kind: 'likely-manipulated', framesUsed: 5, framesLooked: 5, framesAsked: 5 },
      timings: { detectionMilliseconds: 60, inferenceMilliseconds: 55 },
      used: { model: { modelId: 'ed-1' } },
    },
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
    report: {
      verdict: { kind: 'likely-manipulated', framesUsed: 1, framesAsked: 1, doubts: ['few-frames'] },
    },
  });
});

test('a strongly compressed video is judged with that doubt, and scores as it would without', async () => {
  const { analysis } = createFakeAnalysis();
  const squeezed = FIVE_FRAMES.map((message, index): ScanMessage => {
    if (message.type !== 'frame') throw new Error('no frame');
    return { ...message, decoded: { byteLength: 1000 * (index + 1), frames: 25 * (index + 1) } };
  });
  const { state } = await run(analysis, createPage([...squeezed, { type: 'end' }]).channel);
  const { state: plain } = await run(analysis, createPage([...FIVE_FRAMES, { type: 'end' }]).channel);
  if (plain.kind !== 'finished' || plain.report.verdict.kind === 'refused') throw new Error('no verdict');
  expect(state).toMatchObject({ report: { verdict: { ...plain.report.verdict, doubts: ['compressed'] } } });
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
      report: { verdict: { kind: 'refused', reason, framesLooked: 1, framesAsked: 5 } },
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
  expect(state).toMatchObject({ report: { verdict: { framesUsed: 1, doubts: ['few-frames'] } } });
});

test('a page that sends nothing more ends the scan with what there is', async () => {
  const { analysis } = createFakeAnalysis();
  const scan = run(analysis, createPage(FIVE_FRAMES).channel);
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await scan).state).toMatchObject({ report: { verdict: { framesUsed: 5 } } });
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

const FIFTEEN_FRAMES = Array.from({ length: 15 }, (_, index) => frame(index));

/** An analysis whose networks answer with this FAKE logit, and its negative for REAL. */
function answering(logit: number, facesPerRun = 1) {
  return createFakeAnalysis(
    {
      judgeFaces: (crops) =>
        Promise.resolve({
          faces: crops.map(() => ({
            logits: { ed: [logit, -logit] as const },
            input: picture(224, 224),
            evidence: picture(96, 96),
          })),
          milliseconds: 11 * crops.length,
        }),
    },
    facesPerRun,
  ).analysis;
}

const STILL: ScanMessage = { type: 'end', isStill: true };

test.each([
  ['protected', 'all black', 0, FIVE_FRAMES, { type: 'end' }],
  ['no-face', 'without anybody in it', 90, FIVE_FRAMES, { type: 'end' }],
  ['no-face', 'black where it begins, seen for three frames', 0, FIVE_FRAMES.slice(0, 3), { type: 'end' }],
  ['no-face', 'black where it stands still', 0, FIVE_FRAMES.slice(0, 1), STILL],
  ['no-face', 'black where it stands still, however often it was looked at', 0, FIVE_FRAMES, STILL],
] as const)('%s is said of a picture %s', async (reason, _what, grey, frames, end) => {
  const { analysis } = createFakeAnalysis();
  const nobody: typeof analysis = {
    ...analysis,
    findFaces: () => Promise.resolve({ faces: [], milliseconds: 1 }),
  };
  const shaded = frames.map((each): ScanMessage => {
    if (each.type !== 'frame') return each;
    const { width, height } = each.thumbnail;
    const data = new Uint8ClampedArray(each.thumbnail.data.length).fill(grey);
    return { ...each, thumbnail: { width, height, data, colorSpace: 'srgb' } };
  });
  const { state } = await run(nobody, createPage([...shaded, end]).channel);
  expect(state).toMatchObject({
    report: { verdict: { kind: 'refused', reason, framesLooked: frames.length } },
  });
});

describe('an automatic scan', () => {
  const unpaced: ScanPace = { spent: () => undefined, nextFrame: () => Promise.resolve() };

  test('of a clearly real face judges 5 frames, looks at 12 and asks for no more', async () => {
    const page = createPage(FIFTEEN_FRAMES);
    const { state } = await run(answering(-5), page.channel, [], { framesAsked: 15, pace: unpaced });
    expect(state).toMatchObject({
      kind: 'finished',
      report: {
        verdict: {
          kind: 'no-manipulation-found',
          framesUsed: 5,
          framesLooked: 12,
          framesAsked: 15,
          isStoppedEarly: true,
          doubts: [],
        },
      },
    });
    const done = page.posted.filter(({ type }) => type === 'frame-done');
    expect(done).toHaveLength(11);
  });

  test('of a clearly manipulated face ends after 11 frames', async () => {
    const page = createPage(FIFTEEN_FRAMES);
    const { state } = await run(answering(5), page.channel, [], { framesAsked: 15, pace: unpaced });
    expect(state).toMatchObject({
      report: { verdict: { kind: 'likely-manipulated', framesUsed: 11, framesLooked: 11 } },
    });
  });

  test('counts faces that wait for a full batch as open', async () => {
    const page = createPage(FIFTEEN_FRAMES);
    const { state } = await run(answering(5, 4), page.channel, [], { framesAsked: 15, pace: unpaced });
    // Eleven are needed; the third batch of four brings the twelfth with them.
    expect(state).toMatchObject({ report: { verdict: { kind: 'likely-manipulated', framesUsed: 12 } } });
  });

  test('waits for its turn before each further frame, and says how long the last one was busy', async () => {
    const busy: number[] = [];
    let turns = 0;
    const page = createPage([...FIVE_FRAMES, { type: 'end' }]);
    const pace: ScanPace = {
      spent: (busyMilliseconds) => void busy.push(busyMilliseconds),
      nextFrame: () => {
        turns++;
        expect(busy).toHaveLength(turns);
        expect(page.posted.filter(({ type }) => type === 'frame-done')).toHaveLength(turns - 1);
        return Promise.resolve();
      },
    };
    await run(createFakeAnalysis().analysis, page.channel, [], { framesAsked: 5, pace });
    // The fourth frame settles it: four of five. What that one has cost is charged at the end.
    expect(turns).toBe(3);
    expect(busy).toHaveLength(4);
    expect(busy.every((milliseconds) => milliseconds >= 0)).toBe(true);
  });

  test('says nothing on the one frame of a video that was paused before its turn', async () => {
    const page = createPage([frame(0), { type: 'end', isStill: true }]);
    const { state } = await run(answering(5), page.channel, [], { framesAsked: 15, pace: unpaced });
    expect(state).toMatchObject({ report: { verdict: { kind: 'refused', reason: 'too-few-frames' } } });
  });

  test('that is cancelled while it waits for its turn rejects at once', async () => {
    const aborting = new AbortController();
    const charged: number[] = [];
    const pace: ScanPace = {
      spent: (busyMilliseconds) => void charged.push(busyMilliseconds),
      nextFrame: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    const page = createPage(FIVE_FRAMES);
    const { signal } = aborting;
    const scan = run(createFakeAnalysis().analysis, page.channel, [], { signal, pace });
    scan.catch(() => undefined);
    await vi.waitFor(() => expect(page.posted.length).toBeGreaterThan(0));
    aborting.abort();
    await expect(scan).rejects.toThrow(/abort/i);
    // Before the wait, and for what may have come after it.
    expect(charged).toHaveLength(2);
  });

  test('is charged for loading its networks, which its timings leave out', async () => {
    const charged: number[] = [];
    const pace: ScanPace = { ...unpaced, spent: (busyMilliseconds) => void charged.push(busyMilliseconds) };
    const { analysis } = createFakeAnalysis();
    const slow: typeof analysis = {
      ...analysis,
      loadModel: async (modelIds, signal) => {
        const until = performance.now() + 30;
        while (performance.now() < until) await Promise.resolve();
        return await analysis.loadModel(modelIds, signal);
      },
    };
    const page = createPage([frame(0), { type: 'end' }]);
    const { state } = await run(slow, page.channel, [], { framesAsked: 15, pace });
    // Once at the beginning, and once more when its turn came.
    expect(charged[0]).toBeGreaterThanOrEqual(30);
    expect(charged.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(60);
    expect(state).toMatchObject({ kind: 'finished' });
    expect(state.kind === 'finished' && state.report.timings?.totalMilliseconds).toBeLessThan(30);
    const failing = { ...slow, loadModel: () => Promise.reject(new Error('no memory')) };
    await expect(run(failing, createPage([]).channel, [], { framesAsked: 15, pace })).rejects.toThrow(
      /memory/,
    );
    expect(charged).toHaveLength(3);
  });

  test('that is cancelled in its first frame is charged for it', async () => {
    const aborting = new AbortController();
    const charged: number[] = [];
    const { analysis } = createFakeAnalysis();
    const slow: typeof analysis = {
      ...analysis,
      findFaces: async (_thumbnail, _frame, signal) => {
        const until = performance.now() + 20;
        while (performance.now() < until) await Promise.resolve();
        aborting.abort();
        signal.throwIfAborted();
        return { faces: [], milliseconds: 20 };
      },
    };
    const pace: ScanPace = {
      spent: (busyMilliseconds) => void charged.push(busyMilliseconds),
      nextFrame: () => Promise.resolve(),
    };
    const { channel } = createPage(FIVE_FRAMES);
    await expect(run(slow, channel, [], { signal: aborting.signal, pace })).rejects.toThrow(/abort/i);
    expect(charged).toHaveLength(1);
    expect(charged[0]).toBeGreaterThanOrEqual(20);
  });
});

test('a check by hand goes to the end, however clear it is', async () => {
  const page = createPage([...FIFTEEN_FRAMES, { type: 'end' }]);
  const { state } = await run(answering(-5), page.channel, [], { framesAsked: 15 });
  expect(state).toMatchObject({ report: { verdict: { framesUsed: 15, framesLooked: 15 } } });
  expect(state.kind === 'finished' && 'isStoppedEarly' in state.report.verdict).toBe(false);
});

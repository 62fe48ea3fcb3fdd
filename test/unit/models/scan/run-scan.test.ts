import * as v from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import type { DetectedFace } from '../../../../models/face/geometry.ts';
import type { Frame, FrameSource, FrameSourceEnd } from '../../../../models/frames/frame-source.ts';
import type { RasterImage } from '../../../../models/image/raster-image.ts';
import type { LoadedDetector, ScanDetector } from '../../../../models/scan/analysis.ts';
import { runScan } from '../../../../models/scan/run-scan.ts';
import type { ScanEvent, ScanPolicy, ScanResult } from '../../../../models/scan/run-scan.ts';
import { bandsFor } from '../../../../utils/domain/calibration.ts';
import { DetectorError } from '../../../../utils/domain/errors.ts';
import { DEFAULT_NOISE } from '../../../../models/detectors/detector.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { reportSchema } from '../../../../utils/domain/report.ts';
import type { ScoreBands } from '../../../../utils/domain/report.ts';
import type { Verdict } from '../../../../utils/domain/verdict.ts';

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

function raster(width: number, height: number, grey = 90): RasterImage {
  return { width, height, data: new Uint8ClampedArray(4).fill(grey), channels: 4 };
}

type FakeFrame = Omit<Frame, 'close' | 'thumbnail'> & { readonly grey?: number };

function frame(frameIndex: number, change: Partial<FakeFrame> = {}): FakeFrame {
  return {
    frameIndex,
    mediaTimeSeconds: frameIndex,
    size: FRAME,
    cut: (regions) => Promise.resolve(regions.map(({ outWidth, outHeight }) => raster(outWidth, outHeight))),
    ...change,
  };
}

const END: FrameSourceEnd = { kind: 'end' };

/** A source of these frames. Without an end it waits after the last frame until it is aborted. */
function createSource(frames: readonly FakeFrame[], end?: FrameSourceEnd) {
  const left = [...frames];
  const log: string[] = [];
  let ending: FrameSourceEnd | null = null;
  const source: FrameSource = {
    kind: 'element',
    nextFrame: (signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const next = left.shift();
        if (next !== undefined) {
          log.push(`frame ${next.frameIndex}`);
          resolve({
            ...next,
            thumbnail: () => raster(640, 360, next.grey),
            close: () => void log.push(`close ${next.frameIndex}`),
          });
        } else if (end !== undefined) {
          ending = end;
          resolve(null);
        } else signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    ending: () => ending,
    close: () => undefined,
  };
  const given = (): number => log.filter((entry) => entry.startsWith('frame')).length;
  return { source, log, given, endNow: (now: FrameSourceEnd) => void (ending = now) };
}

type Judging = LoadedDetector['judge'];

/** A detector that finds one face in each frame, whose networks answer with this FAKE logit, and its negative for REAL. */
function createFakeDetector(
  change: {
    readonly judge?: Judging;
    readonly facesPerRun?: number;
    readonly logit?: number;
    readonly findFirst?: LoadedDetector['finder']['findFirst'];
    readonly findLarge?: LoadedDetector['finder']['findLarge'];
    readonly findInSquare?: LoadedDetector['finder']['findInSquare'];
    readonly onLoad?: () => Promise<void>;
  } = {},
) {
  const { facesPerRun = 1, logit = 3, onLoad = () => Promise.resolve() } = change;
  const runs: { readonly count: number; readonly firstIndex: number }[] = [];
  const judge: Judging = (crops, firstIndex) => {
    runs.push({ count: crops.length, firstIndex });
    return Promise.resolve({
      faces: crops.map(() => ({
        logits: { ed: [logit, -logit] as const },
        input: picture(224, 224),
        evidence: picture(96, 96),
      })),
      milliseconds: 11 * crops.length,
    });
  };
  const detector: ScanDetector = {
    load: async () => {
      await onLoad();
      return {
        usedModel: { modelId: 'ed-1', networks: ['ed'], dtype: 'fp32', device: 'wasm', isDemo: false },
        scoring: GENCONVIT,
        noise: DEFAULT_NOISE,
        facesPerRun,
        cropMargin: GENCONVIT.input.crop.margin,
        finder: {
          findFirst: change.findFirst ?? (() => [FACE]),
          findLarge: change.findLarge ?? (() => []),
          findInSquare: change.findInSquare ?? (() => [FACE]),
        },
        judge: change.judge ?? judge,
      };
    },
  };
  return { detector, runs };
}

const BY_HAND: ScanPolicy = {
  kind: 'by-hand',
  framesAsked: 5,
  durationSeconds: 10,
  mayStop: 'never',
  judgesStill: true,
  beforeFrame: () => Promise.resolve(),
  spent: () => undefined,
};
const AUTOMATIC: ScanPolicy = {
  ...BY_HAND,
  kind: 'automatic',
  framesAsked: 15,
  mayStop: 'early',
  judgesStill: false,
};

function run(
  { detector }: { readonly detector: ScanDetector },
  { source }: { readonly source: FrameSource },
  policy: Partial<ScanPolicy> = {},
  onEvent: (event: ScanEvent) => void = () => undefined,
  signal = new AbortController().signal,
): Promise<ScanResult> {
  return runScan({ source, detector, policy: { ...BY_HAND, ...policy }, onEvent }, signal);
}

const FIVE_FRAMES = [0, 1, 2, 3, 4].map((index) => frame(index));

test('the report says how often such a verdict is wrong, by the bands that the scan was given', async () => {
  const fake = createFakeDetector({ logit: 0.9 });
  const reportWith = async (bands: ScoreBands) => {
    const load = async () => ({ ...(await fake.detector.load()), scoring: { ...GENCONVIT, bands } });
    const { state } = await run({ detector: { load } }, createSource(FIVE_FRAMES, END));
    return state.kind === 'finished' ? state.report : null;
  };
  // The sigmoid of .9 is .711.
  expect(await reportWith(GENCONVIT.bands)).toMatchObject({
    verdict: { kind: 'likely-manipulated' },
    calibration: { real: 590, realAlike: 39, from: 70, isOfSameNetworks: false },
  });
  const bands = bandsFor(GENCONVIT, 5);
  expect(await reportWith(bands)).toMatchObject({
    verdict: { kind: 'not-sure' },
    bands,
    calibration: { real: 590, realAlike: 170, from: 75 },
  });
});

test('five frames of one face: a verdict, five scores, times summed, every frame closed before the next', async () => {
  const fake = createFakeDetector();
  const page = createSource(FIVE_FRAMES, END);
  const { state, evidence, crops } = await run(fake, page);
  expect(state).toMatchObject({
    kind: 'finished',
    report: {
      verdict: { kind: 'likely-manipulated', framesUsed: 5, framesScanned: 5, framesAsked: 5 },
      used: { model: { modelId: 'ed-1' } },
      timings: { inferenceMilliseconds: 55 },
    },
  });
  expect(evidence).toHaveLength(5);
  expect(crops).toHaveLength(5);
  expect(fake.runs.map(({ firstIndex }) => firstIndex)).toEqual([0, 1, 2, 3, 4]);
  expect(page.log).toEqual([0, 1, 2, 3, 4].flatMap((index) => [`frame ${index}`, `close ${index}`]));
});

test('the report has what repeats the scan, and what the quality gate uses', async () => {
  const pixelsSha256 = '0f'.repeat(32);
  const judge: Judging = (crops) =>
    Promise.resolve({
      faces: crops.map(() => ({
        logits: { ed: [3, -3], vae: [-1, 1] },
        input: picture(224, 224),
        evidence: picture(96, 96),
        fineDetail: 0.008,
        pixelsSha256,
      })),
      milliseconds: 1,
    });
  const { state } = await run(createFakeDetector({ judge }), createSource(FIVE_FRAMES, END));
  if (state.kind !== 'finished') throw new Error(state.kind);
  const report = v.parse(reportSchema, state.report);
  expect(report.used).toMatchObject({ noiseSeed: 0, settings: { framesAsked: 5, policy: 'by-hand' } });
  expect(report.frameScores[0]).toMatchObject({
    networkScores: { ed: expect.closeTo(0.953, 3) as number, vae: expect.closeTo(0.269, 3) as number },
    pixelsSha256,
    measures: { fineDetail: 0.008, detectorScore: 0.9, marks: [] },
  });
  // A face of 200 pixels in a picture of 1280 × 720.
  const { box, measures } = report.frameScores[0]!;
  expect(box!.width * 1280).toBeCloseTo(box!.height * 720, 6);
  expect(Math.abs(box!.width * 1280 - measures!.sidePixels)).toBeLessThan(0.1 * measures!.sidePixels);
  expect(report.quality).toEqual({
    bitsPerPixel: null,
    peopleCount: 1,
    largestSidePixels: measures!.sidePixels,
    decidingPerson: {
      frames: 5,
      sidePixels: measures!.sidePixels,
      fineDetail: 0.008,
      nearProfileShare: 0,
      lowScoreShare: 0,
      scoreSpread: 0,
      networkGap: expect.closeTo(0.684, 3) as number,
    },
  });
});

test('a picture that stood still when its turn came is judged as the one frame that was asked', async () => {
  const { state } = await run(createFakeDetector(), createSource([frame(0)], { kind: 'still' }));
  expect(verdictOf(state)).toMatchObject({
    kind: 'not-sure',
    framesUsed: 1,
    framesAsked: 1,
    reasons: [{ code: 'few-frames', frames: 1 }],
  });
});

test('a strongly compressed video is judged with that doubt, and scores as it would without', async () => {
  const squeezed = FIVE_FRAMES.map((each, index) => ({
    ...each,
    decoded: { byteLength: 43_000 * (index + 1), frames: 25 * (index + 1) },
  }));
  const { state } = await run(createFakeDetector(), createSource(squeezed, END));
  const { state: plain } = await run(createFakeDetector(), createSource(FIVE_FRAMES, END));
  expect(verdictOf(plain).kind).not.toBe('refused');
  expect(verdictOf(state)).toEqual({ ...verdictOf(plain), doubts: ['compressed'] });
});

test('a device that judges four at once gets four, and the rest at the end', async () => {
  const fake = createFakeDetector({ facesPerRun: 4 });
  await run(fake, createSource([...FIVE_FRAMES, frame(5)], END), { framesAsked: 6 });
  expect(fake.runs).toEqual([
    { count: 4, firstIndex: 0 },
    { count: 2, firstIndex: 4 },
  ]);
});

test('progress counts frames that are judged, never backwards', async () => {
  const events: ScanEvent[] = [];
  const fake = createFakeDetector({ facesPerRun: 4 });
  await run(fake, createSource(FIVE_FRAMES, END), {}, (event) => events.push(event));
  expect(events[0]).toEqual({ kind: 'loading-model' });
  const looked = events.flatMap((event) => (event.kind === 'running' ? [event.framesScanned] : []));
  expect(looked).toEqual(looked.toSorted((a, b) => a - b));
  expect(looked.at(0)).toBe(0);
  expect(looked.at(-1)).toBe(5);
});

test('of all frames that a video has to give, as many are expected as its length allows', async () => {
  const events: ScanEvent[] = [];
  await run(createFakeDetector(), createSource(FIVE_FRAMES, END), { framesAsked: null }, (event) =>
    events.push(event),
  );
  // Five frames took four of ten seconds; six more will take as much again and a half.
  expect(events.at(-1)).toEqual({ kind: 'running', framesScanned: 5, framesAsked: 13 });
});

test('the next frame is asked for while the networks are still at work on the last one', async () => {
  const judged = Promise.withResolvers<never>();
  const page = createSource(FIVE_FRAMES);
  const aborting = new AbortController();
  const scan = run(createFakeDetector({ judge: () => judged.promise }), page, {}, undefined, aborting.signal);
  scan.catch(() => undefined);
  await vi.waitFor(() => expect(page.given()).toBe(5));
  aborting.abort();
  judged.reject(new Error('over'));
  await expect(scan).rejects.toThrow();
});

test.each(['unreadable', 'protected', 'canvas-noise'] as const)(
  'a picture that is %s ends the scan with that refusal',
  async (reason) => {
    const page = createSource([frame(0)], { kind: 'refused', reason, isForeign: false });
    const { state } = await run(createFakeDetector(), page);
    expect(verdictOf(state)).toMatchObject({ kind: 'refused', reason, framesScanned: 1, framesAsked: 5 });
  },
);

test('a video that goes away fails the scan as video-gone, also while a cut is awaited', async () => {
  const between = createSource([frame(0)], { kind: 'gone' });
  expect((await run(createFakeDetector(), between)).state).toMatchObject({ code: 'video-gone' });
  const page = createSource([]);
  const cut = (): Promise<null> => {
    page.endNow({ kind: 'gone' });
    return Promise.resolve(null);
  };
  const gone: FrameSource = {
    ...page.source,
    nextFrame: () =>
      Promise.resolve({ ...frame(0, { cut }), thumbnail: () => raster(640, 360), close: () => undefined }),
  };
  const { state } = await run(createFakeDetector(), { source: gone });
  expect(state).toMatchObject({ kind: 'failed', code: 'video-gone' });
});

test('an end while a cut is awaited still judges that frame', async () => {
  const page = createSource([
    frame(0, {
      cut: (regions) => {
        page.endNow(END);
        return Promise.resolve(regions.map(({ outWidth, outHeight }) => raster(outWidth, outHeight)));
      },
    }),
  ]);
  const { state } = await run(createFakeDetector(), page, { framesAsked: 1 });
  expect(verdictOf(state)).toMatchObject({ framesUsed: 1, reasons: [{ code: 'few-frames', frames: 1 }] });
});

test('a frame that can’t be cut fails the scan, and is closed', async () => {
  const failure = new DetectorError('unreachable', 'the page does not answer');
  const page = createSource([frame(0, { cut: () => Promise.reject(failure) })]);
  await expect(run(createFakeDetector(), page)).rejects.toBe(failure);
  expect(page.log).toEqual(['frame 0', 'close 0']);
});

test('an inference run that fails ends the scan though no frame comes', async () => {
  const failure = new DetectorError('runtime-failed', 'out of memory');
  const fake = createFakeDetector({ judge: () => Promise.reject(failure) });
  await expect(run(fake, createSource([frame(0)]))).rejects.toBe(failure);
});

test('a cancelled scan begins no further run, and rejects when the one that is under way has ended', async () => {
  const aborting = new AbortController();
  const judged = Promise.withResolvers<Awaited<ReturnType<Judging>>>();
  let runCount = 0;
  const fake = createFakeDetector({
    judge: () => {
      runCount++;
      return judged.promise;
    },
  });
  let hasEnded = false;
  const scan = run(fake, createSource(FIVE_FRAMES), {}, undefined, aborting.signal);
  scan.catch(() => undefined).finally(() => (hasEnded = true));
  await vi.waitFor(() => expect(runCount).toBe(1));
  aborting.abort();
  await new Promise((elapsed) => setTimeout(elapsed, 20));
  expect(hasEnded).toBe(false);
  judged.resolve({
    faces: [{ logits: { ed: [3, -3] }, input: picture(224, 224), evidence: picture(96, 96) }],
    milliseconds: 11,
  });
  await expect(scan).rejects.toThrow(/abort/i);
  expect(runCount).toBe(1);
});

const FIFTEEN_FRAMES = Array.from({ length: 15 }, (_, index) => frame(index));

test.each([
  ['protected', 'all black', 0, FIVE_FRAMES, END],
  ['no-face', 'without anybody in it', 90, FIVE_FRAMES, END],
  ['no-face', 'black where it begins, seen for three frames', 0, FIVE_FRAMES.slice(0, 3), END],
  ['no-face', 'black where it stands still', 0, FIVE_FRAMES.slice(0, 1), { kind: 'still' }],
  [
    'no-face',
    'black where it stands still, however often it was looked at',
    0,
    FIVE_FRAMES,
    { kind: 'still' },
  ],
] as const)('%s is said of a picture %s', async (reason, _what, grey, frames, end) => {
  const shaded = frames.map((each) => ({ ...each, grey }));
  const { state } = await run(createFakeDetector({ findFirst: () => [] }), createSource(shaded, end));
  expect(verdictOf(state)).toMatchObject({ kind: 'refused', reason, framesScanned: frames.length });
});

describe('an automatic scan', () => {
  test('of a clearly real face judges 5 frames, looks at 12 and asks for no more', async () => {
    const page = createSource(FIFTEEN_FRAMES);
    const { state } = await run(createFakeDetector({ logit: -5 }), page, AUTOMATIC);
    expect(verdictOf(state)).toMatchObject({
      kind: 'no-manipulation-found',
      framesUsed: 5,
      framesScanned: 12,
      framesAsked: 15,
      isStoppedEarly: true,
      doubts: [],
    });
    expect(page.given()).toBe(12);
  });

  test('of a clearly manipulated face ends after 12 frames', async () => {
    const { state } = await run(createFakeDetector({ logit: 5 }), createSource(FIFTEEN_FRAMES), AUTOMATIC);
    expect(verdictOf(state)).toMatchObject({
      kind: 'likely-manipulated',
      framesUsed: 12,
      framesScanned: 12,
    });
  });

  test('counts faces that wait for a full batch as open', async () => {
    const fake = createFakeDetector({ logit: 5, facesPerRun: 4 });
    const { state } = await run(fake, createSource(FIFTEEN_FRAMES), AUTOMATIC);
    // Twelve are needed: three batches of four.
    expect(verdictOf(state)).toMatchObject({ kind: 'likely-manipulated', framesUsed: 12 });
  });

  test('waits for its turn before each further frame without a picture, and says how long the last was busy', async () => {
    const busy: number[] = [];
    let turns = 0;
    const page = createSource(FIVE_FRAMES, END);
    await run(createFakeDetector(), page, {
      ...AUTOMATIC,
      framesAsked: 5,
      spent: (busyMilliseconds) => void busy.push(busyMilliseconds),
      beforeFrame: () => {
        turns++;
        expect(busy).toHaveLength(turns);
        expect(page.log.at(-1)).toBe(`close ${turns - 1}`);
        return Promise.resolve();
      },
    });
    // The fourth frame decides it: four of five. Its cost is charged at the end.
    expect(turns).toBe(3);
    expect(busy).toHaveLength(4);
    expect(busy.every((milliseconds) => milliseconds >= 0)).toBe(true);
  });

  test('says nothing on the one frame of a video that was paused before its turn', async () => {
    const page = createSource([frame(0)], { kind: 'still' });
    const { state } = await run(createFakeDetector({ logit: 5 }), page, AUTOMATIC);
    expect(verdictOf(state)).toMatchObject({ kind: 'refused', reason: 'too-few-frames' });
  });

  test('that is cancelled while it waits for its turn rejects at once', async () => {
    const aborting = new AbortController();
    const charged: number[] = [];
    const page = createSource(FIVE_FRAMES);
    const scan = run(
      createFakeDetector(),
      page,
      {
        ...AUTOMATIC,
        spent: (busyMilliseconds) => void charged.push(busyMilliseconds),
        beforeFrame: (signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }),
      },
      undefined,
      aborting.signal,
    );
    scan.catch(() => undefined);
    await vi.waitFor(() => expect(charged).toHaveLength(1));
    aborting.abort();
    await expect(scan).rejects.toThrow(/abort/i);
    // One charge before the wait, and one for costs that may have come after it.
    expect(charged).toHaveLength(2);
  });

  test('is charged for loading its networks, which its timings leave out', async () => {
    const charged: number[] = [];
    const spent = (busyMilliseconds: number): void => void charged.push(busyMilliseconds);
    const slow = createFakeDetector({ onLoad: () => spinFor(30) });
    const { state } = await run(slow, createSource([frame(0)], END), { ...AUTOMATIC, spent });
    expect(charged[0]).toBeGreaterThanOrEqual(30);
    expect(state.kind === 'finished' && state.report.timings?.totalMilliseconds).toBeLessThan(30);
    const failing = createFakeDetector({ onLoad: () => Promise.reject(new Error('no memory')) });
    await expect(run(failing, createSource([]), { ...AUTOMATIC, spent })).rejects.toThrow(/memory/);
    expect(charged).toHaveLength(3);
  });

  test('that is cancelled in its first frame is charged for it, and for the run that goes on', async () => {
    const aborting = new AbortController();
    const charged: number[] = [];
    const fake = createFakeDetector({
      judge: async () => {
        aborting.abort();
        await spinFor(20);
        throw new Error('no longer awaited');
      },
    });
    const spent = (busyMilliseconds: number): void => void charged.push(busyMilliseconds);
    const scan = run(fake, createSource(FIVE_FRAMES), { ...AUTOMATIC, spent }, undefined, aborting.signal);
    await expect(scan).rejects.toThrow();
    expect(charged.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(20);
  });
});

test('a check by hand goes to the end, however clear it is', async () => {
  const page = createSource(FIFTEEN_FRAMES, END);
  const { state } = await run(createFakeDetector({ logit: -5 }), page, { framesAsked: 15 });
  expect(verdictOf(state)).toMatchObject({ framesUsed: 15, framesScanned: 15 });
  expect('isStoppedEarly' in verdictOf(state)).toBe(false);
});

function verdictOf(state: ScanResult['state']): Verdict {
  if (state.kind !== 'finished') throw new Error(`the scan ended as ${state.kind}`);
  return state.report.verdict;
}

async function spinFor(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) await Promise.resolve();
}

describe('faces that lie on their side', () => {
  /** The detector finds the face only where the picture is higher than wide. */
  const inPortrait: LoadedDetector['finder']['findFirst'] = (picture, size) =>
    size.height > size.width && picture.height > picture.width ? [FACE] : [];

  test('are judged in the turned frame, whose cuts are of the frame as it lies', async () => {
    const regions: unknown[] = [];
    const frames = FIVE_FRAMES.map((each) => ({
      ...each,
      cut: (asked: Parameters<Frame['cut']>[0]) => {
        regions.push(...asked);
        return each.cut(asked);
      },
    }));
    const fake = createFakeDetector({ findFirst: inPortrait, findLarge: inPortrait });
    const { state, judgedArea } = await run(fake, createSource(frames, END));
    expect(verdictOf(state)).toMatchObject({ framesUsed: 5, people: [{ personId: 1 }] });
    // The square of 500 pixels around the face, from x 350, y 50 in the picture of 720 × 1280 that is turned once.
    expect(regions[0]).toMatchObject({ left: 50, top: 720 - 350 - 500, width: 500, height: 500 });
    expect(judgedArea!.left).toBeGreaterThan(0.1);
    expect(judgedArea!.left + judgedArea!.width).toBeLessThan(0.4);
  });

  test('are searched in the first frames only where nobody is found', async () => {
    const findLarge = vi.fn<LoadedDetector['finder']['findLarge']>(() => []);
    const { state } = await run(
      createFakeDetector({ findFirst: () => [], findLarge }),
      createSource(FIVE_FRAMES, END),
    );
    expect(verdictOf(state)).toMatchObject({ kind: 'refused', reason: 'no-face' });
    // Three turns of three frames.
    expect(findLarge).toHaveBeenCalledTimes(9);
  });

  test('are refused by name where no turn sets them upright', async () => {
    const { leftEye, rightEye, noseTip, mouth } = FACE.keypoints;
    const turn = ({ x, y }: { x: number; y: number }) => ({ x: 600 + (y - 300), y: 300 - (x - 600) });
    const lying: DetectedFace = {
      ...FACE,
      keypoints: {
        leftEye: turn(leftEye),
        rightEye: turn(rightEye),
        noseTip: turn(noseTip),
        mouth: turn(mouth),
      },
    };
    const fake = createFakeDetector({ findFirst: () => [lying], findInSquare: () => [lying] });
    const { state } = await run(fake, createSource(FIVE_FRAMES, END));
    expect(verdictOf(state)).toMatchObject({ kind: 'refused', reason: 'face-turned' });
    expect(fake.runs).toEqual([]);
  });
});

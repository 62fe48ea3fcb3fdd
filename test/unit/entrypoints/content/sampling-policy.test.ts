import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideOnFrame,
  decideOnTick,
  MAX_FRAMES_OF_ALL,
  millisecondsUntilDue,
  planSampling,
} from '../../../../entrypoints/content/sampling-policy.ts';
import type { SampledVideo, SamplingProgress } from '../../../../entrypoints/content/sampling-policy.ts';

const FILM: SampledVideo = {
  durationSeconds: 600,
  mediaTimeSeconds: 60,
  playbackRate: 1,
  isLooping: false,
  isStill: false,
};

type Simulated = {
  readonly mediaTimes: readonly number[];
  readonly atMilliseconds: readonly number[];
  readonly endedAtMilliseconds: number;
  readonly reason: string;
};

/** Plays a video of 25 frames a second against the policy. */
function simulate(
  video: SampledVideo,
  framesAsked: number | null,
  options: {
    /** How long the host needs for a frame. */
    readonly hostMilliseconds?: number;
    /** Presented frames stop here, as when the video stalls. */
    readonly stallsAtMilliseconds?: number;
  } = {},
): Simulated {
  const { hostMilliseconds = 0, stallsAtMilliseconds = Infinity } = options;
  const plan = planSampling(video, framesAsked);
  const mediaTimes: number[] = [];
  const atMilliseconds: number[] = [];
  let busyUntil = 0;
  let readySince = 0;
  const progress = (): SamplingProgress => ({
    startedAtMilliseconds: 0,
    readySinceMilliseconds: readySince,
    lastTakenAtMilliseconds: atMilliseconds.at(-1) ?? null,
    takenMediaTimesSeconds: mediaTimes,
  });
  // An hour of frames: a policy that does not end by itself fails here.
  for (let now = 0; now < 3_600_000; now += 40) {
    if (now < busyUntil) continue;
    const position = video.mediaTimeSeconds + (now / 1000) * video.playbackRate;
    const duration = video.durationSeconds ?? Infinity;
    const isEnded = !video.isLooping && position >= duration;
    const tick = decideOnTick(plan, progress(), now, isEnded);
    if (tick.kind === 'end') return { mediaTimes, atMilliseconds, endedAtMilliseconds: now, ...tick };
    if (isEnded || now >= stallsAtMilliseconds) continue;
    const mediaTime = video.isLooping ? position % duration : position;
    const decision = decideOnFrame(plan, progress(), now, mediaTime);
    // The loop does not even look at frames that come earlier.
    if (millisecondsUntilDue(plan, progress(), now) > 0) expect(decision.kind).not.toBe('take');
    if (decision.kind === 'end') return { mediaTimes, atMilliseconds, endedAtMilliseconds: now, ...decision };
    if (decision.kind === 'wait') continue;
    mediaTimes.push(mediaTime);
    atMilliseconds.push(now);
    busyUntil = now + hostMilliseconds;
    readySince = busyUntil;
  }
  throw new Error('the policy did not end within an hour');
}

describe('a film that plays', () => {
  test('gives 15 frames within 15 seconds', () => {
    const { mediaTimes, endedAtMilliseconds, reason } = simulate(FILM, 15);
    expect(mediaTimes).toHaveLength(15);
    expect(reason).toBe('complete');
    expect(endedAtMilliseconds).toBeLessThan(15_000);
  });

  test('gives the four frames that make a verdict within two seconds, the first at once', () => {
    const { atMilliseconds } = simulate(FILM, 15);
    expect(atMilliseconds[0]).toBe(0);
    expect(atMilliseconds[3]).toBeLessThan(2000);
  });

  test('is sampled wider apart the longer the scan goes', () => {
    const { atMilliseconds } = simulate(FILM, 15);
    const gaps = atMilliseconds.slice(1).map((at, index) => at - atMilliseconds[index]!);
    expect(gaps.at(-1)).toBeGreaterThan(4 * gaps[0]!);
  });

  test('is not hurried by a slow host: frames come as fast as it takes them', () => {
    const { mediaTimes, atMilliseconds } = simulate(FILM, 15, { hostMilliseconds: 3000 });
    expect(mediaTimes).toHaveLength(15);
    expect(atMilliseconds[14]! - atMilliseconds[13]!).toBeLessThan(3100);
  });

  test('at double speed is sampled over the same time of the user', () => {
    const { mediaTimes, endedAtMilliseconds } = simulate({ ...FILM, playbackRate: 2 }, 15);
    expect(endedAtMilliseconds).toBeLessThan(15_000);
    expect(mediaTimes.at(-1)! - mediaTimes[0]!).toBeGreaterThan(20);
  });

  test('is sampled to its end where it has only seconds left', () => {
    const { mediaTimes, reason } = simulate({ ...FILM, mediaTimeSeconds: 597 }, 15);
    expect(reason).toBe('complete');
    expect(mediaTimes).toHaveLength(15);
    expect(mediaTimes.at(-1)).toBeGreaterThan(599.5);
  });

  test('ends with the frames there are where it is over before', () => {
    const { mediaTimes, reason, endedAtMilliseconds } = simulate({ ...FILM, mediaTimeSeconds: 599.5 }, 15);
    expect(reason).toBe('video-ended');
    expect(mediaTimes.length).toBeGreaterThanOrEqual(4);
    expect(mediaTimes.length).toBeLessThan(15);
    expect(endedAtMilliseconds).toBeLessThan(600);
  });
});

describe('a loop', () => {
  const LOOP: SampledVideo = { ...FILM, durationSeconds: 6, mediaTimeSeconds: 5, isLooping: true };

  test('is sampled in one turn, over its end', () => {
    const { mediaTimes, endedAtMilliseconds } = simulate(LOOP, 15);
    expect(mediaTimes).toHaveLength(15);
    expect(endedAtMilliseconds).toBeLessThan(6000);
    expect(mediaTimes.some((time) => time < 5)).toBe(true);
  });

  test('never gives the same frame twice', () => {
    const { mediaTimes } = simulate({ ...LOOP, durationSeconds: 1.2, mediaTimeSeconds: 0 }, 30);
    const sorted = mediaTimes.toSorted((a, b) => a - b);
    const gaps = sorted.slice(1).map((time, index) => time - sorted[index]!);
    expect(mediaTimes.length).toBeGreaterThan(10);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.02);
  });

  test('with fewer frames than asked ends one turn after the last new one', () => {
    const { mediaTimes, reason, endedAtMilliseconds } = simulate(
      { ...LOOP, durationSeconds: 0.2, mediaTimeSeconds: 0 },
      15,
    );
    expect(reason).toBe('out-of-patience');
    // 0.2 s hold ten pictures that lie 0.02 s apart.
    expect(mediaTimes.length).toBeLessThanOrEqual(10);
    expect(endedAtMilliseconds).toBeLessThan(6000);
  });
});

describe('all frames', () => {
  test('of a short video are one pass to its end', () => {
    const { mediaTimes, reason } = simulate({ ...FILM, durationSeconds: 4, mediaTimeSeconds: 0 }, null);
    expect(reason).toBe('video-ended');
    expect(mediaTimes).toHaveLength(100);
  });

  test('of a loop are one turn, wherever it began', () => {
    const video = { ...FILM, durationSeconds: 4, mediaTimeSeconds: 3, isLooping: true };
    const { mediaTimes, reason } = simulate(video, null);
    expect(reason).toBe('video-ended');
    expect(mediaTimes.length).toBeGreaterThanOrEqual(99);
    expect(mediaTimes.length).toBeLessThanOrEqual(101);
  });

  test('of a loop are one turn for a host that skips frames, too', () => {
    const video = { ...FILM, durationSeconds: 4, mediaTimeSeconds: 3, isLooping: true };
    const { endedAtMilliseconds } = simulate(video, null, { hostMilliseconds: 700 });
    expect(endedAtMilliseconds).toBeLessThan(8000);
  });

  test('of a film end at the stated limit', () => {
    const { mediaTimes, reason } = simulate({ ...FILM, mediaTimeSeconds: 0 }, null);
    expect(reason).toBe('complete');
    expect(mediaTimes).toHaveLength(MAX_FRAMES_OF_ALL);
  });
});

describe('a live stream', () => {
  test('is sampled like a film', () => {
    const { mediaTimes, endedAtMilliseconds } = simulate({ ...FILM, durationSeconds: null }, 15);
    expect(mediaTimes).toHaveLength(15);
    expect(endedAtMilliseconds).toBeLessThan(15_000);
  });
});

describe('a still picture', () => {
  test('gives its one frame, whatever was asked', () => {
    for (const framesAsked of [4, 60, null]) {
      const plan = planSampling({ ...FILM, isStill: true }, framesAsked);
      expect(plan.framesAsked).toBe(1);
      expect(simulate({ ...FILM, isStill: true }, framesAsked).mediaTimes).toHaveLength(1);
    }
  });
});

describe('a video that stalls', () => {
  test('is judged by the frames at hand after 20 seconds', () => {
    const { mediaTimes, reason, endedAtMilliseconds } = simulate(FILM, 15, { stallsAtMilliseconds: 4000 });
    expect(mediaTimes.length).toBeGreaterThan(4);
    expect(mediaTimes.length).toBeLessThan(15);
    expect(reason).toBe('out-of-patience');
    expect(endedAtMilliseconds).toBeLessThan(25_000);
  });

  test('before its first frame ends as well', () => {
    const { mediaTimes, endedAtMilliseconds } = simulate(FILM, 15, { stallsAtMilliseconds: 0 });
    expect(mediaTimes).toHaveLength(0);
    expect(endedAtMilliseconds).toBeLessThan(21_000);
  });
});

test('every plan ends, asks no more than it says, and keeps 0.1 s between frames', () => {
  fc.assert(
    fc.property(
      fc.record({
        durationSeconds: fc.option(fc.double({ min: 0.04, max: 7200, noNaN: true })),
        mediaTimeSeconds: fc.constant(0),
        playbackRate: fc.double({ min: 0.25, max: 16, noNaN: true }),
        isLooping: fc.boolean(),
        isStill: fc.boolean(),
      }),
      fc.integer({ min: 4, max: 60 }),
      fc.integer({ min: 0, max: 2000 }),
      (video, framesAsked, hostMilliseconds) => {
        const { mediaTimes, atMilliseconds } = simulate(video, framesAsked, { hostMilliseconds });
        expect(mediaTimes.length).toBeLessThanOrEqual(video.isStill ? 1 : framesAsked);
        const gaps = atMilliseconds.slice(1).map((at, index) => at - atMilliseconds[index]!);
        expect(Math.min(Infinity, ...gaps)).toBeGreaterThanOrEqual(100);
      },
    ),
    { numRuns: 200 },
  );
});

test('the time until the next frame is due is exact: a moment before it none is taken, then one is', () => {
  const plan = planSampling(FILM, 15);
  const progress: SamplingProgress = {
    startedAtMilliseconds: 1000,
    readySinceMilliseconds: 1500,
    lastTakenAtMilliseconds: 1400,
    takenMediaTimesSeconds: [60, 60.2, 60.4, 60.6, 60.8],
  };
  const due = 1600 + millisecondsUntilDue(plan, progress, 1600);
  expect(due).toBeGreaterThan(3000);
  expect(decideOnFrame(plan, progress, due - 1, 63)).toEqual({ kind: 'wait' });
  expect(decideOnFrame(plan, progress, due, 63)).toEqual({ kind: 'take' });
  expect(millisecondsUntilDue(plan, progress, due + 5000)).toBe(0);
});

test('of all frames none is waited for', () => {
  const plan = planSampling(FILM, null);
  const progress: SamplingProgress = {
    startedAtMilliseconds: 0,
    readySinceMilliseconds: 10,
    lastTakenAtMilliseconds: 10,
    takenMediaTimesSeconds: [60],
  };
  expect(millisecondsUntilDue(plan, progress, 11)).toBe(0);
});

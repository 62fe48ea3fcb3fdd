import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideOnVideo,
  HOLD_MILLISECONDS,
  isWorthChecking,
  SETTLE_MILLISECONDS,
} from '../../../../entrypoints/badges.content/video-policy.ts';
import type { VideoPhase, VideoSight } from '../../../../entrypoints/badges.content/video-policy.ts';

const SEEN: VideoSight = { isPlaying: true, visibleShare: 1, widthPixels: 600, heightPixels: 400 };
const UNSEEN: VideoSight = { ...SEEN, visibleShare: 0.2 };
const IDLE: VideoPhase = { kind: 'idle' };

test.each([
  ['paused', { isPlaying: false }],
  ['half out of sight', { visibleShare: 0.5 }],
  ['as small as a thumbnail', { widthPixels: 160, heightPixels: 90 }],
  ['a narrow strip', { widthPixels: 900, heightPixels: 100 }],
])('a video that is %s is not worth a check', (_name, change) => {
  expect(isWorthChecking({ ...SEEN, ...change })).toBe(false);
});

test('an upright video of a phone is worth one', () => {
  expect(isWorthChecking({ ...SEEN, widthPixels: 360, heightPixels: 640 })).toBe(true);
});

test('a check starts after a second in sight, and not before', () => {
  const first = decideOnVideo(IDLE, SEEN, 5000);
  expect(first).toMatchObject({ action: 'none', againInMilliseconds: SETTLE_MILLISECONDS });
  expect(decideOnVideo(first.phase, SEEN, 5999)).toMatchObject({ action: 'none', againInMilliseconds: 1 });
  expect(decideOnVideo(first.phase, SEEN, 6000)).toMatchObject({
    action: 'start',
    phase: { kind: 'checking' },
  });
});

test('a reader who scrolls on within the second starts nothing', () => {
  const { phase } = decideOnVideo(IDLE, SEEN, 0);
  const gone = decideOnVideo(phase, UNSEEN, 700);
  expect(gone).toEqual({ phase: IDLE, action: 'none', againInMilliseconds: null });
});

test('leaving the viewport holds the check, coming back goes on with it, staying away ends it', () => {
  const held = decideOnVideo({ kind: 'checking' }, UNSEEN, 0);
  expect(held).toMatchObject({ action: 'hold', againInMilliseconds: HOLD_MILLISECONDS });
  expect(decideOnVideo(held.phase, SEEN, 3000)).toMatchObject({
    action: 'resume',
    phase: { kind: 'checking' },
  });
  expect(decideOnVideo(held.phase, UNSEEN, HOLD_MILLISECONDS)).toMatchObject({ action: 'end', phase: IDLE });
});

test('a check that is done stays done after any event', () => {
  expect(decideOnVideo({ kind: 'done' }, SEEN, 0)).toMatchObject({ action: 'none', phase: { kind: 'done' } });
});

test('after any sequence of events, checks are started, held, resumed and ended in a valid order', () => {
  const anySight = fc.record({
    isPlaying: fc.boolean(),
    visibleShare: fc.constantFrom(0, 0.59, 0.6, 1),
    widthPixels: fc.constantFrom(100, 300, 600),
    heightPixels: fc.constantFrom(100, 300, 600),
  });
  const sight = fc.oneof({ weight: 2, arbitrary: fc.constant(SEEN) }, { weight: 1, arbitrary: anySight });
  let startCount = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(sight, fc.integer({ min: 1, max: 20_000 })), {
        minLength: 5,
        maxLength: 40,
        size: 'max',
      }),
      (steps) => {
        let phase: VideoPhase = IDLE;
        let open: 'none' | 'running' | 'held' = 'none';
        let now = 0;
        let worthSince: number | null = null;
        for (const [seen, milliseconds] of steps) {
          if (!isWorthChecking(seen)) worthSince = null;
          else worthSince ??= now;
          const { action, phase: next, againInMilliseconds } = decideOnVideo(phase, seen, now);
          phase = next;
          switch (action) {
            case 'start':
              startCount++;
              expect(open).toBe('none');
              expect(now - worthSince!).toBeGreaterThanOrEqual(SETTLE_MILLISECONDS);
              open = 'running';
              break;
            case 'hold':
              expect(open).toBe('running');
              open = 'held';
              break;
            case 'resume':
              expect(open).toBe('held');
              open = 'running';
              break;
            case 'end':
              expect(open).toBe('held');
              open = 'none';
              break;
            case 'none':
          }
          // A state that waits for the clock says so: a page without a candidate has no timer.
          expect(againInMilliseconds === null).toBe(phase.kind !== 'settling' && phase.kind !== 'held');
          expect(open === 'running').toBe(phase.kind === 'checking');
          now += milliseconds;
        }
      },
    ),
    { seed: 29, numRuns: 3000 },
  );
  expect(startCount).toBeGreaterThan(500);
});

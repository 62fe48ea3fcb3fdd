import { expect, test } from 'vitest';
import { createFrameWays } from '../../../../models/frames/source-chain.ts';
import type { PossibleWay } from '../../../../models/frames/source-chain.ts';
import type { ScanMessage } from '../../../../utils/domain/frames-port.ts';
import type { FrameSourceKind } from '../../../../utils/domain/report.ts';

const signal = new AbortController().signal;
const frame = (frameIndex: number): ScanMessage => ({
  type: 'frame',
  frameIndex,
  mediaTimeSeconds: frameIndex,
  widthPixels: 640,
  heightPixels: 360,
  thumbnail: { width: 1, height: 1, data: new Uint8ClampedArray(4), colorSpace: 'srgb' },
});
const END: ScanMessage = { type: 'end' };
const UNREADABLE: ScanMessage = { type: 'refuse', reason: 'unreadable' };
const FOREIGN: ScanMessage = { type: 'refuse', reason: 'unreadable', isForeign: true };

function possible(way: FrameSourceKind, script: readonly ScanMessage[], log: string[]): PossibleWay {
  return {
    way,
    open: () => {
      log.push(`open ${way}`);
      const left = [...script];
      return {
        post: ({ type }) => void log.push(`${type} to ${way}`),
        next: () => Promise.resolve(left.shift() ?? null),
        rest: () => void log.push(`rest ${way}`),
        release: () => void log.push(`release ${way}`),
      };
    },
  };
}

test('the first way that gives a frame gives them all', async () => {
  const log: string[] = [];
  const ways = createFrameWays([
    possible('source', [UNREADABLE], log),
    possible('element', [frame(0), frame(1), END], log),
    possible('screen', [frame(0)], log),
  ]);
  expect(ways.wayUsed()).toBeNull();
  expect([await ways.next(1, signal), await ways.next(1, signal), await ways.next(1, signal)]).toEqual([
    frame(0),
    frame(1),
    END,
  ]);
  ways.post({ type: 'frame-done', frameIndex: 1 });
  expect(ways.wayUsed()).toBe('element');
  expect(log).toEqual(['open source', 'release source', 'open element', 'frame-done to element']);
});

test('a rest is for the way that is taken', async () => {
  const log: string[] = [];
  const ways = createFrameWays([possible('source', [UNREADABLE], log), possible('element', [frame(0)], log)]);
  await ways.next(1, signal);
  ways.rest();
  expect(log.at(-1)).toBe('rest element');
});

test('a way that fails after a frame ends the scan: no verdict mixes two ways', async () => {
  const log: string[] = [];
  const ways = createFrameWays([
    possible('element', [frame(0), FOREIGN], log),
    possible('source', [frame(0)], log),
  ]);
  await ways.next(1, signal);
  expect(await ways.next(1, signal)).toMatchObject({ type: 'refuse', reason: 'unreadable' });
  expect(log).toEqual(['open element']);
});

test('where none can be read the most telling reason is given, and that the picture was foreign', async () => {
  const ways = createFrameWays([
    possible('element', [{ type: 'refuse', reason: 'canvas-noise', isForeign: true }], []),
    possible('source', [UNREADABLE], []),
  ]);
  expect(await ways.next(1, signal)).toMatchObject({ type: 'refuse', reason: 'canvas-noise' });
  expect(ways.wasForeign()).toBe(true);
  expect(ways.wayUsed()).toBeNull();
});

test('what is copy-protected is not tried another way', async () => {
  const log: string[] = [];
  const ways = createFrameWays([
    possible('element', [{ type: 'refuse', reason: 'protected' }], log),
    possible('source', [frame(0)], log),
  ]);
  expect(await ways.next(1, signal)).toMatchObject({ type: 'refuse', reason: 'protected' });
  expect(log).toEqual(['open element']);
});

test('a video that is gone is not looked for in another way', async () => {
  const ways = createFrameWays([
    possible('source', [{ type: 'video-gone' }], []),
    possible('element', [frame(0)], []),
  ]);
  expect(await ways.next(1, signal)).toEqual({ type: 'video-gone' });
});

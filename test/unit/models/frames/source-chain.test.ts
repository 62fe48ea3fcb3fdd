import { expect, test } from 'vitest';
import type { FrameSourceEnd, UncutFrame } from '../../../../models/frames/frame-source.ts';
import { createSourceChain } from '../../../../models/frames/source-chain.ts';
import type { PossibleSource } from '../../../../models/frames/source-chain.ts';
import type { FrameSourceKind } from '../../../../utils/domain/report.ts';

const signal = new AbortController().signal;
const frame = (frameIndex: number): UncutFrame => ({
  frameIndex,
  mediaTimeSeconds: frameIndex,
  size: { width: 640, height: 360 },
  pixels: {
    kind: 'remote',
    thumbnail: { width: 1, height: 1, data: new Uint8ClampedArray(4), colorSpace: 'srgb' },
  },
});
const END: FrameSourceEnd = { kind: 'end' };
const UNREADABLE: FrameSourceEnd = { kind: 'refused', reason: 'unreadable', isForeign: false };
const FOREIGN: FrameSourceEnd = { kind: 'refused', reason: 'unreadable', isForeign: true };

/** A source that gives these frames, and then ends. */
function possible(
  kind: FrameSourceKind,
  frames: readonly UncutFrame[],
  end: FrameSourceEnd,
  log: string[] = [],
): PossibleSource {
  return {
    kind,
    open: () => {
      log.push(`open ${kind}`);
      const left = [...frames];
      let ending: FrameSourceEnd | null = null;
      return {
        kind,
        nextFrame: () => {
          const next = left.shift() ?? null;
          if (next === null) ending = end;
          return Promise.resolve(next);
        },
        ending: () => ending,
        close: () => void log.push(`close ${kind}`),
      };
    },
  };
}

test('the first source that gives a frame gives them all', async () => {
  const log: string[] = [];
  const chain = createSourceChain([
    possible('source', [], UNREADABLE, log),
    possible('element', [frame(0), frame(1)], END, log),
    possible('screen', [frame(0)], END, log),
  ]);
  expect(chain.kindUsed()).toBeNull();
  expect([
    await chain.nextFrame(signal),
    await chain.nextFrame(signal),
    await chain.nextFrame(signal),
  ]).toEqual([frame(0), frame(1), null]);
  expect(chain.ending()).toEqual(END);
  expect(chain.kindUsed()).toBe('element');
  chain.close();
  expect(log).toEqual(['open source', 'close source', 'open element', 'close element']);
});

test('a source that fails after a frame ends the scan: no verdict mixes two', async () => {
  const log: string[] = [];
  const chain = createSourceChain([
    possible('element', [frame(0)], FOREIGN, log),
    possible('source', [frame(0)], END, log),
  ]);
  await chain.nextFrame(signal);
  expect(chain.ending()).toBeNull();
  expect(await chain.nextFrame(signal)).toBeNull();
  expect(chain.ending()).toMatchObject({ kind: 'refused', reason: 'unreadable' });
  expect(log).toEqual(['open element']);
});

test('where none can be read the most telling reason is given, and that the picture was foreign', async () => {
  const chain = createSourceChain([
    possible('element', [], { kind: 'refused', reason: 'canvas-noise', isForeign: true }),
    possible('source', [], UNREADABLE),
  ]);
  expect(await chain.nextFrame(signal)).toBeNull();
  expect(chain.ending()).toMatchObject({ kind: 'refused', reason: 'canvas-noise' });
  expect(chain.wasForeign()).toBe(true);
  expect(chain.kindUsed()).toBeNull();
});

test('what is copy-protected is not tried from another source', async () => {
  const log: string[] = [];
  const chain = createSourceChain([
    possible('element', [], { kind: 'refused', reason: 'protected', isForeign: false }, log),
    possible('source', [frame(0)], END, log),
  ]);
  expect(await chain.nextFrame(signal)).toBeNull();
  expect(chain.ending()).toMatchObject({ kind: 'refused', reason: 'protected' });
  expect(log).toEqual(['open element']);
});

test('a video that is gone is not looked for in another source', async () => {
  const log: string[] = [];
  const chain = createSourceChain([
    possible('source', [], { kind: 'gone' }, log),
    possible('element', [frame(0)], END, log),
  ]);
  expect(await chain.nextFrame(signal)).toBeNull();
  expect(chain.ending()).toEqual({ kind: 'gone' });
  expect(log).toEqual(['open source']);
});

test('without any source the picture is unreadable', async () => {
  const chain = createSourceChain([]);
  expect(await chain.nextFrame(signal)).toBeNull();
  expect(chain.ending()).toEqual(UNREADABLE);
});

test('a source that can do no better than the one before is not opened', async () => {
  for (const isWorthTrying of [true, false]) {
    const log: string[] = [];
    const chain = createSourceChain([
      possible('source', [], UNREADABLE, log),
      { ...possible('ffmpeg', [frame(0)], END, log), isWorthTrying: () => isWorthTrying },
    ]);
    expect(await chain.nextFrame(signal)).toEqual(isWorthTrying ? frame(0) : null);
    expect(log.includes('open ffmpeg')).toBe(isWorthTrying);
    expect(chain.kindUsed()).toBe(isWorthTrying ? 'ffmpeg' : null);
  }
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createElementSource } from '../../../../models/frames/port-source.ts';
import type { ContentToHost } from '../../../../utils/domain/content-messages.ts';
import type { CutRegion, HostToContent } from '../../../../utils/domain/frames-port.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const { signal } = new AbortController();
const REGION: CutRegion = { left: 0, top: 0, width: 8, height: 8, outWidth: 8, outHeight: 8 };

function picture(width: number, height: number): ImageData {
  return { width, height, data: new Uint8ClampedArray(4), colorSpace: 'srgb' };
}

function frame(frameIndex: number): ContentToHost {
  const thumbnail = picture(640, 360);
  return {
    type: 'frame',
    frameIndex,
    mediaTimeSeconds: frameIndex,
    widthPixels: 4096,
    heightPixels: 2160,
    thumbnail,
  };
}

function storedFrame(frameIndex: number): ContentToHost {
  const stored = {
    format: 'I420',
    bytes: new Uint8ClampedArray(96),
    layout: [],
    codedWidth: 8,
    codedHeight: 8,
    colorSpace: {},
    rotation: 0,
    flip: false,
  } as const;
  return {
    type: 'stored-frame',
    frameIndex,
    mediaTimeSeconds: frameIndex,
    widthPixels: 8,
    heightPixels: 8,
    stored,
  };
}

/** A content script that sends `script`, and then nothing. */
function pageThatSays(script: readonly ContentToHost[]) {
  const left = [...script];
  const posted: HostToContent[] = [];
  return {
    left,
    posted,
    post: (message: HostToContent) => void posted.push(message),
    next: (timeoutMilliseconds: number) =>
      new Promise<ContentToHost | null>((resolve) => {
        const message = left.shift();
        if (message !== undefined) resolve(message);
        else setTimeout(() => resolve(null), timeoutMilliseconds);
      }),
    sawVideoGone: () => false,
    look: () => Promise.resolve(null),
  };
}

test('frames cut in the page and frames sent whole may follow each other; each is done before the next is awaited', async () => {
  const page = pageThatSays([frame(0), storedFrame(1), frame(2), { type: 'end' }]);
  const source = createElementSource(page);
  const kinds: (string | undefined)[] = [];
  for (let index = 0; index < 4; index++) kinds.push((await source.nextFrame(signal))?.pixels.kind);
  expect(kinds).toEqual(['remote', 'stored', 'remote', undefined]);
  expect(page.posted).toEqual([0, 1, 2].map((frameIndex) => ({ type: 'frame-done', frameIndex })));
  expect(source.ending()).toEqual({ kind: 'end' });
});

test('a picture that stands still, a video that is gone and a refusal are told apart', async () => {
  for (const [message, ending] of [
    [{ type: 'end', isStill: true }, { kind: 'still' }],
    [{ type: 'video-gone' }, { kind: 'gone' }],
    [
      { type: 'refuse', reason: 'unreadable', isForeign: true },
      { kind: 'refused', reason: 'unreadable', isForeign: true },
    ],
  ] as const) {
    const source = createElementSource(pageThatSays([message]));
    expect(await source.nextFrame(signal)).toBeNull();
    expect(source.ending()).toEqual(ending);
  }
});

test('a page that sends nothing more for a minute has no more frames', async () => {
  const source = createElementSource(pageThatSays([]));
  const next = source.nextFrame(signal);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(source.ending()).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  expect(await next).toBeNull();
  expect(source.ending()).toEqual({ kind: 'end' });
});

test('a video that goes away while a cut is awaited has no picture any more', async () => {
  const page = pageThatSays([frame(0), { type: 'video-gone' }]);
  const source = createElementSource(page);
  const taken = await source.nextFrame(signal);
  expect(await taken!.cut!([REGION], signal)).toBeNull();
  expect(source.ending()).toEqual({ kind: 'gone' });
  expect(await source.nextFrame(signal)).toBeNull();
});

test('an end while a cut is awaited leaves the frame that is at hand', async () => {
  const cut = picture(8, 8);
  const page = pageThatSays([frame(0), { type: 'end' }, { type: 'cuts', frameIndex: 0, cuts: [cut] }]);
  const source = createElementSource(page);
  const taken = await source.nextFrame(signal);
  expect(await taken!.cut!([REGION], signal)).toEqual([cut]);
  expect(source.ending()).toEqual({ kind: 'end' });
});

test('a page that does not cut is unreachable after ten seconds', async () => {
  const source = createElementSource(pageThatSays([frame(0)]));
  const taken = await source.nextFrame(signal);
  const cuts = taken!.cut!([REGION], signal);
  cuts.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(cuts).rejects.toMatchObject({ code: 'unreachable' });
});

test.each([
  ['of another size', { type: 'cuts', frameIndex: 0, cuts: [picture(3, 3)] }],
  ['of another frame', { type: 'cuts', frameIndex: 1, cuts: [picture(8, 8)] }],
  ['of another number', { type: 'cuts', frameIndex: 0, cuts: [] }],
] as const)('pictures %s than was asked for are an error', async (_what, answer) => {
  const source = createElementSource(pageThatSays([frame(0), answer]));
  const taken = await source.nextFrame(signal);
  await expect(taken!.cut!([REGION], signal)).rejects.toMatchObject({ code: 'internal' });
});

test('a message that answers nothing is an error', async () => {
  const source = createElementSource(pageThatSays([{ type: 'cuts', frameIndex: 0, cuts: [] }]));
  await expect(source.nextFrame(signal)).rejects.toMatchObject({ code: 'internal' });
});

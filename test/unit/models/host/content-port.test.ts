import { expect, test } from 'vitest';
import { createContentPort } from '../../../../models/host/content-port.ts';
import { FRAME_PART_BYTE_LENGTH, MAX_STORED_BYTE_LENGTH } from '../../../../utils/domain/frames-port.ts';

const { signal } = new AbortController();

/**
 * Sends messages to the port, one after the other.
 * @returns the messages that a scan reads from it
 */
function portThatReceives(messages: readonly unknown[]) {
  let receive: (message: unknown) => void = () => undefined;
  const port = createContentPort(
    {
      name: 'frames',
      onMessage: { addListener: (listener) => void (receive = listener) },
      onDisconnect: { addListener: () => undefined },
      postMessage: () => undefined,
      disconnect: () => undefined,
    },
    () => undefined,
  );
  for (const message of messages) receive(message);
  return port;
}

/** A grey picture whose bytes tell their places apart. */
function storedFrame(bytes: Uint8ClampedArray, codedWidth: number, codedHeight: number) {
  return {
    type: 'stored-frame',
    frameIndex: 0,
    mediaTimeSeconds: 0,
    widthPixels: codedWidth,
    heightPixels: codedHeight,
    stored: {
      format: 'I420',
      bytes,
      layout: [],
      codedWidth,
      codedHeight,
      colorSpace: {},
      rotation: 0,
      flip: false,
    },
  };
}

const part = (bytes: Uint8ClampedArray) => ({ type: 'frame-part', bytes });
const countingBytes = (length: number) => Uint8ClampedArray.from({ length }, (_, at) => (at * 7) & 255);

test('a frame that came in parts has all its bytes in order, and so has the next', async () => {
  const whole = countingBytes(640 * 360 * 1.5);
  const inParts = (bytes: Uint8ClampedArray) => {
    const cuts = [0, FRAME_PART_BYTE_LENGTH, FRAME_PART_BYTE_LENGTH + 1, 2 * FRAME_PART_BYTE_LENGTH - 5];
    const parts = cuts.slice(1).map((to, index) => part(bytes.slice(cuts[index], to)));
    return [...parts, storedFrame(bytes.slice(cuts.at(-1)), 640, 360)];
  };
  const reversed = whole.toReversed();
  const port = portThatReceives([
    ...inParts(whole),
    ...inParts(reversed),
    storedFrame(countingBytes(96), 8, 8),
  ]);
  for (const expected of [whole, reversed, countingBytes(96)]) {
    const message = await port.next(1, signal);
    expect(message?.type === 'stored-frame' && message.stored.bytes).toEqual(expected);
  }
});

test.each([
  ['a part that is too large', [part(new Uint8ClampedArray(FRAME_PART_BYTE_LENGTH + 1))]],
  ['a part without bytes', [{ type: 'frame-part', bytes: 'x' }]],
  ['an empty part of a large memory', [part(new Uint8ClampedArray(new ArrayBuffer(1e6), 0, 0))]],
  [
    'a frame with a few bytes of a large memory',
    [storedFrame(new Uint8ClampedArray(new ArrayBuffer(1e6), 0, 96), 8, 8)],
  ],
  ['empty parts without end', Array.from({ length: 1000 }, () => part(new Uint8ClampedArray()))],
  [
    'a frame that lacks bytes',
    [part(new Uint8ClampedArray(100)), storedFrame(new Uint8ClampedArray(1), 640, 360)],
  ],
  [
    'more parts than the largest frame has',
    Array.from({ length: MAX_STORED_BYTE_LENGTH / FRAME_PART_BYTE_LENGTH + 2 }, () =>
      part(new Uint8ClampedArray(FRAME_PART_BYTE_LENGTH)),
    ),
  ],
])('%s ends the scan', async (_, messages) => {
  await expect(portThatReceives(messages).next(1, signal)).rejects.toThrow(
    'a message that our content script does not send',
  );
});

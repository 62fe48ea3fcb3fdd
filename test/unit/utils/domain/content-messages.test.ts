import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readContentMessage } from '../../../../utils/domain/content-messages.ts';

/** Node has no ImageData; the reader only asks whether it is one, and how large. */
class FakeImageData {
  readonly width: number;
  readonly height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
}
beforeAll(() => {
  vi.stubGlobal('ImageData', FakeImageData);
});
afterAll(() => {
  vi.unstubAllGlobals();
});

const video = {
  pageUrl: 'https://example.org/',
  title: 'A title',
  fileUrl: null,
  widthPixels: 1920,
  heightPixels: 1080,
  durationSeconds: null,
};
const start = { type: 'start', scanId: 'a', video, framesAsked: null };
const box = { left: 10, top: 20, width: 640, height: 360 };
const place = {
  type: 'place',
  askId: 1,
  widthPixels: 640,
  heightPixels: 360,
  place: {
    viewportWidth: 1280,
    viewportHeight: 720,
    picture: box,
    visible: box,
    covered: [box],
    isAltered: false,
  },
  mediaTimeSeconds: 1,
  isPaused: false,
};
const frameWithout = {
  type: 'frame',
  frameIndex: 0,
  mediaTimeSeconds: 0.5,
  widthPixels: 1920,
  heightPixels: 1080,
};
const frame = () => ({ ...frameWithout, thumbnail: new FakeImageData(640, 360) });
const storedPicture = {
  format: 'I420',
  bytes: new Uint8ClampedArray(24),
  layout: [
    { offset: 0, stride: 4 },
    { offset: 16, stride: 2 },
    { offset: 20, stride: 2 },
  ],
  codedWidth: 4,
  codedHeight: 4,
  colorSpace: { primaries: 'bt709', transfer: null, matrix: 'bt709', fullRange: false },
  rotation: 90,
  flip: false,
};
const stored = (change: object = {}) => ({
  ...frameWithout,
  type: 'stored-frame',
  stored: { ...storedPicture, ...change },
});

test('every message that a content script sends is read as it is', () => {
  const messages = [
    start,
    {
      ...start,
      framesAsked: 15,
      video: { ...video, fileUrl: 'https://example.org/a.mp4', durationSeconds: 12.5 },
    },
    frame(),
    { ...frame(), decoded: { byteLength: 50_000, frames: 25 } },
    stored(),
    { ...stored(), decoded: { byteLength: 50_000, frames: 25 } },
    stored({ bytes: new Uint8ClampedArray(3_133_440), codedWidth: 1920, codedHeight: 1088 }),
    { type: 'cuts', frameIndex: 3, cuts: [new FakeImageData(512, 512), new FakeImageData(2048, 1999)] },
    { ...start, framesAsked: 15, isAutomatic: true, video: { ...video, postUrl: 'x.com/a/status/1' } },
    { ...start, video: { ...video, isServed: true } },
    { type: 'hold', isHeld: true },
    { type: 'end' },
    { type: 'video-gone' },
    { type: 'refuse', reason: 'unreadable' },
    { type: 'refuse', reason: 'unreadable', isForeign: true },
    { type: 'refuse', reason: 'protected' },
    { type: 'refuse', reason: 'canvas-noise' },
    { ...start, source: 'screen' },
    place,
    { ...place, place: { ...place.place, visible: null } },
    { type: 'seen', seen: null },
    { type: 'seen', seen: { isAltered: true, covers: [box] } },
  ];
  for (const message of messages) expect(readContentMessage(message)).toEqual(message);
});

test('a field that ours does not send is left out', () => {
  const file = new Blob(['a']);
  expect(readContentMessage({ ...start, file })).toEqual(start);
  expect(readContentMessage({ type: 'end', frameIndex: 3 })).toEqual({ type: 'end' });
});

test.each([
  ['an automatic check without a last frame', { ...start, isAutomatic: true }],
  ['a post that is no text', { ...start, video: { ...video, postUrl: 7 } }],
  ['a service worker that neither is nor is not', { ...start, video: { ...video, isServed: 'no' } }],
  ['a hold that says neither', { type: 'hold' }],
  ['bytes of no frame', { ...frameWithout, decoded: { byteLength: 1, frames: 0 } }],
  ['a stored frame without a picture', { ...frameWithout, type: 'stored-frame' }],
  ['a stored frame without facts', { type: 'stored-frame', stored: storedPicture }],
  ['a stored frame of anything', stored({ bytes: [0, 1, 2] })],
  ['a stored frame that is too large to be sent whole', stored({ bytes: new Uint8ClampedArray(3_133_441) })],
  ['few bytes of a huge picture', stored({ codedWidth: 16_000, codedHeight: 16_000 })],
  ['a picture without width', stored({ codedWidth: 0 })],
  ['more planes than there are', stored({ layout: Array.from({ length: 4 }, () => ({})) })],
  ['a format that is never sent', stored({ format: 'RGBA' })],
  ['high dynamic range, which is never sent', stored({ colorSpace: { transfer: 'pq' } })],
  ['a small picture that is to be shown huge', { ...stored(), widthPixels: 16_384, heightPixels: 16_384 }],
  ['no colour space', stored({ colorSpace: null })],
  ['a turn that is none', stored({ rotation: Number.NaN })],
  ['a mirror that is none', stored({ flip: undefined })],
  ['no object', 'start'],
  ['null', null],
  ['no type', { frameIndex: 0 }],
  ['an unknown type', { type: 'install' }],
  ['a scan id as long as a book', { ...start, scanId: 'a'.repeat(101) }],
  ['a title as long as a library', { ...start, video: { ...video, title: 'a'.repeat(100_001) } }],
  ['no video', { ...start, video: undefined }],
  ['a duration that is none', { ...start, video: { ...video, durationSeconds: Number.NaN } }],
  ['no frames', { ...start, framesAsked: 0 }],
  ['half a frame', { ...start, framesAsked: 1.5 }],
  ['a negative frame', () => ({ ...frame(), frameIndex: -1 })],
  ['a time without end', () => ({ ...frame(), mediaTimeSeconds: Number.POSITIVE_INFINITY })],
  ['a frame beyond any video', () => ({ ...frame(), widthPixels: 20_000 })],
  ['a thumbnail that is none', () => ({ ...frame(), thumbnail: new FakeImageData(1920, 1080) })],
  ['a thumbnail that only looks like one', { ...frameWithout, thumbnail: { width: 640, height: 360 } }],
  [
    'cuts beyond number',
    () => ({ type: 'cuts', frameIndex: 0, cuts: Array(65).fill(new FakeImageData(1, 1)) }),
  ],
  ['a source that the host alone chooses', { ...start, source: 'source' }],
  ['a place that answers no question', { ...place, askId: undefined }],
  ['a place of a video without a size', { ...place, widthPixels: 0 }],
  ['a place without a viewport', { ...place, place: { ...place.place, viewportWidth: 0 } }],
  ['a place that is none', { ...place, place: { ...place.place, visible: { left: 'here' } } }],
  [
    'more cover than there are places',
    { ...place, place: { ...place.place, covered: Array(201).fill(box) } },
  ],
  [
    'more covers than there are places',
    { type: 'seen', seen: { isAltered: false, covers: Array(201).fill(box) } },
  ],
  ['covers that are none', { type: 'seen', seen: { isAltered: false, covers: ['everywhere'] } }],
  ['a refusal that the host alone gives', { type: 'refuse', reason: 'no-face' }],
] as const)('%s is no message', (_what, message) => {
  expect(readContentMessage(typeof message === 'function' ? message() : message)).toBeNull();
});

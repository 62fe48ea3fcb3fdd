import { expect, test } from 'vitest';
import { createPlaceAsker, isSamePlace } from '../../../../models/frames/screen-source.ts';
import type { ContentToHost, ScreenPlace } from '../../../../utils/domain/content-messages.ts';
import type { HostToContent } from '../../../../utils/domain/frames-port.ts';

const BOX = { left: 100, top: 50, width: 640, height: 360 };
const PLACE: ScreenPlace = {
  viewportWidth: 1280,
  viewportHeight: 720,
  picture: BOX,
  visible: BOX,
  covered: [{ left: 100, top: 50, width: 20, height: 20 }],
  isAltered: false,
};

test('a place that has moved by less than a pixel is the same', () => {
  const moved = { ...BOX, top: 50.7 };
  expect(isSamePlace(PLACE, { ...PLACE, picture: moved, visible: moved })).toBe(true);
});

test.each<[string, Partial<ScreenPlace>]>([
  ['a scrolled page', { picture: { ...BOX, top: 10 }, visible: { ...BOX, top: 10 } }],
  ['a narrower window', { viewportWidth: 1200 }],
  ['a video that is cut off', { visible: { ...BOX, height: 300 } }],
  ['a video that is out of sight', { visible: null }],
  ['something that was laid over it', { covered: [...PLACE.covered, { ...BOX, width: 30 }] }],
  ['something that moves over it', { covered: [{ left: 140, top: 50, width: 20, height: 20 }] }],
])('%s is another place', (_what, change) => {
  expect(isSamePlace(PLACE, { ...PLACE, ...change })).toBe(false);
  expect(isSamePlace({ ...PLACE, ...change }, PLACE)).toBe(false);
});

const answerTo = (askId: number): ContentToHost => ({
  type: 'place',
  askId,
  place: PLACE,
  mediaTimeSeconds: askId,
  isPaused: false,
  widthPixels: 640,
  heightPixels: 360,
});

/** A content script that gives these answers; null stands for a time without an answer. */
function pageThatSays(answers: (ContentToHost | null)[]) {
  const asked: HostToContent[] = [];
  return {
    asked,
    post: (message: HostToContent) => void asked.push(message),
    next: () => Promise.resolve(answers.shift() ?? null),
    sawVideoGone: () => false,
    look: () => Promise.resolve(null),
  };
}

test('an answer that comes too late is never taken for that to the next question', async () => {
  const page = pageThatSays([null, answerTo(1), answerTo(2), answerTo(3)]);
  const ask = createPlaceAsker(page);
  const { signal } = new AbortController();
  expect(await ask(signal)).toBeNull();
  expect(await ask(signal)).toEqual(answerTo(2));
  expect(await ask(signal)).toEqual(answerTo(3));
  expect(page.asked).toEqual([1, 2, 3].map((askId) => ({ type: 'find-place', askId })));
});

test('what else the page has to say while it is asked is heard', async () => {
  const ask = createPlaceAsker(pageThatSays([answerTo(7), { type: 'video-gone' }]));
  expect(await ask(new AbortController().signal)).toEqual({ kind: 'gone' });
});

import { expect, test } from 'vitest';
import { validOutcome, validVideos } from '../../../../utils/browser/content-replies.ts';

const video = {
  videoId: 1,
  title: 'A clip',
  widthPixels: 640,
  heightPixels: 360,
  durationSeconds: 10,
  isPaused: false,
  isVisible: true,
  closedFileUrl: null,
  scanId: null,
};

test('a frame’s videos get the frame’s own number, and an invalid one hides no other', () => {
  const received = [
    { ...video, frameId: 99, extra: 'x' },
    // An element for Preact, which structured cloning lets through.
    { ...video, title: { constructor: undefined, type: 'iframe', props: {} } },
    { ...video, closedFileUrl: 'x'.repeat(100_000) },
    { ...video, videoId: 2 },
  ];
  expect(validVideos(received, 7)).toEqual([
    { ...video, frameId: 7 },
    { ...video, videoId: 2, frameId: 7 },
  ]);
});

test.each([null, {}, 'frame-loaded', { length: 3 }])('%j is no list of videos', (received) => {
  expect(validVideos(received, 0)).toEqual([]);
});

test('of a flood of videos the first two hundred are taken', () => {
  expect(validVideos(Array(100_000).fill(video), 0)).toHaveLength(200);
});

test.each([
  { kind: 'started', scanId: 'a' },
  { kind: 'running', scanId: 'a' },
  { kind: 'choosing' },
  { kind: 'no-video' },
])('$kind is an outcome', (outcome) => {
  expect(validOutcome({ ...outcome, extra: 1 })).toEqual(outcome);
});

test.each([null, { kind: 'started' }, { kind: 'started', scanId: 'x'.repeat(1000) }, { kind: 'done' }])(
  '%j is no outcome',
  (received) => {
    expect(() => validOutcome(received)).toThrow('another answer');
  },
);

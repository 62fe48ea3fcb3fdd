import { expect, test } from 'vitest';
import { largestFirst } from '../../../../utils/domain/page-video.ts';
import { pageVideo } from '../../../fixtures/scans/scans.ts';

test('puts what is seen before what is larger', () => {
  const videos = [
    pageVideo({ videoId: 1, widthPixels: 320, heightPixels: 180 }),
    pageVideo({ videoId: 2, widthPixels: 1920, heightPixels: 1080, isVisible: false }),
    pageVideo({ videoId: 3, widthPixels: 640, heightPixels: 360 }),
  ];
  expect(videos.toSorted(largestFirst).map(({ videoId }) => videoId)).toEqual([3, 1, 2]);
});

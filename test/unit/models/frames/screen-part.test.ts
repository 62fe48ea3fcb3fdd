import { describe, expect, test } from 'vitest';
import { screenPart } from '../../../../models/frames/screen-part.ts';
import type { ScreenPlace } from '../../../../utils/domain/content-messages.ts';

const VIDEO = { widthPixels: 640, heightPixels: 360 };
const BOX = { left: 100, top: 50, width: 640, height: 360 };
const place = (change: Partial<ScreenPlace> = {}): ScreenPlace => ({
  viewportWidth: 1280,
  viewportHeight: 720,
  picture: BOX,
  visible: BOX,
  covered: [],
  isAltered: false,
  ...change,
});

describe('the captured part', () => {
  test('is the video’s box on a screen of one pixel a point', () => {
    expect(screenPart(place(), { width: 1280, height: 720 }, VIDEO)).toEqual({
      part: { left: 100, top: 50, width: 640, height: 360 },
      blanks: [],
      size: { width: 640, height: 360 },
      scale: 1,
    });
  });

  test('follows the screen’s pixel ratio and the page’s zoom, which both show in the picture’s size', () => {
    // Two pixels a point.
    expect(screenPart(place(), { width: 2560, height: 1440 }, VIDEO)).toMatchObject({
      part: { left: 200, top: 100, width: 1280, height: 720 },
      // The part is drawn smaller, without the pixels that the screen has added.
      size: { width: 640, height: 360 },
      scale: 2,
    });
    // A page at half its size: the viewport holds twice as many CSS pixels as the screen has.
    expect(screenPart(place(), { width: 640, height: 360 }, VIDEO)).toMatchObject({
      part: { left: 50, top: 25, width: 320, height: 180 },
      // The pixels that the screen left out do not come back.
      size: { width: 320, height: 180 },
      scale: 0.5,
    });
  });

  test('takes no pixel that is only partly the video’s', () => {
    const visible = { left: 100.4, top: 50.6, width: 639.2, height: 358.8 };
    expect(screenPart(place({ visible }), { width: 1280, height: 720 }, VIDEO)?.part).toEqual({
      left: 101,
      top: 51,
      width: 638,
      height: 358,
    });
  });

  test('never reaches beyond the picture', () => {
    const visible = { left: -20, top: 500, width: 2000, height: 500 };
    expect(screenPart(place({ visible }), { width: 1280, height: 720 }, VIDEO)?.part).toEqual({
      left: 0,
      top: 500,
      width: 1280,
      height: 220,
    });
  });

  test('has what lies over the video as blanks, whole pixels outwards', () => {
    const covered = [{ left: 110.5, top: 60.5, width: 20, height: 10 }];
    expect(screenPart(place({ covered }), { width: 1280, height: 720 }, VIDEO)?.blanks).toEqual([
      { left: 110, top: 60, width: 20, height: 10 },
    ]);
  });

  test('is none where blanks cover more than half of it, however they overlap', () => {
    const captured = { width: 1280, height: 720 };
    const third = { left: 100, top: 50, width: 640, height: 120 };
    const half = { left: 100, top: 50, width: 640, height: 180 };
    expect(screenPart(place({ covered: [third, third, third] }), captured, VIDEO)?.blanks).toHaveLength(3);
    expect(screenPart(place({ covered: [half] }), captured, VIDEO)).not.toBeNull();
    expect(screenPart(place({ covered: [half, { ...third, top: 220 }] }), captured, VIDEO)).toBeNull();
  });

  test('of a stretched video is as much scaled as its smaller side', () => {
    const flat = { ...BOX, height: 180 };
    const part = screenPart(place({ picture: flat, visible: flat }), { width: 1280, height: 720 }, VIDEO);
    expect(part?.scale).toBe(0.5);
  });

  test('is none where too little is in sight', () => {
    expect(screenPart(place({ visible: null }), { width: 1280, height: 720 }, VIDEO)).toBeNull();
    const visible = { left: 100, top: 650, width: 640, height: 70 };
    expect(screenPart(place({ visible }), { width: 1280, height: 720 }, VIDEO)).toBeNull();
  });
});

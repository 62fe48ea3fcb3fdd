import type { FrameFacts } from '../frames/frame-source.ts';

/**
 * With fewer bits for each pixel of each frame a video is called strongly compressed. Measured by `npm run bench:detail` on six
 * crops of faces in the project's own pictures, squeezed through Chromium's H.264 and VP9 encoders at seven rates each, against
 * the same crops before: of the 40 with fewer bits than this, 32 had lost more than a quarter of their fine detail's energy
 * (half of the 40 more than .37); of the 44 with more, 3, and of the 36 with .025 or more, none. Three crops of recorded clips,
 * measured the same way, fall in line: with them it is 43 of 58, and 5 of 68.
 *
 * So it is a doubt about the file and not about a face: a picture that hardly moves keeps more. What a network makes of such
 * faces was not measured, nor were encoders that need fewer bits for the same (AV1, HEVC).
 */
export const MIN_BITS_PER_PIXEL = 0.02;

/**
 * With fewer bits the score is no verdict. By the same measurement: the 14 crops with fewer had all lost a fifth or more of their
 * fine detail's energy (half of them more than .31); of the 36 with .03 or more none had. Encoders that need fewer bits reach
 * .02 with ordinary videos, so the limit is half of that. No data on what the networks make of such faces.
 */
export const NO_VERDICT_BITS_PER_PIXEL = 0.01;

/** About a second: a key frame has ten times the bits of the others, so a few frames have no telling mean. */
const MIN_FRAMES = 25;

type MeasuredFrame = Pick<FrameFacts, 'size' | 'decoded'>;

/**
 * How strongly a video is compressed, from the bytes that were decoded between two of its frames.
 *
 * Not measured on the face itself: by the same measurement nothing in a single crop tells a squeezed video from a smooth
 * face. The share of flat blocks is .05 to .26 in the six before, and .05 to .26 in them with few bits; fine detail .007 to .017,
 * and .005 to .016; steps along the frame's 8 × 8 grid are 1.0 to 1.15 times the others, and .92 to 1.56: H.264 alone leaves
 * such steps, and only where nothing scales the picture. How much was lost can be seen only beside what was there before.
 */
export function createCompressionGauge() {
  let first: MeasuredFrame | null = null;
  let last: MeasuredFrame | null = null;

  /** null for a paused video, or in a browser that does not count the bytes. */
  function bitsPerPixel(): number | null {
    if (!first?.decoded || !last?.decoded) return null;
    const sinceFirst = last.decoded.frames - first.decoded.frames;
    const { byteLength, frames } =
      sinceFirst >= MIN_FRAMES
        ? { byteLength: last.decoded.byteLength - first.decoded.byteLength, frames: sinceFirst }
        : last.decoded;
    if (frames < MIN_FRAMES) return null;
    return (8 * byteLength) / (frames * last.size.width * last.size.height);
  }

  return {
    sawFrame: (frame: MeasuredFrame) => {
      first ??= frame;
      last = frame;
    },
    bitsPerPixel,
    /**
     * The least that it can become where no further byte came.
     * @param shareToCome of the video's frames, in proportion to those so far
     * @returns null in a browser that does not count, `unknown` in one that has too little yet
     */
    leastBitsPerPixel: (shareToCome: number): number | null | 'unknown' => {
      const soFar = bitsPerPixel();
      if (soFar !== null) return soFar * (1 - shareToCome);
      return last?.decoded === undefined ? null : 'unknown';
    },
  };
}

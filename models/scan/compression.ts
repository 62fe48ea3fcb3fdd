import type { FrameFacts } from '../frames/frame-source.ts';

/**
 * A video with fewer bits for each pixel of each frame is called strongly compressed. Measured by `npm run
 * bench:detail` on six crops of faces in the project's own pictures. Chromium's H.264 and VP9 encoders compressed them
 * at seven rates each, and each result was compared with the crop before. Of the 40 results with fewer bits than this,
 * 32 had lost more than a quarter of their fine detail's energy (half of the 40 more than .37). Of the 44 with more
 * bits, 3 had; of the 36 with .025 or more, none. Three crops of recorded clips, measured in the same way, agree: with
 * them it is 43 of 58, and 5 of 68. So it is a doubt about the file and not about a face: a picture that hardly moves
 * keeps more. It was not measured how a network scores such faces, nor were encoders that need fewer bits for the same
 * picture (AV1, HEVC).
 */
export const MIN_BITS_PER_PIXEL = 0.02;

/**
 * With fewer bits the score is no verdict. In the same measurement, the 14 crops with fewer bits had all lost a fifth
 * or more of their fine detail's energy (half of them more than .31). Of the 36 with .03 or more, none had. Encoders
 * that need fewer bits reach .02 with ordinary videos, so the limit is half of that. It was not measured how the
 * networks score such faces.
 */
export const NO_VERDICT_BITS_PER_PIXEL = 0.01;

/** About a second: a key frame has ten times the bits of the others, so the mean of a few frames says little. */
const MIN_FRAMES = 25;

type MeasuredFrame = Pick<FrameFacts, 'size' | 'decoded'>;

/**
 * How strongly a video is compressed, from the bytes that were decoded between two of its frames. It is not measured on
 * the face itself: by the same measurement, no single crop tells a compressed video from a smooth face. The share of
 * flat blocks is .05 to .26 in the six crops before, and .05 to .26 in those with few bits. Fine detail is .007 to
 * .017, and .005 to .016. Steps along the frame's 8 × 8 grid are 1.0 to 1.15 times the others, and .92 to 1.56: H.264
 * alone leaves such steps, and only where nothing scales the picture. The loss can be seen only by a comparison with
 * the picture before.
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
     * The lowest value that is possible if no further byte comes.
     * @param shareToCome of the video's frames, in proportion to those so far
     * @returns null in a browser that does not count, `unknown` in one that has counted too little yet
     */
    leastBitsPerPixel: (shareToCome: number): number | null | 'unknown' => {
      const soFar = bitsPerPixel();
      if (soFar !== null) return soFar * (1 - shareToCome);
      return last?.decoded === undefined ? null : 'unknown';
    },
  };
}

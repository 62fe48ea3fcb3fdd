import type { DecodedSoFar } from '../../utils/domain/frames-port.ts';

/** Of Chromium and Safari, and in no standard. */
type CountingVideo = {
  readonly webkitVideoDecodedByteCount?: number;
  readonly webkitDecodedFrameCount?: number;
};

/** Read from the element; undefined where the browser does not count, or the video comes out of no decoder (MediaStream). */
export function decodedSoFar(video: HTMLVideoElement): DecodedSoFar | undefined {
  const { webkitVideoDecodedByteCount: byteLength, webkitDecodedFrameCount: frames } = video as CountingVideo;
  return byteLength && frames ? { byteLength, frames } : undefined;
}

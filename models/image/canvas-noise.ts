import { createReadableContext } from './raster-image.ts';

/** Wide enough that noise on one pixel in a hundred shows. */
const PROBE_SIDE_PIXELS = 32;

let answer: boolean | undefined;

/**
 * Whether this browser changes the pixels that are read from a canvas, as some do against fingerprinting. A network
 * that looks for traces of manipulation would find the browser's. Each document that reads frames compares the bytes
 * once, on both ways of a frame through a canvas: put as bytes, and drawn from a `VideoFrame`, if the browser has that.
 */
export function hasCanvasNoise(): boolean {
  answer ??= probe();
  return answer;
}

function probe(): boolean {
  const side = PROBE_SIDE_PIXELS;
  const known = knownPixels(side);
  const source = createReadableContext(side, side);
  source.putImageData(known, 0, 0);
  const drawn = createReadableContext(side, side);
  if (typeof VideoFrame === 'undefined') {
    drawn.drawImage(source.canvas, 0, 0);
  } else {
    // The frame is made from bytes: a frame made from a canvas could contain the noise already.
    const frame = new VideoFrame(known.data, {
      format: 'RGBX',
      codedWidth: side,
      codedHeight: side,
      timestamp: 0,
      // This is the canvas's own colour space, so nothing is converted.
      colorSpace: { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'rgb', fullRange: true },
    });
    drawn.drawImage(frame, 0, 0);
    frame.close();
  }
  return [source, drawn].some((context) => {
    const { data } = context.getImageData(0, 0, side, side);
    return data.some((byte, at) => byte !== known.data[at]);
  });
}

/** Smooth and rough places in all three channels: some browsers add no noise to flat areas. */
function knownPixels(side: number): ImageData {
  const pixels = new ImageData(side, side);
  for (let at = 0; at < side * side; at++) {
    const x = at % side;
    const y = Math.floor(at / side);
    pixels.data.set([(x * 8) & 255, (y * 8) & 255, (x * 37 + y * 101) & 255, 255], at * 4);
  }
  return pixels;
}

/** Wide enough that noise on one pixel in a hundred shows. */
const PROBE_SIDE_PIXELS = 32;

let answer: boolean | undefined;

/**
 * Whether this browser changes the pixels that are read from a canvas, against fingerprinting. Such pixels are not the
 * video's, and a network that looks for traces of manipulation would be shown traces of the browser. Found out once in each
 * document that reads frames, byte for byte, on both ways that a frame may take into a canvas and out of it: put as bytes, and
 * drawn, from a `VideoFrame` where there is one.
 */
export function hasCanvasNoise(): boolean {
  answer ??= probe();
  return answer;
}

function probe(): boolean {
  const side = PROBE_SIDE_PIXELS;
  const known = knownPixels(side);
  const source = contextOf(side);
  source.putImageData(known, 0, 0);
  const drawn = contextOf(side);
  if (typeof VideoFrame === 'undefined') {
    drawn.drawImage(source.canvas, 0, 0);
  } else {
    // From bytes, not from a canvas: a canvas's own noise must not be taken for what was put in.
    const frame = new VideoFrame(known.data, {
      format: 'RGBX',
      codedWidth: side,
      codedHeight: side,
      timestamp: 0,
      // As the canvas itself, so that nothing is converted.
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

/** Smooth and rough places in all three channels: noise that spares flat areas must not be missed. */
function knownPixels(side: number): ImageData {
  const pixels = new ImageData(side, side);
  for (let at = 0; at < side * side; at++) {
    const x = at % side;
    const y = Math.floor(at / side);
    pixels.data.set([(x * 8) & 255, (y * 8) & 255, (x * 37 + y * 101) & 255, 255], at * 4);
  }
  return pixels;
}

function contextOf(side: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(side, side).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new Error('no 2d context');
  return context;
}

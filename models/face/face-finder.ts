import type { RasterImage } from '../image/raster-image.ts';
import type { DetectableImage, FaceDetector } from './face-detector.ts';
import type { DetectedFace, Size } from './geometry.ts';
import { drawArguments, faceToFrame, scaleFace, type DrawnSquare } from './second-pass.ts';
import { mergeFaces, needsTiles, tilesOf } from './tiles.ts';

export type FaceFinder = {
  /**
   * The first pass: who is in the frame, found on a smaller copy of it (`frame` is the full size in pixels; the
   * answer is in its pixels), most confident first. The whole copy first, tile by tile as well where that shows
   * nobody or somebody small. One run of the detector, three more with tiles. Synchronous.
   * @param thumbnail RGBA
   */
  readonly findFirst: (thumbnail: RasterImage, frame: Size) => DetectedFace[];
  /**
   * The second pass: the faces in one square of the frame, drawn at the full frame's detail (see
   * `secondPassSquare`), in pixels of the frame. The mapping to the network's crops was fitted on this pass.
   * @param picture RGBA
   */
  readonly findInSquare: (picture: RasterImage, square: DrawnSquare) => DetectedFace[];
};

/** Composes the detector with the pure geometry of the second pass and the tiles. Needs OffscreenCanvas (a Worker). */
export function createFaceFinder(detector: FaceDetector): FaceFinder {
  const tileCanvas = createReadableContext(1, 1);

  const detectInTile = (
    source: CanvasImageSource,
    place: DrawnSquare,
    frame: DetectableImage,
  ): DetectedFace[] => {
    const part = drawArguments(place, frame);
    if (part === null) return [];
    const side = place.drawnSidePixels;
    tileCanvas.canvas.width = side;
    tileCanvas.canvas.height = side;
    // Resizing has cleared the canvas; without an alpha channel that is black, as the geometry asks for.
    tileCanvas.drawImage(
      source,
      part.sourceX,
      part.sourceY,
      part.sourceWidth,
      part.sourceHeight,
      part.x,
      part.y,
      part.width,
      part.height,
    );
    return detector.detect(tileCanvas.getImageData(0, 0, side, side)).map((face) => faceToFrame(face, place));
  };

  return {
    findFirst: (picture, frame) => {
      const thumbnail = toImageData(picture);
      const toFullSize = (face: DetectedFace): DetectedFace => scaleFace(face, thumbnail, frame);
      const whole = detector.detect(thumbnail).map(toFullSize);
      if (!needsTiles(whole)) return mergeFaces(whole);
      const source = toCanvas(thumbnail);
      const inTiles = tilesOf(thumbnail).flatMap((tile) => detectInTile(source, tile, thumbnail));
      return mergeFaces([...whole, ...inTiles.map(toFullSize)]);
    },
    findInSquare: (picture, square) =>
      detector.detect(toImageData(picture)).map((face) => faceToFrame(face, square)),
  };
}

/** The same pixels as MediaPipe takes them; not copied where they come from a canvas. */
function toImageData({ data, width, height }: RasterImage): ImageData {
  const isCanvasData = data instanceof Uint8ClampedArray && data.buffer instanceof ArrayBuffer;
  return new ImageData(
    isCanvasData ? (data as Uint8ClampedArray<ArrayBuffer>) : new Uint8ClampedArray(data),
    width,
    height,
  );
}

function toCanvas(picture: ImageData): OffscreenCanvas {
  const context = createReadableContext(picture.width, picture.height);
  context.putImageData(picture, 0, 0);
  return context.canvas;
}

/** Kept in main memory: every square that is drawn is read back. */
function createReadableContext(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new TypeError(`no 2D context of ${width} × ${height} pixels`);
  return context;
}

import { createReadableContext, toImageData } from '../image/raster-image.ts';
import type { RasterImage } from '../image/raster-image.ts';
import type { DetectableImage, FaceDetector } from './face-detector.ts';
import type { DetectedFace, Size } from './geometry.ts';
import { drawArguments, faceToFrame, scaleFace, type DrawnSquare } from './second-pass.ts';
import { mergeFaces, needsTiles, tilesOf } from './tiles.ts';

export type FaceFinder = ReturnType<typeof createFaceFinder>;

/**
 * Combines the detector with the pure geometry of the second pass and of the tiles. It needs OffscreenCanvas (a
 * Worker).
 */
export function createFaceFinder(detector: FaceDetector) {
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
    // Resizing has cleared the canvas. Without an alpha channel it is black, as the geometry needs.
    tileCanvas.drawImage(source, ...part);
    return detector.detect(tileCanvas.getImageData(0, 0, side, side)).map((face) => faceToFrame(face, place));
  };

  return {
    /**
     * The first pass: the faces in a smaller copy of the frame (RGBA), most confident first, in pixels of the full size
     * `frame`. Where the whole copy shows no face or a small one, its tiles are searched as well: three more runs of the
     * detector. Synchronous.
     */
    findFirst: (picture: RasterImage, frame: Size): DetectedFace[] => {
      const thumbnail = toImageData(picture);
      const toFullSize = (face: DetectedFace): DetectedFace => scaleFace(face, thumbnail, frame);
      const whole = detector.detect(thumbnail).map(toFullSize);
      if (!needsTiles(whole)) return mergeFaces(whole);
      const source = toCanvas(thumbnail);
      const inTiles = tilesOf(thumbnail).flatMap((tile) => detectInTile(source, tile, thumbnail));
      return mergeFaces([...whole, ...inTiles.map(toFullSize)]);
    },
    /** Finds only the large faces, by one run of the detector; otherwise as `findFirst`. */
    findLarge: (picture: RasterImage, frame: Size): DetectedFace[] => {
      const thumbnail = toImageData(picture);
      return mergeFaces(detector.detect(thumbnail).map((face) => scaleFace(face, thumbnail, frame)));
    },
    /**
     * The second pass: the faces in one square of the frame, drawn (RGBA) at the full frame's detail, in pixels of the
     * frame (`secondPassSquare`). The mapping to the network's crops was fitted on this pass.
     */
    findInSquare: (picture: RasterImage, square: DrawnSquare): DetectedFace[] =>
      detector.detect(toImageData(picture)).map((face) => faceToFrame(face, square)),
  };
}

function toCanvas(picture: ImageData): OffscreenCanvas {
  const context = createReadableContext(picture.width, picture.height);
  context.putImageData(picture, 0, 0);
  return context.canvas;
}

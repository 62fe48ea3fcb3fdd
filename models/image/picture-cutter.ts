import { MAX_CUT_SIDE_PIXELS, THUMBNAIL_SIDE_PIXELS } from '../../utils/domain/frames-port.ts';
import type { CutRegion } from '../../utils/domain/frames-port.ts';
import { createReadableContext } from './raster-image.ts';
import { copyPixels } from './stored-picture.ts';
import type { BytesFor, Orientation } from './stored-picture.ts';

/** The picture that a cutter holds. */
export type CutFrame = {
  /** As shown: rotated, with square pixels. */
  readonly widthPixels: number;
  readonly heightPixels: number;
  /** The whole picture, at most {@link THUMBNAIL_SIDE_PIXELS} a side. */
  readonly thumbnail: ImageData;
};

/**
 * Regions of one message: the second pass and the crops ask for one region a face. A crowd is cut in several messages.
 */
const MAX_REGIONS = 64;

export type PictureCutter = ReturnType<typeof createPictureCutter>;

/** Holds one picture at a time, in a canvas on the CPU from which everything is cut. */
export function createPictureCutter() {
  const full = createReadableContext(1, 1);
  const scaled = createReadableContext(1, 1);
  let formerBytes: Uint8ClampedArray<ArrayBuffer> | undefined;
  let isReleased = false;

  const cutOne = (region: CutRegion): ImageData => {
    const { left, top, width, height, outWidth, outHeight } = region;
    if (isPlainCopy(region, full.canvas)) return full.getImageData(left, top, width, height);
    const { canvas } = scaled;
    // The canvas only grows: setting a size reallocates it, and all cuts of faces have about one size.
    if (canvas.width < outWidth) canvas.width = outWidth;
    if (canvas.height < outHeight) canvas.height = outHeight;
    scaled.fillRect(0, 0, outWidth, outHeight);
    scaled.imageSmoothingEnabled = width !== outWidth || height !== outHeight;
    // At a third of the size and below, `low` skips pixels, and the detector's picture would flicker between frames.
    scaled.imageSmoothingQuality = 'medium';
    scaled.drawImage(full.canvas, left, top, width, height, 0, 0, outWidth, outHeight);
    return scaled.getImageData(0, 0, outWidth, outHeight);
  };

  /** Memory for a frame's bytes, which is used again for the next frame of that size. */
  const bytesFor: BytesFor = (byteLength) => {
    if (formerBytes?.length !== byteLength) formerBytes = new Uint8ClampedArray(byteLength);
    return formerBytes;
  };

  return {
    /** Takes a frame in place of the former picture: turned, stretched and converted as it is shown. */
    place: async (picture: VideoFrame, width: number, height: number): Promise<void> => {
      const pixels = await copyPixels(picture, bytesFor);
      if (isReleased) return;
      setSize(full.canvas, width, height);
      if (pixels === null) {
        // Without this, the former frame would show through half transparent pixels.
        full.fillRect(0, 0, width, height);
        full.drawImage(picture, 0, 0, width, height);
      } else if (isShownAsStored(picture, width, height)) full.putImageData(pixels, 0, 0);
      else drawTurned(pixels, picture, full);
    },
    /** Takes a picture that `draw` draws. */
    paint: (
      width: number,
      height: number,
      draw: (context: OffscreenCanvasRenderingContext2D) => void,
    ): void => {
      setSize(full.canvas, width, height);
      draw(full);
    },
    frame: (): CutFrame => {
      const { width, height } = full.canvas;
      const thumbnail = cutOne({ left: 0, top: 0, width, height, ...thumbnailSize(width, height) });
      return { widthPixels: width, heightPixels: height, thumbnail };
    },
    /** Parts of the picture at full size: unscaled where a region's in and out sizes agree, black outside the picture. */
    cut: (regions: readonly CutRegion[]): ImageData[] =>
      regions.slice(0, MAX_REGIONS).map(bounded).map(cutOne),
    bytesFor,
    /** Frees the memory of the picture, and of a frame that is still being placed. */
    release: (): void => {
      isReleased = true;
      formerBytes = undefined;
      full.canvas.width = full.canvas.height = 1;
      scaled.canvas.width = scaled.canvas.height = 1;
    },
  };
}

/** Setting the same size again would clear the canvas and allocate it anew. */
function setSize(canvas: OffscreenCanvas, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function isShownAsStored(picture: VideoFrame, width: number, height: number): boolean {
  const { visibleRect } = picture;
  const { rotation, flip } = picture as VideoFrame & Required<Orientation>;
  return rotation === 0 && !flip && visibleRect?.width === width && visibleRect.height === height;
}

/** Draws the frame turned, mirrored and stretched over the whole target. */
function drawTurned(stored: ImageData, picture: VideoFrame, target: OffscreenCanvasRenderingContext2D): void {
  const { rotation, flip } = picture as VideoFrame & Required<Orientation>;
  const { width, height } = target.canvas;
  const source = createReadableContext(1, 1);
  setSize(source.canvas, stored.width, stored.height);
  source.putImageData(stored, 0, 0);
  // The values are whole numbers: a sine that is not quite 0 would blur every edge.
  const sine = Math.round(Math.sin((rotation * Math.PI) / 180));
  const cosine = Math.round(Math.cos((rotation * Math.PI) / 180));
  const mirror = flip ? -1 : 1;
  const [across, down] = sine === 0 ? [width, height] : [height, width];
  target.setTransform(mirror * cosine, sine, -mirror * sine, cosine, width / 2, height / 2);
  target.drawImage(source.canvas, -across / 2, -down / 2, across, down);
  target.resetTransform();
}

function thumbnailSize(width: number, height: number): { outWidth: number; outHeight: number } {
  const factor = Math.min(1, THUMBNAIL_SIDE_PIXELS / Math.max(width, height));
  return {
    outWidth: Math.max(1, Math.round(width * factor)),
    outHeight: Math.max(1, Math.round(height * factor)),
  };
}

/** Limits a size that the host should not ask for: the canvas must not grow with it. */
function bounded(region: CutRegion): CutRegion {
  const clamp = (side: number): number => Math.min(MAX_CUT_SIDE_PIXELS, Math.max(1, Math.round(side)));
  return { ...region, outWidth: clamp(region.outWidth), outHeight: clamp(region.outHeight) };
}

/** Only regions within the picture are copied without drawing, since pixels outside it must be black. */
function isPlainCopy(region: CutRegion, { width, height }: OffscreenCanvas): boolean {
  return (
    region.width === region.outWidth &&
    region.height === region.outHeight &&
    Number.isInteger(region.left) &&
    Number.isInteger(region.top) &&
    region.left >= 0 &&
    region.top >= 0 &&
    region.left + region.width <= width &&
    region.top + region.height <= height
  );
}

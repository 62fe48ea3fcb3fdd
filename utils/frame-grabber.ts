import { hasCanvasNoise } from './canvas-noise.ts';
import { MAX_CUT_SIDE_PIXELS, THUMBNAIL_SIDE_PIXELS } from './frames-port.ts';
import type { CutRegion, UnreadableReason } from './frames-port.ts';

/** One frame of a video. */
export type GrabbedFrame = {
  /** As shown: rotated, with square pixels. */
  readonly widthPixels: number;
  readonly heightPixels: number;
  /** The whole picture, at most {@link THUMBNAIL_SIDE_PIXELS} a side. */
  readonly thumbnail: ImageData;
};

export type GrabResult =
  | { readonly kind: 'grabbed'; readonly frame: GrabbedFrame }
  /** Nothing decoded yet; a later presented frame may do. */
  | { readonly kind: 'not-ready' }
  /** Another origin without CORS, copy protection, or falsified pixels: no frame of this video will ever do. */
  | {
      readonly kind: 'refused';
      readonly reason: UnreadableReason;
      /** The picture is another origin's: its file, or the screen, may still be read. */
      readonly isForeign: boolean;
    };

export type FrameGrabber = {
  /**
   * Copies the frame that the video shows at the call, however much later the answer comes; the one before is
   * forgotten. One at a time.
   */
  readonly grab: (video: HTMLVideoElement) => Promise<GrabResult>;
  /**
   * The same from a part of a picture that is at hand.
   * @param blanks places of that picture that are not the video's: they become black
   * @param size to which the part is scaled
   */
  readonly hold: (
    picture: ImageBitmap,
    part: PicturePart,
    blanks: readonly PicturePart[],
    size: Pick<PicturePart, 'width' | 'height'>,
  ) => GrabbedFrame;
  /**
   * Parts of the grabbed frame at full size: unscaled where a region's in and out agree, black where it reaches
   * outside.
   */
  readonly cut: (regions: readonly CutRegion[]) => ImageData[];
  /** Gives the memory of the full-size picture back. */
  readonly release: () => void;
};

/** In whole pixels, within the picture. */
export type PicturePart = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** The second pass asks one region for each face, and so does the crop. A crowd is cut in several messages. */
const MAX_REGIONS = 64;

/**
 * Copies frames of a video without touching it. The full-size picture is converted from YUV once, and lies in memory of
 * ours; a canvas on the CPU gets it where something is to be scaled, or where only drawing gives it.
 */
export function createFrameGrabber(): FrameGrabber {
  let full = createCanvas();
  const scaled = createCanvas();
  /** The picture as it is shown; null where it is in the canvas only. */
  let held: ImageData | null = null;
  let isInCanvas = false;
  let isReleased = false;

  const scale = (region: CutRegion): ImageData => {
    if (held !== null && !isInCanvas) full.putImageData(held, 0, 0);
    isInCanvas = true;
    const { left, top, width, height, outWidth, outHeight } = region;
    const { canvas } = scaled;
    // Growing only: setting a size reallocates, and cuts of faces all have about one size.
    if (canvas.width < outWidth) canvas.width = outWidth;
    if (canvas.height < outHeight) canvas.height = outHeight;
    scaled.fillRect(0, 0, outWidth, outHeight);
    scaled.imageSmoothingEnabled = width !== outWidth || height !== outHeight;
    // `low` leaves out pixels from a third on, and the detector's picture would flicker from frame to frame.
    scaled.imageSmoothingQuality = 'medium';
    scaled.drawImage(full.canvas, left, top, width, height, 0, 0, outWidth, outHeight);
    return scaled.getImageData(0, 0, outWidth, outHeight);
  };

  const cutOne = (region: CutRegion): ImageData => {
    const { left, top, width, height } = region;
    if (!isPlainCopy(region, full.canvas)) return scale(region);
    return held === null ? full.getImageData(left, top, width, height) : copyRows(held, region);
  };

  const frameOfFull = (): GrabbedFrame => {
    const { width, height } = full.canvas;
    const thumbnail = cutOne({ left: 0, top: 0, width, height, ...thumbnailSize(width, height) });
    return { widthPixels: width, heightPixels: height, thumbnail };
  };

  return {
    grab: async (video) => {
      const { videoWidth: width, videoHeight: height } = video;
      if (width === 0 || height === 0 || video.readyState < video.HAVE_CURRENT_DATA) {
        return { kind: 'not-ready' };
      }
      // Whether its pictures come out black or not, what is copy-protected is not copied.
      // Pages without https have no such property.
      if (video.mediaKeys) return PROTECTED;
      if (hasCanvasNoise()) return { kind: 'refused', reason: 'canvas-noise', isForeign: false };
      try {
        // Refuses a foreign video before anything is copied, and one without a picture, which would draw nothing.
        const picture = new VideoFrame(video);
        try {
          const stored = await copyPixels(picture, held?.data);
          if (isReleased) return { kind: 'not-ready' };
          setSize(full.canvas, width, height);
          held = stored !== null && isShownAsStored(picture, width, height) ? stored : null;
          isInCanvas = held === null;
          if (stored === null) {
            // Through what is half transparent the frame before would show.
            full.fillRect(0, 0, width, height);
            full.drawImage(picture, 0, 0, width, height);
          } else if (held === null) drawTurned(stored, picture, full);
        } finally {
          // The decoder has few buffers; while one is held, playback may stutter.
          picture.close();
        }
      } catch (error) {
        // A canvas that a foreign video was drawn to can never be read again.
        full = createCanvas();
        return whyNot(error);
      }
      return { kind: 'grabbed', frame: frameOfFull() };
    },
    hold: (picture, { left, top, width, height }, blanks, size) => {
      held = null;
      setSize(full.canvas, size.width, size.height);
      full.imageSmoothingEnabled = width !== size.width || height !== size.height;
      full.imageSmoothingQuality = 'high';
      full.drawImage(picture, left, top, width, height, 0, 0, size.width, size.height);
      const across = size.width / width;
      const down = size.height / height;
      for (const blank of blanks) {
        full.fillRect(
          (blank.left - left) * across,
          (blank.top - top) * down,
          blank.width * across,
          blank.height * down,
        );
      }
      return frameOfFull();
    },
    cut: (regions) => regions.slice(0, MAX_REGIONS).map(bounded).map(cutOne),
    release: () => {
      isReleased = true;
      held = null;
      full.canvas.width = full.canvas.height = 1;
      scaled.canvas.width = scaled.canvas.height = 1;
    },
  };
}

const PROTECTED: GrabResult = { kind: 'refused', reason: 'protected', isForeign: false };

/** On the CPU: reading back from a GPU canvas waits for everything that the page has queued there. */
function createCanvas(): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw new Error('no 2d context');
  return context;
}

/** Setting a size that it has already would clear it and allocate it anew. */
function setSize(canvas: OffscreenCanvas, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** Of decoders: opaque and of 8 bits a sample. */
const PLAIN_FORMATS: ReadonlySet<VideoPixelFormat | null> = new Set(['I420', 'I422', 'I444', 'NV12']);
/**
 * SMPTE ST 2084 and ARIB STD-B67: drawing maps their range to the screen's as the page shows it. WebCodecs does not ask that
 * of copying; Chromium 156 gives the same bytes either way (tried with 8 bits and ST 2084), but others need not.
 */
const HDR_TRANSFERS: ReadonlySet<string | null> = new Set(['pq', 'hlg']);

/** WebCodecs, VideoFrame: how the stored picture is turned, clockwise in degrees, and then mirrored, to be shown. */
type Orientation = { readonly rotation?: number; readonly flip?: boolean };

/**
 * What the frame has stored as RGBA in sRGB. Together with {@link drawTurned} that gives the same bytes as drawing the
 * frame (test/browser/content-pixels.test.ts) in a third of the time, and drawing would leave each picture in Chromium's
 * cache of decoded images, for hours.
 * @param formerBytes used again where the size is the same
 * @returns null for frames that only drawing converts: HDR, half transparent, or kept where they can't be copied from
 */
async function copyPixels(
  picture: VideoFrame,
  formerBytes: ImageDataArray | undefined,
): Promise<ImageData | null> {
  const { format, visibleRect, colorSpace } = picture;
  // Browsers that don't say how they turn it are not asked to copy it.
  const isTurnKnown = (picture as Orientation).rotation !== undefined;
  if (!PLAIN_FORMATS.has(format) || HDR_TRANSFERS.has(colorSpace.transfer) || !visibleRect || !isTurnKnown) {
    return null;
  }
  const { width, height } = visibleRect;
  const byteLength = 4 * width * height;
  const bytes =
    formerBytes instanceof Uint8ClampedArray && formerBytes.length === byteLength
      ? formerBytes
      : new Uint8ClampedArray(byteLength);
  try {
    await picture.copyTo(bytes, { format: 'RGBA', colorSpace: 'srgb' });
    return new ImageData(bytes, width, height);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') return null;
    throw error;
  }
}

function isShownAsStored(picture: VideoFrame, width: number, height: number): boolean {
  const { visibleRect } = picture;
  const { rotation, flip } = picture as Orientation;
  return rotation === 0 && flip !== true && visibleRect?.width === width && visibleRect.height === height;
}

/** Turned, mirrored and stretched over the whole of the target. */
function drawTurned(stored: ImageData, picture: VideoFrame, target: OffscreenCanvasRenderingContext2D): void {
  const { rotation = 0, flip = false } = picture as Orientation;
  const { width, height } = target.canvas;
  const source = createCanvas();
  setSize(source.canvas, stored.width, stored.height);
  source.putImageData(stored, 0, 0);
  // Whole numbers: a sine that is not quite 0 would blur every edge.
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

function whyNot(error: unknown): GrabResult {
  if (!(error instanceof DOMException)) throw error;
  switch (error.name) {
    // HTML, "origin-clean": the video's data comes from another origin without CORS.
    case 'SecurityError':
      return { kind: 'refused', reason: 'unreadable', isForeign: true };
    // WebCodecs, VideoFrame(image): no current data.
    case 'InvalidStateError':
      return { kind: 'not-ready' };
    default:
      throw error;
  }
}

/** A part of a picture that lies wholly in it. */
function copyRows({ data, width: fullWidth }: ImageData, { left, top, width, height }: CutRegion): ImageData {
  const part = new ImageData(width, height);
  for (let row = 0; row < height; row++) {
    const from = 4 * ((top + row) * fullWidth + left);
    part.data.set(data.subarray(from, from + 4 * width), 4 * row * width);
  }
  return part;
}

/** A size that the host should not ask for is clamped: the canvas must not grow with it. */
function bounded(region: CutRegion): CutRegion {
  const clamp = (side: number): number => Math.min(MAX_CUT_SIDE_PIXELS, Math.max(1, Math.round(side)));
  return { ...region, outWidth: clamp(region.outWidth), outHeight: clamp(region.outHeight) };
}

/** What lies outside a picture is to be black, so only regions within it are copied without drawing. */
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

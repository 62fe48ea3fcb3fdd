import { DetectorError } from '../../utils/domain/errors.ts';
import type { StoredPicture } from '../../utils/domain/content-messages.ts';
import { hasCanvasNoise } from '../image/canvas-noise.ts';
import { createPictureCutter } from '../image/picture-cutter.ts';
import type { PictureCutter } from '../image/picture-cutter.ts';
import { toRaster } from '../image/raster-image.ts';
import { openStored } from '../image/stored-picture.ts';
import { closePixels, factsOf } from './frame-source.ts';
import type { Frame, FrameSource, FrameSourceEnd, UncutFrame } from './frame-source.ts';
import type { ScreenPart } from './screen-part.ts';

/**
 * Turns a source of uncut frames into one whose frames can be cut: here or, if the picture is too large to be sent, in
 * the page. Closing a frame frees its canvases, so that a scan that waits for its turn holds no picture.
 */
export function createCuttingSource(source: FrameSource<UncutFrame>): FrameSource {
  let refusal: FrameSourceEnd | null = null;
  return {
    kind: source.kind,
    nextFrame: async (signal) => {
      const uncut = await source.nextFrame(signal);
      if (uncut === null) return null;
      if (uncut.pixels.kind === 'remote') return remoteFrame(uncut, uncut.pixels.thumbnail, signal);
      // The page has tested for noise itself, but the browser may treat this context's canvases differently.
      if (hasCanvasNoise()) {
        closePixels(uncut.pixels);
        refusal = { kind: 'refused', reason: 'canvas-noise', isForeign: false };
        return null;
      }
      return await localFrame(uncut, signal);
    },
    ending: () => refusal ?? source.ending(),
    close: () => source.close(),
  };
}

function remoteFrame(uncut: UncutFrame, thumbnail: ImageData, signal: AbortSignal): Frame {
  return {
    ...factsOf(uncut),
    thumbnail: () => toRaster(thumbnail),
    cut: async (regions) => (await uncut.cut?.(regions, signal))?.map(toRaster) ?? null,
    close: () => undefined,
  };
}

async function localFrame(uncut: UncutFrame, signal: AbortSignal): Promise<Frame> {
  const cutter = createPictureCutter();
  try {
    await place(uncut, cutter);
    signal.throwIfAborted();
  } catch (error) {
    cutter.release();
    throw error;
  } finally {
    closePixels(uncut.pixels);
  }
  return {
    ...factsOf(uncut),
    thumbnail: () => toRaster(cutter.frame().thumbnail),
    cut: (regions) => Promise.resolve(cutter.cut(regions).map(toRaster)),
    close: () => cutter.release(),
  };
}

async function place({ pixels, size: { width, height } }: UncutFrame, cutter: PictureCutter): Promise<void> {
  switch (pixels.kind) {
    case 'video-frame':
      await cutter.place(pixels.picture, width, height);
      return;
    case 'stored': {
      const picture = open(pixels.stored);
      try {
        await cutter.place(picture, width, height);
      } finally {
        picture.close();
      }
      return;
    }
    case 'captured':
      cutter.paint(width, height, (context) => paintScreen(context, pixels.captured, pixels.part));
      return;
    case 'remote':
      return;
    default:
      pixels satisfies never;
  }
}

/**
 * Checks that the pictures are those that were asked for.
 * @throws DetectorError `internal`
 */
function open(stored: StoredPicture): VideoFrame {
  try {
    return openStored(stored);
  } catch (cause) {
    throw new DetectorError('internal', 'a stored frame from the content script that is no picture', {
      cause,
    });
  }
}

/** Draws the video's part of the screen over the whole canvas; the parts of it that are not the video become black. */
function paintScreen(
  context: OffscreenCanvasRenderingContext2D,
  captured: ImageBitmap,
  { part: { left, top, width, height }, blanks, size }: ScreenPart,
): void {
  context.imageSmoothingEnabled = width !== size.width || height !== size.height;
  context.imageSmoothingQuality = 'high';
  context.drawImage(captured, left, top, width, height, 0, 0, size.width, size.height);
  const across = size.width / width;
  const down = size.height / height;
  for (const blank of blanks) {
    context.fillRect(
      (blank.left - left) * across,
      (blank.top - top) * down,
      blank.width * across,
      blank.height * down,
    );
  }
}

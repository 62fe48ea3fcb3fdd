import type { FrameOfFolder } from '../../utils/domain/frames-port.ts';
import type { Sampling } from '../../utils/domain/evaluation.ts';
import { isPictureName } from '../../utils/domain/video-files.ts';
import { framePositions } from './file-source.ts';
import type { FileSource } from './file-source.ts';
import { UNREADABLE } from './frame-source.ts';
import type { FrameSourceEnd, UncutFrame } from './frame-source.ts';

/** `frame10.png` comes after `frame9.png`. */
const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * The pictures of a folder that are examined, which count as one video: in the order of their names, at the places of
 * {@link framePositions}.
 * @param framesAsked from 1; null for as many as there are, up to the most of a file
 * @returns empty where no file is a picture
 */
export function chooseFrames<Picture extends { readonly name: string }>(
  files: readonly Picture[],
  framesAsked: number | null,
  sampling?: Sampling,
): readonly { readonly number: number; readonly file: Picture }[] {
  const pictures = files
    .filter(({ name }) => isPictureName(name))
    .toSorted((one, other) => byName(one.name, other.name));
  if (pictures.length === 0) return [];
  return framePositions(pictures.length, framesAsked, sampling).map((number) => ({
    number,
    file: pictures[number]!,
  }));
}

/** Frames that lie in files of their own. A picture has no time: its number among the folder's pictures stands for seconds. */
export function createImagesSource(frames: readonly FrameOfFolder[]): FileSource {
  let next = 0;
  let frameIndex = 0;
  let ending: FrameSourceEnd | null = null;
  let hasProblem = false;

  const open = async ({ number, file }: FrameOfFolder): Promise<UncutFrame | null> => {
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      // Not a picture, or a damaged one: the others are examined.
      hasProblem = true;
      return null;
    }
    const { width, height } = bitmap;
    const picture = new VideoFrame(bitmap, { timestamp: number * 1e6 });
    bitmap.close();
    return {
      frameIndex: frameIndex++,
      mediaTimeSeconds: number,
      size: { width, height },
      pixels: { kind: 'video-frame', picture },
    };
  };

  return {
    kind: 'images',
    problem: () => (hasProblem && frameIndex === 0 ? 'damaged' : null),
    nextFrame: async (signal) => {
      while (next < frames.length) {
        signal.throwIfAborted();
        const frame = await open(frames[next++]!);
        if (frame !== null) return frame;
      }
      ending = frameIndex > 0 ? { kind: 'end' } : UNREADABLE;
      return null;
    },
    ending: () => ending,
    close: () => {
      next = frames.length;
    },
  };
}

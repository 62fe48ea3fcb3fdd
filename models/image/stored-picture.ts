import { HDR_TRANSFERS, MAX_STORED_BYTE_LENGTH, PLAIN_FORMATS } from '../../utils/domain/frames-port.ts';
import type { StoredPicture } from '../../utils/domain/content-messages.ts';

/** WebCodecs, VideoFrame: how the stored picture is turned, clockwise in degrees, and then mirrored, to be shown. */
export type Orientation = { readonly rotation?: number; readonly flip?: boolean };

/**
 * The frame that was sent; the caller closes it.
 * @throws TypeError where it is no picture
 */
export function openStored(stored: StoredPicture): VideoFrame {
  // The fields are taken by name, so that other fields of the message (a size to be shown at, another format's pixels)
  // have no effect.
  const { bytes, format, codedWidth, codedHeight, layout, colorSpace, rotation, flip } = stored;
  const init = { format, codedWidth, codedHeight, layout: [...layout], colorSpace, rotation, flip };
  return new VideoFrame(bytes, { ...init, timestamp: 0 });
}

/** Returns memory of this many bytes. */
export type BytesFor = (byteLength: number) => Uint8ClampedArray<ArrayBuffer>;

/**
 * The frame's stored bytes without a conversion: mostly three eighths of RGBA's. Frames with odd sides are not copied, since
 * half as many samples of colour are no whole number; nor are frames whose colour space WebCodecs names only in part, since
 * the host would make other colours of them.
 * @returns null for frames that must be converted here, or are too large to be sent whole
 */
export async function copyStored(picture: VideoFrame, bytesFor: BytesFor): Promise<StoredPicture | null> {
  if (!isCopyable(picture)) return null;
  const { format, visibleRect, colorSpace } = picture;
  const { width, height } = visibleRect;
  const colors = colorSpace.toJSON();
  if ((width | height) % 2 > 0 || Object.values(colors).includes(null)) return null;
  const { rotation, flip } = picture as VideoFrame & Required<Orientation>;
  return await supported(async () => {
    const byteLength = picture.allocationSize();
    if (byteLength > MAX_STORED_BYTE_LENGTH) return null;
    const bytes = bytesFor(byteLength);
    return {
      bytes,
      layout: await picture.copyTo(bytes),
      format,
      codedWidth: width,
      codedHeight: height,
      colorSpace: colors,
      rotation,
      flip,
    };
  });
}

/**
 * The frame's stored picture as RGBA in sRGB. With the cutter's turning this gives the same bytes as drawing the frame
 * (test/browser/content-pixels.test.ts) in a third of the time. Drawing would also leave each picture in Chromium's cache
 * of decoded images for hours.
 * @returns null for frames that only drawing converts: HDR, half transparent, or in memory that can't be copied
 */
export async function copyPixels(picture: VideoFrame, bytesFor: BytesFor): Promise<ImageData | null> {
  if (!isCopyable(picture)) return null;
  const { width, height } = picture.visibleRect;
  const bytes = bytesFor(4 * width * height);
  return await supported(async () => {
    await picture.copyTo(bytes, { format: 'RGBA', colorSpace: 'srgb' });
    return new ImageData(bytes, width, height);
  });
}

type CopyableFrame = VideoFrame & {
  readonly format: StoredPicture['format'];
  readonly visibleRect: DOMRectReadOnly;
};

function isCopyable(picture: VideoFrame): picture is CopyableFrame {
  const { format, visibleRect, colorSpace } = picture;
  // A browser that does not state the turn is not asked to copy.
  const isTurnKnown = (picture as Orientation).rotation !== undefined;
  return (
    PLAIN_FORMATS.some((plain) => plain === format) &&
    !HDR_TRANSFERS.includes(colorSpace.transfer) &&
    visibleRect !== null &&
    isTurnKnown
  );
}

/**
 * Copies the frame.
 * @returns null where the browser can't copy this frame. It then throws several kinds of errors (a TypeError for a
 *   picture that begins between two samples of colour), so all are caught; the caller draws the frame instead
 */
async function supported<T>(copy: () => Promise<T>): Promise<T | null> {
  try {
    return await copy();
  } catch {
    return null;
  }
}

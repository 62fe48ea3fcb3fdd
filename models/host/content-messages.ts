import { MAX_STORED_BYTE_LENGTH, THUMBNAIL_SIDE_PIXELS } from '../../utils/domain/frames-port.ts';
import type {
  ContentToHost,
  DecodedSoFar,
  PageBox,
  ScreenPlace,
  StoredPicture,
  UnreadableReason,
} from '../../utils/domain/frames-port.ts';
import type { ScannedVideo } from '../../utils/domain/scan.ts';
import { HDR_TRANSFERS, PLAIN_FORMATS } from '../image/stored-picture.ts';

/**
 * A content script runs in a page's process, which a page could take over: what it says is checked before anything is
 * done with it. The limits are far beyond what ours says.
 */
const MAX_ID_LENGTH = 100;
/** A title or address in the history; data: addresses of whole videos are cut off by the content script. */
const MAX_TEXT_LENGTH = 100_000;
/** Of a frame, a side. Beyond 16K nothing decodes. */
const MAX_FRAME_SIDE_PIXELS = 16_384;
/** Crops of one frame: every person and every face that gets a second look. */
const MAX_CUTS = 64;
const MAX_FRAMES_ASKED = 10_000;
/** Brightness and two of colour. */
const MAX_PLANES = 3;
/** The content script looks at a grid of places and at four corners. */
const MAX_COVERED_BOXES = 200;

/** The message, or null for anything that ours would not say. */
export function readContentMessage(message: unknown): ContentToHost | null {
  if (!isRecord(message)) return null;
  return isWellFormed(message) ? (message as ContentToHost) : null;
}

function isWellFormed(message: Readonly<Record<string, unknown>>): boolean {
  switch (message.type) {
    case 'start':
      return (
        isText(message.scanId, MAX_ID_LENGTH) &&
        isVideo(message.video) &&
        isFrameNumber(message.framesAsked) &&
        (message.way === undefined || message.way === 'screen') &&
        (message.file === undefined || message.file instanceof Blob) &&
        (message.isAutomatic === undefined ||
          message.isAutomatic === false ||
          (message.isAutomatic === true && message.framesAsked !== null))
      );
    case 'frame':
      return areFrameFacts(message) && isPicture(message.thumbnail, THUMBNAIL_SIDE_PIXELS);
    case 'stored-frame':
      return (
        areFrameFacts(message) &&
        // The host makes a picture of the size at which it is shown.
        (message.widthPixels as number) * (message.heightPixels as number) <= MAX_STORED_BYTE_LENGTH &&
        isStoredPicture(message.stored)
      );
    case 'cuts':
      return (
        isCount(message.frameIndex, 0, Number.MAX_SAFE_INTEGER) &&
        Array.isArray(message.cuts) &&
        message.cuts.length <= MAX_CUTS &&
        message.cuts.every((cut) => isPicture(cut, MAX_FRAME_SIDE_PIXELS))
      );
    case 'hold':
      return typeof message.isHeld === 'boolean';
    case 'refuse':
      return (
        isUnreadableReason(message.reason) &&
        (message.isForeign === undefined || typeof message.isForeign === 'boolean')
      );
    case 'place':
      return (
        isCount(message.lookId, 1, Number.MAX_SAFE_INTEGER) &&
        isPlace(message.place) &&
        isCount(message.widthPixels, 1, MAX_FRAME_SIDE_PIXELS) &&
        isCount(message.heightPixels, 1, MAX_FRAME_SIDE_PIXELS) &&
        isFiniteNumber(message.mediaTimeSeconds) &&
        typeof message.isPaused === 'boolean'
      );
    case 'end':
      return message.isStill === undefined || typeof message.isStill === 'boolean';
    case 'video-gone':
      return true;
    default:
      return false;
  }
}

function areFrameFacts(message: Readonly<Record<string, unknown>>): boolean {
  return (
    isCount(message.frameIndex, 0, Number.MAX_SAFE_INTEGER) &&
    isFiniteNumber(message.mediaTimeSeconds) &&
    isCount(message.widthPixels, 1, MAX_FRAME_SIDE_PIXELS) &&
    isCount(message.heightPixels, 1, MAX_FRAME_SIDE_PIXELS) &&
    (message.decoded === undefined || isDecodedSoFar(message.decoded))
  );
}

/** Whether its planes lie within its bytes, the browser's own VideoFrame looks itself. */
function isStoredPicture(value: unknown): value is StoredPicture {
  return (
    isRecord(value) &&
    value.bytes instanceof Uint8ClampedArray &&
    value.bytes.byteLength <= MAX_STORED_BYTE_LENGTH &&
    // Every format has more than a byte a pixel.
    isCount(value.codedWidth, 1, MAX_FRAME_SIDE_PIXELS) &&
    isCount(value.codedHeight, 1, MAX_FRAME_SIDE_PIXELS) &&
    (value.codedWidth as number) * (value.codedHeight as number) <= value.bytes.byteLength &&
    PLAIN_FORMATS.includes(value.format as VideoPixelFormat) &&
    Array.isArray(value.layout) &&
    value.layout.length <= MAX_PLANES &&
    isRecord(value.colorSpace) &&
    !HDR_TRANSFERS.includes(value.colorSpace.transfer as string) &&
    isFiniteNumber(value.rotation) &&
    typeof value.flip === 'boolean'
  );
}

function isDecodedSoFar(value: unknown): value is DecodedSoFar {
  return (
    isRecord(value) &&
    isCount(value.byteLength, 1, Number.MAX_SAFE_INTEGER) &&
    isCount(value.frames, 1, Number.MAX_SAFE_INTEGER)
  );
}

function isVideo(value: unknown): value is ScannedVideo {
  return (
    isRecord(value) &&
    isText(value.pageUrl, MAX_TEXT_LENGTH) &&
    isText(value.title, MAX_TEXT_LENGTH) &&
    (value.fileUrl === null || isText(value.fileUrl, MAX_TEXT_LENGTH)) &&
    (value.isServed === undefined || typeof value.isServed === 'boolean') &&
    (value.postUrl === undefined || value.postUrl === null || isText(value.postUrl, MAX_TEXT_LENGTH)) &&
    isFiniteNumber(value.widthPixels) &&
    isFiniteNumber(value.heightPixels) &&
    (value.durationSeconds === null || isFiniteNumber(value.durationSeconds))
  );
}

function isPlace(value: unknown): value is ScreenPlace {
  return (
    isRecord(value) &&
    isSide(value.viewportWidth) &&
    isSide(value.viewportHeight) &&
    isBox(value.picture) &&
    (value.visible === null || isBox(value.visible)) &&
    Array.isArray(value.covered) &&
    value.covered.length <= MAX_COVERED_BOXES &&
    value.covered.every(isBox)
  );
}

function isBox(value: unknown): value is PageBox {
  return (
    isRecord(value) &&
    [value.left, value.top, value.width, value.height].every((side) => isFiniteNumber(side))
  );
}

function isSide(value: unknown): boolean {
  return isFiniteNumber(value) && (value as number) >= 1 && (value as number) <= MAX_FRAME_SIDE_PIXELS;
}

function isUnreadableReason(value: unknown): value is UnreadableReason {
  return value === 'unreadable' || value === 'protected' || value === 'canvas-noise';
}

function isFrameNumber(value: unknown): boolean {
  return value === null || isCount(value, 1, MAX_FRAMES_ASKED);
}

function isPicture(value: unknown, maxSidePixels: number): boolean {
  return value instanceof ImageData && Math.max(value.width, value.height) <= maxSidePixels;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value.length <= maxLength;
}

function isFiniteNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

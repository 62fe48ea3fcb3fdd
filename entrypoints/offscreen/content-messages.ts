import { THUMBNAIL_SIDE_PIXELS } from '../../utils/frames-port.ts';
import type { ContentToHost } from '../../utils/frames-port.ts';
import type { ScannedVideo } from '../../utils/scan.ts';

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
        (message.framesAsked === null || isCount(message.framesAsked, 1, MAX_FRAMES_ASKED)) &&
        (message.isAutomatic === undefined ||
          message.isAutomatic === false ||
          (message.isAutomatic === true && message.framesAsked !== null))
      );
    case 'frame':
      return (
        isCount(message.frameIndex, 0, Number.MAX_SAFE_INTEGER) &&
        isFiniteNumber(message.mediaTimeSeconds) &&
        isCount(message.widthPixels, 1, MAX_FRAME_SIDE_PIXELS) &&
        isCount(message.heightPixels, 1, MAX_FRAME_SIDE_PIXELS) &&
        isPicture(message.thumbnail, THUMBNAIL_SIDE_PIXELS)
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
      return message.reason === 'unreadable' || message.reason === 'protected';
    case 'end':
      return message.isStill === undefined || typeof message.isStill === 'boolean';
    case 'video-gone':
      return true;
    default:
      return false;
  }
}

function isVideo(value: unknown): value is ScannedVideo {
  return (
    isRecord(value) &&
    isText(value.pageUrl, MAX_TEXT_LENGTH) &&
    isText(value.title, MAX_TEXT_LENGTH) &&
    (value.fileUrl === null || isText(value.fileUrl, MAX_TEXT_LENGTH)) &&
    (value.postUrl === undefined || value.postUrl === null || isText(value.postUrl, MAX_TEXT_LENGTH)) &&
    isFiniteNumber(value.widthPixels) &&
    isFiniteNumber(value.heightPixels) &&
    (value.durationSeconds === null || isFiniteNumber(value.durationSeconds))
  );
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

import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import { FILE_PROBLEMS } from '../../utils/domain/scan.ts';
import type { FileProblem } from '../../utils/domain/scan.ts';
import { areBothLong, frameTimes, USUAL_FRAME_SECONDS } from './frame-times.ts';
import type { FrameTimes, ShownFrame } from './frame-times.ts';

/** A file's video in a hidden, paused element. */
export type SourceVideo = {
  readonly video: HTMLVideoElement;
  /**
   * The number of frames in the whole file. It is exact where frames come at even intervals, up to a quarter of an hour
   * at 30 a second.
   */
  readonly frameCount: number;
  /**
   * Shows the frame of this number, from 0.
   * @returns its time in seconds
   */
  readonly showFrame: (frameNumber: number, signal: AbortSignal) => Promise<number>;
  /** Drops the file and the parts of it that were read. */
  readonly release: () => void;
};

/** The addresses that are opened, in the order in which they are tried. */
export type SourceAddress = {
  readonly url: string;
  /** With CORS, the file's server itself allows reading. Without it, the user's permission for the host does. */
  readonly isWithCors: boolean;
};

/** With a slower server, the user would wait longer than for another source. */
const OPEN_TIMEOUT_MILLISECONDS = 10_000;
/** The time for one seek over a slow line, in a file whose key frames lie far apart. */
const SEEK_TIMEOUT_MILLISECONDS = 15_000;
/** The time for reading a file without a stated length to its end: some minutes of a recording over a usual line. */
const READ_TO_END_TIMEOUT_MILLISECONDS = 20_000;
/** A time that no file reaches (four months). Browsers seek to the end of a shorter file, and then know its length. */
const BEYOND_EVERY_END_SECONDS = 1e7;
/** Sometimes `seeked` comes before the new frame, which follows within milliseconds, or later on a busy machine. */
const SETTLE_ATTEMPTS = 50;
const SETTLE_MILLISECONDS = 20;
/** The position is kept in microseconds. */
const MAX_SEEK_ERROR_SECONDS = 0.001;

/**
 * Opens a file by its address. Nothing but the parts that seeking needs is read of it, and the page that shows the same
 * file is not touched.
 * @throws AbortError; DetectorError `source-refused` where the file can't be had, read or sought in, `source-protected`
 *   where it is encrypted
 */
export async function openSourceVideo(
  { url, isWithCors }: SourceAddress,
  signal: AbortSignal,
): Promise<SourceVideo> {
  signal.throwIfAborted();
  const video = document.createElement('video');
  const release = (): void => {
    video.removeAttribute('src');
    // HTML, "best practices for authors using media elements": gives the decoder and the connection back at once.
    video.load();
  };
  try {
    video.muted = true;
    // With another value the browser reads further ahead than is needed.
    video.preload = 'metadata';
    if (isWithCors) video.crossOrigin = 'anonymous';
    const hasData = settled(video, 'loadeddata', OPEN_TIMEOUT_MILLISECONDS, signal);
    video.src = url;
    await hasData;
    if (video.videoWidth === 0) throw refused('no-picture', 'the file has no picture');
    if (!Number.isFinite(video.duration)) await findEnd(video, signal);
    const frames = await measureFrames(video, signal);
    return {
      video,
      frameCount: frames.count,
      showFrame: (frameNumber, frameSignal) =>
        seekToFrame(video, frames.firstSeconds + frameNumber * frames.intervalSeconds, frames, frameSignal),
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Has the browser read a file to its end, after which it knows the duration: screen recorders write WebM without one.
 * @throws DetectorError `source-refused` where it has no end, as a live stream, or where that takes too long
 */
async function findEnd(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  const isThere = settled(video, 'seeked', READ_TO_END_TIMEOUT_MILLISECONDS, signal);
  video.currentTime = BEYOND_EVERY_END_SECONDS;
  await isThere.catch((error: unknown) => {
    throw isDetectorError(error, 'source-refused') && problemOf(error) === 'slow'
      ? refused('endless', 'the file has no end')
      : error;
  });
  if (!Number.isFinite(video.duration)) throw refused('endless', 'the file has no end');
}

/**
 * How many frames there are, from some frames' times and lengths. A `<video>` does not tell, but the frames that it shows
 * do. Uneven frames are counted as even ones: evenly spaced in time.
 * @throws DetectorError `source-refused` where the file can't be sought in
 */
async function measureFrames(video: HTMLVideoElement, signal: AbortSignal): Promise<FrameTimes> {
  // Right after `loadeddata` no frame can be read yet.
  await seek(video, 0, signal);
  const first = await settledFrame(video, () => true, signal);
  await seek(video, video.duration, signal);
  const last = await settledFrame(video, ({ seconds }) => seconds > first.seconds, signal);
  // A server without ranges: the element stays where it is. The file must not be taken for one with a single frame.
  if (last.seconds <= first.seconds && video.currentTime < video.duration / 2) {
    throw refused('unseekable', 'the file can’t be sought in');
  }
  if (!areBothLong(first, last)) return frameTimes(first, last);
  await seek(video, (first.seconds + last.seconds) / 2, signal);
  const middle = await settledFrame(video, ({ seconds }) => seconds < last.seconds, signal);
  return frameTimes(first, last, [middle]);
}

async function seekToFrame(
  video: HTMLVideoElement,
  seconds: number,
  { intervalSeconds }: FrameTimes,
  signal: AbortSignal,
): Promise<number> {
  // At a frame's exact beginning, rounding may show the frame before; from its middle on, Chromium shows the next frame
  // where that is a key frame.
  const within = seconds + intervalSeconds / 4;
  await seek(video, within, signal);
  const isIt = (frame: ShownFrame): boolean =>
    frame.seconds <= within &&
    within < frame.seconds + 2 * Math.max(frame.lengthSeconds ?? USUAL_FRAME_SECONDS, intervalSeconds);
  const frame = await settledFrame(video, isIt, signal);
  // Where frames are uneven, one may be shown for long, and the file does not state it.
  const isThere = Math.abs(video.currentTime - within) < MAX_SEEK_ERROR_SECONDS && frame.seconds <= within;
  if (!isIt(frame) && !isThere) {
    // A server without ranges: the element stays where it is.
    throw refused('unseekable', `asked for ${String(within)} s, got ${String(frame.seconds)}`);
  }
  return frame.seconds;
}

/**
 * @returns null while the element has no picture yet
 * @throws DetectorError `source-refused` where the browser does not let the picture be read
 */
function shownFrame(video: HTMLVideoElement): ShownFrame | null {
  let frame: VideoFrame;
  try {
    frame = new VideoFrame(video);
  } catch (cause) {
    // WebCodecs, VideoFrame(image): no current data.
    if ((cause as Error).name === 'InvalidStateError') return null;
    throw refused('closed', 'the picture can’t be read', cause);
  }
  const { timestamp, duration } = frame;
  frame.close();
  return {
    seconds: timestamp / 1e6,
    lengthSeconds: duration !== null && duration > 0 ? duration / 1e6 : null,
  };
}

/**
 * The shown frame once it is as expected, or any frame after a second.
 * @throws DetectorError `source-refused` where there is none then
 */
async function settledFrame(
  video: HTMLVideoElement,
  isExpected: (frame: ShownFrame) => boolean,
  signal: AbortSignal,
): Promise<ShownFrame> {
  let frame = shownFrame(video);
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
    if (frame !== null && isExpected(frame)) return frame;
    await new Promise((elapsed) => setTimeout(elapsed, SETTLE_MILLISECONDS));
    signal.throwIfAborted();
    frame = shownFrame(video);
  }
  if (frame === null) throw refused('damaged', 'the file shows no picture');
  return frame;
}

async function seek(video: HTMLVideoElement, seconds: number, signal: AbortSignal): Promise<void> {
  const isThere = settled(video, 'seeked', SEEK_TIMEOUT_MILLISECONDS, signal);
  video.currentTime = Math.min(seconds, video.duration);
  await isThere;
}

/**
 * Resolves at the event.
 * @throws AbortError; DetectorError `source-refused` at an error or after that time, `source-protected` at an encrypted part
 */
function settled(
  video: HTMLVideoElement,
  event: 'loadeddata' | 'seeked',
  timeoutMilliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const over = new AbortController();
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(refused('slow', `no ${event}`)), timeoutMilliseconds);
    const options = { signal: over.signal };
    over.signal.addEventListener('abort', () => clearTimeout(timer));
    video.addEventListener(event, () => resolve(), options);
    video.addEventListener('error', () => reject(refusedBy(video.error)), options);
    // Encrypted Media Extensions: from here on the element would wait for a key for ever.
    video.addEventListener(
      'encrypted',
      () => reject(new DetectorError('source-protected', 'the file is encrypted')),
      options,
    );
    signal.addEventListener('abort', () => reject(signal.reason as Error), options);
  }).finally(() => over.abort());
}

/** A file that could not be used, and the reason. */
export function refused(problem: FileProblem, message: string, cause?: unknown): DetectorError {
  return new DetectorError('source-refused', message, { cause, params: { problem } });
}

/** HTML, "media element error codes". Before its picture is known, a file that does not come looks like one that can't be played. */
function refusedBy(error: MediaError | null): DetectorError {
  const message = error?.message ?? 'error';
  switch (error?.code) {
    case MediaError.MEDIA_ERR_NETWORK:
      return refused('broken-off', message);
    case MediaError.MEDIA_ERR_DECODE:
      return refused('damaged', message);
    default:
      return refused('unplayable', message);
  }
}

/** Why a file could not be used, if the error is one of this file; else null. */
export function problemOf(error: unknown): FileProblem | null {
  if (!isDetectorError(error, 'source-refused')) return null;
  return FILE_PROBLEMS.find((problem) => problem === error.params.problem) ?? null;
}

import type { Sampling } from '../../../utils/domain/evaluation.ts';
import { framePositions } from '../file-source.ts';
import { frameTimes, USUAL_FRAME_SECONDS } from '../frame-times.ts';
import type { FrameTimes } from '../frame-times.ts';
import { refused } from '../seekable-video.ts';
import { INPUT, INPUT_LIMITS, OUTPUT } from './ffmpeg-runner.ts';
import type { RunFfmpeg } from './ffmpeg-runner.ts';
import { byteLengthOf } from './picture.ts';
import type { DecodedPicture } from './picture.ts';
import { MAX_PICTURE_PIXELS, probeVideo } from './probe.ts';
import type { ProbedStream } from './probe.ts';
import { filterName, readColourLine, readFrameLine } from './showinfo.ts';
import type { ColourInfo, FrameInfo } from './showinfo.ts';

/** Enough for the usual distance between frames. */
const HEAD_FRAMES = 8;
/** How far before the stated end the last frame is looked for; four times as far each time that none is found. */
const TAIL_SECONDS = 0.5;
/** How far seeking may end behind the asked time in some containers: MPEG has a whole picture every half second. */
const FIRST_MARGIN_SECONDS = 1.5;
const GROWTH = 4;
/**
 * A stream that does not state its length has to be decoded as a whole. This is half of the time that the document
 * waits for an answer.
 */
const MAX_MEASURING_MILLISECONDS = 45_000;

/** Frames that lie closer together come from one run. Decoding a second costs about as much as starting a new run. */
const MAX_GAP_SECONDS = 1;
/** The memory of one run's pictures. */
const MAX_BATCH_BYTES = 48 * 2 ** 20;
/** The most frames of one run, since the expression that chooses frames grows with their number. */
const MAX_BATCH_FRAMES = 32;

/** A frame with its place in the file, and the average bytes of a frame in the file; null where that is not known. */
export type FfmpegFrame = DecodedPicture & { readonly averageByteLength: number | null };

/**
 * Frames of a file at the original's own places in it, in the order of time.
 * @param framesAsked from 1; null for as many as the file has to give
 * @throws DetectorError `source-refused` (`unplayable`, `no-picture`, `damaged`, `endless`), `source-protected`
 */
export async function* readFfmpegFrames(
  run: RunFfmpeg,
  framesAsked: number | null,
  sampling?: Sampling,
): AsyncGenerator<FfmpegFrame, void> {
  const stream = await probeVideo(run);
  const { times, first } = await measureFrames(run, stream);
  const { firstSeconds, intervalSeconds } = times;
  const targets = framePositions(times.count, framesAsked, sampling).map(
    (position) => firstSeconds + position * intervalSeconds,
  );
  const { bitsPerSecond } = stream;
  const averageByteLength = bitsPerSecond === null ? null : (bitsPerSecond / 8) * intervalSeconds;
  const seek = { marginSeconds: 0 };
  let lastSeconds = Number.NEGATIVE_INFINITY;
  for (const batch of batchesOf(targets, first)) {
    const { pictures, isDamaged } = await readAt(run, stream, { batch, intervalSeconds, seek });
    for (const picture of pictures) {
      // A frame that is shown for long lies at several places, but is only one frame.
      if (picture.info.seconds <= lastSeconds) continue;
      lastSeconds = picture.info.seconds;
      yield { ...picture, averageByteLength };
    }
    if (isDamaged) throw refused('damaged', 'a frame of the file is damaged');
  }
}

/** Where the stream's frames lie, from its first frames, its last one and its stated rate. */
async function measureFrames(
  run: RunFfmpeg,
  stream: ProbedStream,
): Promise<{ readonly times: FrameTimes; readonly first: FrameInfo }> {
  const { startSeconds, durationSeconds } = stream;
  const head = await decode(run, stream, { fromSeconds: null, frameCount: HEAD_FRAMES, kept: null });
  const [first] = head.decoded;
  if (first === undefined) {
    throw refused(head.hasDecoder ? 'damaged' : 'unplayable', 'FFmpeg decodes no frame of the file');
  }
  let last = first;
  let back = TAIL_SECONDS;
  for (let isSought = true; isSought; back *= GROWTH) {
    const from = durationSeconds === null ? 0 : durationSeconds - back;
    isSought = from > 0;
    const tail = await decode(run, stream, {
      fromSeconds: isSought ? startSeconds + from : null,
      frameCount: null,
      kept: null,
      maxMilliseconds: MAX_MEASURING_MILLISECONDS,
    });
    last = tail.decoded.at(-1) ?? first;
    if (last.seconds > first.seconds) break;
  }
  const lengthSeconds = frameLength(head.decoded, stream.frameRate);
  const times = frameTimes(
    { seconds: first.seconds, lengthSeconds },
    { seconds: last.seconds, lengthSeconds },
  );
  return { times, first };
}

/** The stated rate, unless the first frames come at less than half or more than twice of it. */
function frameLength(frames: readonly FrameInfo[], frameRate: number | null): number {
  const stated = frameRate === null ? null : 1 / frameRate;
  const span = frames.at(-1)!.seconds - frames[0]!.seconds;
  const measured = frames.length > 1 && span > 0 ? span / (frames.length - 1) : null;
  if (measured === null) return stated ?? USUAL_FRAME_SECONDS;
  return stated === null || stated > 2 * measured || stated < measured / 2 ? measured : stated;
}

/** The times of the frames that one run gives. */
function* batchesOf(targets: readonly number[], first: FrameInfo): Generator<readonly number[]> {
  const mostFrames = Math.max(1, Math.floor(MAX_BATCH_BYTES / (4 * first.width * first.height)));
  let batch: number[] = [];
  for (const target of targets) {
    const isFull = batch.length >= Math.min(MAX_BATCH_FRAMES, mostFrames);
    if (batch.length > 0 && (isFull || target - batch.at(-1)! > MAX_GAP_SECONDS)) {
      yield batch;
      batch = [];
    }
    batch.push(target);
  }
  if (batch.length > 0) yield batch;
}

type Batch = {
  readonly batch: readonly number[];
  readonly intervalSeconds: number;
  /** How long before a frame decoding has to begin in this file. It grows where seeking ended too late. */
  readonly seek: { marginSeconds: number };
};

/**
 * The frames at these times: the first one that begins after three quarters of a frame before each. In a stream with even
 * frames this is the frame that an element shows a quarter of a frame after that time. They end before the first damaged one.
 */
async function readAt(
  run: RunFfmpeg,
  stream: ProbedStream,
  { batch, intervalSeconds, seek }: Batch,
): Promise<{ readonly pictures: readonly DecodedPicture[]; readonly isDamaged: boolean }> {
  const begins = batch.map((target) => target - 0.75 * intervalSeconds);
  for (;;) {
    const from = batch[0]! - seek.marginSeconds;
    const isSought = from > stream.startSeconds + MAX_GAP_SECONDS;
    const { firstKey, pictures, corrupt } = await decode(run, stream, {
      fromSeconds: isSought ? from : null,
      frameCount: batch.length,
      kept: begins,
    });
    // MPEG can be sought by its clock alone, and in AVI seeking may end between key frames. Pictures before the first
    // key frame refer to pictures that are missing.
    const isTooLate = (firstKey?.seconds ?? Number.POSITIVE_INFINITY) > batch[0]! + 0.25 * intervalSeconds;
    if (isSought && isTooLate) {
      seek.marginSeconds = Math.max(FIRST_MARGIN_SECONDS, GROWTH * seek.marginSeconds);
      continue;
    }
    const found = begins.flatMap((begin) => pictures.find(({ info }) => info.seconds > begin) ?? []);
    const damaged = found.findIndex(({ info }) => corrupt.has(info.seconds));
    return damaged === -1
      ? { pictures: found, isDamaged: false }
      : { pictures: found.slice(0, damaged), isDamaged: true };
  }
}

type DecodeOptions = {
  /** Where decoding begins, in the stream's own time; null for its beginning. */
  readonly fromSeconds: number | null;
  /** The number of frames to decode; null for all up to the end. */
  readonly frameCount: number | null;
  /** For each of these times, the first frame after it is written; null to write none. */
  readonly kept: readonly number[] | null;
  readonly maxMilliseconds?: number;
};

type Decoded = {
  /** The first frames, and the last one. */
  readonly decoded: readonly FrameInfo[];
  readonly firstKey: FrameInfo | null;
  readonly pictures: readonly DecodedPicture[];
  /** Times of frames that FFmpeg completed with made-up parts. */
  readonly corrupt: ReadonlySet<number>;
  readonly hasDecoder: boolean;
};

/** One run of FFmpeg over the stream. */
async function decode(
  run: RunFfmpeg,
  { index, startSeconds, acceptedFormats }: ProbedStream,
  { fromSeconds, frameCount, kept, maxMilliseconds }: DecodeOptions,
): Promise<Decoded> {
  const [decodedFilter, writtenFilter] = [filterName(), filterName()];
  const decoded: FrameInfo[] = [];
  let firstKey: FrameInfo | null = null;
  const written: { info: FrameInfo; colour: ColourInfo | null }[] = [];
  const corrupt = new Set<number>();
  let isNextCorrupt = false;
  let hasDecoder = true;
  const read = (line: string): void => {
    if (line.includes('corrupt decoded frame')) isNextCorrupt = true;
    if (/Decoder .*not found|doesn't suppport hardware/.test(line)) hasDecoder = false;
    const frame = readFrameLine(line, decodedFilter);
    if (frame !== null) {
      if (isNextCorrupt) corrupt.add(frame.seconds);
      isNextCorrupt = false;
      if (frame.isKey) firstKey ??= frame;
      if (decoded.length > HEAD_FRAMES) decoded.pop();
      decoded.push(frame);
      return;
    }
    const info = readFrameLine(line, writtenFilter);
    if (info !== null) written.push({ info, colour: null });
    const last = written.at(-1);
    if (last !== undefined) last.colour ??= readColourLine(line, writtenFilter);
  };
  const filters =
    kept === null
      ? [`${decodedFilter}=checksum=0`]
      : [
          `${decodedFilter}=checksum=0`,
          `select='${firstAfterEach(kept)}'`,
          `format=${acceptedFormats}`,
          `${writtenFilter}=checksum=0`,
        ];
  const output = await run(
    'exec',
    [
      ...['-hide_banner', '-nostats', '-v', 'info'],
      ...INPUT_LIMITS,
      ...['-max_pixels', String(MAX_PICTURE_PIXELS), '-copyts', '-noaccurate_seek'],
      ...(fromSeconds === null ? [] : ['-ss', Math.max(0, fromSeconds - startSeconds).toFixed(6)]),
      ...['-i', INPUT, '-map', `0:${index}`, '-vf', filters.join(','), '-fps_mode', 'passthrough'],
      ...(frameCount === null ? [] : ['-frames:v', String(frameCount)]),
      ...(kept === null ? ['-f', 'null', '-'] : ['-f', 'rawvideo', OUTPUT]),
    ],
    { onLine: read, ...(maxMilliseconds !== undefined && { maxMilliseconds }) },
  );
  return { decoded, firstKey, pictures: splitPictures(output, written), corrupt, hasDecoder };
}

/**
 * FFmpeg's expression that is true of the first frame after each of these times. After the last one it stays true, so that the
 * run ends with its number of frames where one frame is the first after several times.
 */
function firstAfterEach(times: readonly number[]): string {
  const passed = times.map((time) => `gt(t,${time.toFixed(6)})`).join('+');
  return `st(1,${passed});st(2,gt(ld(1),ld(0))+gte(ld(1),${times.length}));st(0,ld(1));ld(2)`;
}

function splitPictures(
  output: Uint8Array<ArrayBuffer>,
  written: readonly { readonly info: FrameInfo; readonly colour: ColourInfo | null }[],
): readonly DecodedPicture[] {
  const pictures: DecodedPicture[] = [];
  let from = 0;
  for (const { info, colour } of written) {
    const to = from + (byteLengthOf(info) ?? Number.POSITIVE_INFINITY);
    // The filter sees a frame more than is written.
    if (to > output.length) break;
    const unknown = { range: 'unknown', matrix: 'unknown', primaries: 'unknown', transfer: 'unknown' };
    pictures.push({ info, colour: colour ?? unknown, bytes: output.slice(from, to) });
    from = to;
  }
  return pictures;
}

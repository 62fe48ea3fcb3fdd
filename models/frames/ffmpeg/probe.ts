import * as v from 'valibot';
import { DetectorError } from '../../../utils/domain/errors.ts';
import { refused } from '../seekable-video.ts';
import { INPUT, INPUT_LIMITS, OUTPUT } from './ffmpeg-runner.ts';
import type { RunFfmpeg } from './ffmpeg-runner.ts';
import { acceptedFormats } from './picture.ts';

const decimal = v.pipe(v.string(), v.transform(Number), v.finite());

/** What ffprobe says in JSON. Fields that a container does not state are left out. */
const probeSchema = v.object({
  streams: v.array(
    v.object({
      index: v.pipe(v.number(), v.integer(), v.minValue(0)),
      codec_type: v.optional(v.string()),
      codec_name: v.optional(v.string()),
      width: v.optional(v.number()),
      height: v.optional(v.number()),
      pix_fmt: v.optional(v.string()),
      color_range: v.optional(v.string()),
      avg_frame_rate: v.optional(v.string()),
      bit_rate: v.optional(decimal),
      disposition: v.optional(v.object({ attached_pic: v.optional(v.number()) })),
    }),
  ),
  /** The first packets. Encrypted ones have the key's number beside them. */
  packets: v.optional(
    v.array(
      v.object({
        side_data_list: v.optional(v.array(v.object({ side_data_type: v.optional(v.string()) }))),
      }),
    ),
  ),
  format: v.object({
    start_time: v.optional(decimal),
    duration: v.optional(decimal),
    bit_rate: v.optional(decimal),
  }),
});

/** A file's first video stream. */
export type ProbedStream = {
  /** Among all streams of the file. */
  readonly index: number;
  readonly codec: string;
  /** FFmpeg's names of the formats that its pictures may be converted to. */
  readonly acceptedFormats: string;
  /** Frames a second over the whole stream; null where that is not known. */
  readonly frameRate: number | null;
  /** Bits a second of the pictures alone; null where that is not known. */
  readonly bitsPerSecond: number | null;
  /** Time of the file's first packet, from which seeking counts. */
  readonly startSeconds: number;
  /** Duration of the file; null where the container does not state it and FFmpeg can't estimate it. */
  readonly durationSeconds: number | null;
};

/** 8192 × 4320. A decoder takes some 20 bytes a pixel for the frames that it refers to, and has 2 GB at most. */
export const MAX_PICTURE_PIXELS = 35_389_440;
/** Cameras take up to 240 frames a second. A higher rate is that of a clock. */
const MAX_FRAME_RATE = 240;

/** FFmpeg's words about a packet under ISO 23001-7 (MP4), and about WMV and Matroska. */
const ENCRYPTED_PACKET = 'Encryption info';
const ENCRYPTED_LINE = /DRM protected stream|encrypt/i;

/**
 * Reads a file's headers.
 * @throws DetectorError `source-refused`: `unplayable` for a file that is no video known to FFmpeg, `no-picture`,
 *   `damaged`; `source-protected` where it is encrypted
 */
export async function probeVideo(run: RunFfmpeg): Promise<ProbedStream> {
  const said = { hasLostIndex: false, isEncrypted: false };
  const json = await run(
    'ffprobe',
    [
      ...['-v', 'warning', ...INPUT_LIMITS, '-print_format', 'json'],
      ...['-show_streams', '-show_format', '-show_packets', '-read_intervals', '%+#8', '-o', OUTPUT, INPUT],
    ],
    {
      onLine: (line) => {
        said.hasLostIndex ||= line.includes('moov atom not found');
        said.isEncrypted ||= ENCRYPTED_LINE.test(line);
      },
    },
  );
  const probe = v.safeParse(probeSchema, parseJson(json));
  if (said.isEncrypted) throw new DetectorError('source-protected', 'the file is encrypted');
  if (!probe.success) {
    throw refused(said.hasLostIndex ? 'damaged' : 'unplayable', 'FFmpeg knows no such file');
  }
  const { streams, packets = [], format } = probe.output;
  // A container that breaks off before its list of streams.
  if (streams.length === 0) throw refused('damaged', 'FFmpeg finds no stream in the file');
  const video = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1,
  );
  if (video === undefined) throw refused('no-picture', 'the file has no picture');
  const sideData = packets.flatMap(({ side_data_list = [] }) => side_data_list);
  if (sideData.some(({ side_data_type }) => side_data_type === ENCRYPTED_PACKET)) {
    throw new DetectorError('source-protected', 'the file is encrypted');
  }
  const { codec_name: codec = 'unknown', pix_fmt: pixelFormat = 'unknown', width = 0, height = 0 } = video;
  if (codec === 'unknown' || codec === 'none') throw refused('unplayable', 'FFmpeg has no such decoder');
  if (width * height > MAX_PICTURE_PIXELS) throw refused('unplayable', 'the picture is too large');
  return {
    index: video.index,
    codec,
    acceptedFormats: acceptedFormats(pixelFormat, {
      isFullRange: video.color_range === 'pc' || /^(yuvj|gray|ya)/.test(pixelFormat),
      isOdd: width % 2 === 1 || height % 2 === 1,
    }),
    frameRate: readRate(video.avg_frame_rate),
    bitsPerSecond: video.bit_rate ?? (streams.length === 1 ? format.bit_rate : undefined) ?? null,
    startSeconds: format.start_time ?? 0,
    durationSeconds: format.duration ?? null,
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // ffprobe breaks off in the middle of its answer where it finds no input.
    return null;
  }
}

/** @param rate as `30000/1001`; `0/0` where it is not known */
function readRate(rate: string | undefined): number | null {
  const [frames, seconds] = (rate ?? '').split('/').map(Number);
  const value = frames! / seconds!;
  return Number.isFinite(value) && value > 0 && value <= MAX_FRAME_RATE ? value : null;
}

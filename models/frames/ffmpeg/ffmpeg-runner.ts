import { refused } from '../seekable-video.ts';

/**
 * The part of `@ffmpeg/core` 0.12 that we use: FFmpeg's two programs over Emscripten's file system. Both block until
 * they end.
 */
export type FfmpegCore = {
  readonly exec: (...args: readonly string[]) => number;
  readonly ffprobe: (...args: readonly string[]) => number;
  /** Called before each run: the core keeps the exit status and the limit of the run before. */
  readonly reset: () => void;
  /** Milliseconds after which a run of `exec` ends by itself, between two packets. */
  readonly setTimeout: (milliseconds: number) => void;
  readonly setLogger: (logger: (entry: { readonly message: string }) => void) => void;
  readonly FS: {
    readonly mkdir: (path: string) => void;
    readonly mount: (type: unknown, options: object, path: string) => void;
    readonly filesystems: { readonly WORKERFS: unknown };
    readonly readFile: (path: string) => Uint8Array<ArrayBuffer>;
    readonly unlink: (path: string) => void;
    readonly analyzePath: (path: string) => { readonly exists: boolean };
  };
};

/**
 * Runs a program over the file {@link INPUT}.
 * @returns what it wrote to {@link OUTPUT}; empty for nothing
 * @throws DetectorError `source-refused`: `damaged` where the program itself fails, as on a file that exhausts its memory;
 *   `endless` where it takes longer than it may
 */
export type RunFfmpeg = (
  program: 'exec' | 'ffprobe',
  args: readonly string[],
  options: {
    /** Called with every line of the log. */
    readonly onLine: (line: string) => void;
    /** The limit of `exec`. Left out where the document's own limit is enough. */
    readonly maxMilliseconds?: number;
  },
) => Promise<Uint8Array<ArrayBuffer>>;

const FOLDER = '/in';
const NAME = 'video';
export const INPUT = `${FOLDER}/${NAME}`;
export const OUTPUT = '/out';

/**
 * The programs were made to end with their process: a run leaves some of the stack behind, and the hundredth one in the same
 * memory fails (measured with 320 × 240).
 */
const MAX_RUNS = 24;

/** Given before every input: a playlist or an index of a hostile file must lead to no other file. */
export const INPUT_LIMITS: readonly string[] = [
  '-protocol_whitelist',
  'file',
  // Containers and bare streams of video alone: no playlists, scripts, subtitles or devices.
  '-format_whitelist',
  [
    ...[
      'avi',
      'mov',
      'mp4',
      'matroska',
      'webm',
      'mpeg',
      'mpegts',
      'mpegvideo',
      'asf',
      'asf_o',
      'flv',
      'live_flv',
    ],
    ...[
      'ogg',
      'dv',
      'mxf',
      'rm',
      'h264',
      'hevc',
      'm4v',
      'h263',
      'vc1',
      'vc1test',
      'ivf',
      'nut',
      'wtv',
      'gif',
    ],
  ].join(','),
];

/**
 * @param startCore a new core with memory of its own
 * @param file is read by ranges, through FileReaderSync: in a Worker only
 */
export function createFfmpegRunner(startCore: () => Promise<FfmpegCore>, file: Blob): RunFfmpeg {
  let core: FfmpegCore | null = null;
  let runs = 0;

  const freshCore = async (): Promise<FfmpegCore> => {
    if (core !== null && runs < MAX_RUNS) return core;
    core = await startCore();
    core.FS.mkdir(FOLDER);
    core.FS.mount(core.FS.filesystems.WORKERFS, { blobs: [{ name: NAME, data: file }] }, FOLDER);
    runs = 0;
    return core;
  };

  return async (program, args, { onLine, maxMilliseconds }) => {
    const current = await freshCore();
    runs += 1;
    current.reset();
    if (maxMilliseconds !== undefined) current.setTimeout(maxMilliseconds);
    current.setLogger(({ message }) => onLine(message));
    const startedAt = performance.now();
    try {
      current[program](...args);
    } catch (cause) {
      // After a failure, the core's memory may be in any state.
      core = null;
      throw refused('damaged', 'FFmpeg has failed', cause);
    }
    if (maxMilliseconds !== undefined && performance.now() - startedAt >= maxMilliseconds) {
      throw refused('endless', 'FFmpeg does not come to the end of the file in the time for it');
    }
    if (!current.FS.analyzePath(OUTPUT).exists) return new Uint8Array();
    const output = current.FS.readFile(OUTPUT);
    current.FS.unlink(OUTPUT);
    return output;
  };
}

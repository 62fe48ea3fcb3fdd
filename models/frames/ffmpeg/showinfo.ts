/** What FFmpeg's filter `showinfo` logs of one frame, in two lines of which this is the first. */
export type FrameInfo = {
  /** Time of the frame, in the file's own time. */
  readonly seconds: number;
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
  /** A pixel's width to its height; 1 where the stream does not say. */
  readonly pixelAspect: number;
  /** It refers to no other frame. */
  readonly isKey: boolean;
};

/** The second line: FFmpeg's names, `unknown` where the stream does not say. */
export type ColourInfo = {
  readonly range: string;
  readonly matrix: string;
  readonly primaries: string;
  readonly transfer: string;
};

/**
 * A name for the filter in one run. FFmpeg logs the names and values of a file's tags, too, and a name may hold the end of a
 * line: only a name that no file can know tells the filter's lines from a file's.
 */
export function filterName(): string {
  // FFmpeg cuts names off after 29 characters.
  return `showinfo@${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

/** @returns null for a line of another kind, or of a frame without a time. @param filter its name, see {@link filterName} */
export function readFrameLine(line: string, filter: string): FrameInfo | null {
  if (!line.startsWith(`[${filter} `)) return null;
  const found = /pts_time:(-?[\d.e+-]+).*? fmt:(\w+) sar:(\d+)\/(\d+) s:(\d+)x(\d+) .*?iskey:(\d)/.exec(line);
  if (found === null) return null;
  const [across, down] = [Number(found[3]), Number(found[4])];
  return {
    seconds: Number(found[1]),
    pixelFormat: found[2]!,
    width: Number(found[5]),
    height: Number(found[6]),
    isKey: found[7] === '1',
    pixelAspect: across > 0 && down > 0 ? across / down : 1,
  };
}

/** @returns null for a line of another kind. @param filter its name, see {@link filterName} */
export function readColourLine(line: string, filter: string): ColourInfo | null {
  if (!line.startsWith(`[${filter} `)) return null;
  const found = /color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)/.exec(line);
  if (found === null) return null;
  return { range: found[1]!, matrix: found[2]!, primaries: found[3]!, transfer: found[4]! };
}

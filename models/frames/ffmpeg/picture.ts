import type { ColourInfo, FrameInfo } from './showinfo.ts';

/** A decoded picture as it lies in memory: planes one after the other, without padding. */
export type DecodedPicture = {
  readonly info: FrameInfo;
  readonly colour: ColourInfo;
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/**
 * FFmpeg's formats that a VideoFrame takes as they are, and the samples of each plane for each pixel. `yuvj` is FFmpeg's older
 * name of samples that use all 256 steps.
 */
const LAYOUTS: Readonly<
  Record<
    string,
    {
      readonly format: VideoPixelFormat;
      readonly isPlanar: boolean;
      readonly shifts: readonly [number, number];
    }
  >
> = {
  yuv420p: { format: 'I420', isPlanar: true, shifts: [1, 1] },
  yuvj420p: { format: 'I420', isPlanar: true, shifts: [1, 1] },
  yuv422p: { format: 'I422', isPlanar: true, shifts: [1, 0] },
  yuvj422p: { format: 'I422', isPlanar: true, shifts: [1, 0] },
  yuv444p: { format: 'I444', isPlanar: true, shifts: [0, 0] },
  yuvj444p: { format: 'I444', isPlanar: true, shifts: [0, 0] },
  rgba: { format: 'RGBA', isPlanar: false, shifts: [0, 0] },
};

/**
 * The formats that FFmpeg may convert a stream's pictures to; it takes the one that loses least. The range stays the stream's
 * own, since the browser converts samples to RGB later, as it does with those of its own decoders.
 */
export function acceptedFormats(
  pixelFormat: string,
  { isFullRange, isOdd }: { readonly isFullRange: boolean; readonly isOdd: boolean },
): string {
  if (/^(rgb|bgr|gbr|argb|abgr|0rgb|0bgr|pal|bayer|x2|mono)/.test(pixelFormat)) return 'rgba';
  // A half sample of chroma at an odd edge does not fit into a VideoFrame.
  const names = isOdd ? ['444p'] : ['420p', '422p', '444p'];
  return names.map((name) => `${isFullRange ? 'yuvj' : 'yuv'}${name}`).join('|');
}

/** Bytes of one picture; null for a format that is not used here. */
export function byteLengthOf({ pixelFormat, width, height }: FrameInfo): number | null {
  const layout = LAYOUTS[pixelFormat];
  if (layout === undefined) return null;
  if (!layout.isPlanar) return 4 * width * height;
  const [across, down] = layout.shifts;
  return width * height + 2 * Math.ceil(width / 2 ** across) * Math.ceil(height / 2 ** down);
}

/** The longest side that a canvas has in Chromium. A hostile file may state pixels of any shape. */
const MAX_SIDE_PIXELS = 16_384;

/** The size as shown, with square pixels. Chromium's own rule: the side that is too short grows. */
export function shownSize({ width, height, pixelAspect }: FrameInfo): {
  readonly width: number;
  readonly height: number;
} {
  const shown =
    pixelAspect >= 1
      ? { width: Math.round(width * pixelAspect), height }
      : { width, height: Math.round(height / pixelAspect) };
  return Math.max(shown.width, shown.height) <= MAX_SIDE_PIXELS ? shown : { width, height };
}

/** A video of this height or more that does not state its colours counts as HD in Chromium. */
const HD_HEIGHT_PIXELS = 720;

/** FFmpeg's names (H.273) to those of WebCodecs. */
const MATRICES: Readonly<Record<string, VideoMatrixCoefficients>> = {
  bt709: 'bt709',
  bt470bg: 'bt470bg',
  smpte170m: 'smpte170m',
  fcc: 'smpte170m',
  bt2020nc: 'bt2020-ncl' as VideoMatrixCoefficients,
  bt2020c: 'bt2020-ncl' as VideoMatrixCoefficients,
  gbr: 'rgb',
};
const PRIMARIES: Readonly<Record<string, VideoColorPrimaries>> = {
  bt709: 'bt709',
  bt470bg: 'bt470bg',
  smpte170m: 'smpte170m',
  smpte240m: 'smpte170m',
  bt2020: 'bt2020' as VideoColorPrimaries,
  smpte432: 'smpte432' as VideoColorPrimaries,
};
const TRANSFERS: Readonly<Record<string, VideoTransferCharacteristics>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  'iec61966-2-1': 'iec61966-2-1',
  linear: 'linear' as VideoTransferCharacteristics,
  smpte2084: 'pq' as VideoTransferCharacteristics,
  'arib-std-b67': 'hlg' as VideoTransferCharacteristics,
};

/**
 * The colours by which the browser converts a picture: the stream's own. Where it states none, those that Chromium's demuxer
 * takes: BT.601 below 720 lines, else BT.709 (`AVStreamToVideoDecoderConfig` in media/ffmpeg/ffmpeg_common.cc).
 */
export function colourSpaceOf({
  info,
  colour,
}: Pick<DecodedPicture, 'info' | 'colour'>): VideoColorSpaceInit {
  if (info.pixelFormat === 'rgba') {
    return { matrix: 'rgb', primaries: 'bt709', transfer: 'iec61966-2-1', fullRange: true };
  }
  const guess = info.height < HD_HEIGHT_PIXELS ? 'smpte170m' : 'bt709';
  return {
    matrix: MATRICES[colour.matrix] ?? guess,
    primaries: PRIMARIES[colour.primaries] ?? guess,
    transfer: TRANSFERS[colour.transfer] ?? guess,
    fullRange: info.pixelFormat.startsWith('yuvj') || colour.range === 'pc',
  };
}

/** The browser's own picture over the same bytes, which go with it. The caller closes it. */
export function toVideoFrame(picture: DecodedPicture): VideoFrame {
  const { info, bytes } = picture;
  const { width, height } = shownSize(info);
  const init: VideoFrameBufferInit & { readonly transfer: ArrayBuffer[] } = {
    format: LAYOUTS[info.pixelFormat]!.format,
    codedWidth: info.width,
    codedHeight: info.height,
    displayWidth: width,
    displayHeight: height,
    timestamp: Math.round(info.seconds * 1e6),
    colorSpace: colourSpaceOf(picture),
    transfer: [bytes.buffer],
  };
  return new VideoFrame(bytes, init);
}

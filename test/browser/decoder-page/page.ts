import DecodeWorker from '../../../models/host/decode.worker.ts?worker';
import { createCuttingSource } from '../../../models/frames/cutting-source.ts';
import { createFfmpegSource } from '../../../models/frames/ffmpeg/ffmpeg-source.ts';
import { createFileSource } from '../../../models/frames/file-source.ts';
import type { FileSource } from '../../../models/frames/file-source.ts';
import { chooseFrames, createImagesSource } from '../../../models/frames/images-source.ts';
import type { DecodingRequest, DecodingResult, PictureComparison } from './protocol.ts';

type Read = DecodingResult & { readonly pictures: readonly ImageData[] };

/** All frames of a source, as the engine cuts them. */
async function readAll(source: FileSource, signal: AbortSignal): Promise<Read> {
  const cutting = createCuttingSource(source);
  const frames: DecodingResult['frames'][number][] = [];
  const pictures: ImageData[] = [];
  try {
    for (;;) {
      const frame = await cutting.nextFrame(signal);
      if (frame === null) break;
      const { width, height } = frame.size;
      const whole = { left: 0, top: 0, width, height, outWidth: width, outHeight: height };
      const [picture] = (await frame.cut([whole])) ?? [];
      frame.close();
      const { data } = picture!;
      pictures.push(new ImageData(new Uint8ClampedArray(data), width, height));
      const middle = 4 * (Math.floor(height / 2) * width + Math.floor(width / 2));
      frames.push({
        seconds: frame.mediaTimeSeconds,
        size: frame.size,
        middle: [...data.slice(middle, middle + 3)],
        decoded: frame.decoded,
      });
    }
  } finally {
    source.close();
  }
  return { frames, pictures, ending: source.ending(), problem: source.problem() };
}

async function fileOf(path: string, change: DecodingRequest['change']): Promise<Blob> {
  const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
  if (change?.keptBytes !== undefined) return new Blob([bytes.subarray(0, change.keptBytes)]);
  for (const [place, value] of change?.bytes ?? []) bytes[place % bytes.length] = value;
  return new Blob([bytes]);
}

/** ISO 14496-12: a `free` box behind the first box, and the chunks' offsets moved by its length. */
async function insertNothing(file: Blob, byteLength: number): Promise<Blob> {
  const bytes = await file.arrayBuffer();
  const view = new DataView(bytes);
  const firstBox = view.getUint32(0);
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 1);
  header.setUint32(4, 0x66726565);
  header.setBigUint64(8, BigInt(byteLength));
  const table = new TextDecoder('latin1').decode(bytes).indexOf('stco') + 8;
  for (let entry = 0; entry < view.getUint32(table); entry++) {
    const place = table + 4 + 4 * entry;
    view.setUint32(place, view.getUint32(place) + byteLength);
  }
  // The same blob again and again takes no memory.
  const filling = new Blob([new Uint8Array(2 ** 24)]);
  const fillings = Array.from({ length: Math.floor(byteLength / filling.size) }, () => filling);
  const rest = (byteLength % filling.size) - header.byteLength;
  return new Blob([
    bytes.slice(0, firstBox),
    header,
    ...fillings,
    filling.slice(0, rest),
    bytes.slice(firstBox),
  ]);
}

const open = (file: Blob, framesAsked: number | null, maxSilenceMilliseconds?: number): FileSource =>
  createFfmpegSource(file, {
    framesAsked,
    startWorker: () => new DecodeWorker(),
    ...(maxSilenceMilliseconds !== undefined && { maxSilenceMilliseconds }),
  });

Object.assign(globalThis, {
  decodeFile: async (request: DecodingRequest): Promise<DecodingResult> => {
    const file = await fileOf(request.path, request.change);
    const source = open(file, request.framesAsked, request.maxSilenceMilliseconds);
    const { pictures: _, ...result } = await readAll(source, new AbortController().signal);
    return result;
  },
  /** An MP4 with so many bytes of nothing before its pictures. */
  decodeLarge: async (path: string, byteLength: number): Promise<DecodingResult> => {
    const file = await insertNothing(await fileOf(path, undefined), byteLength);
    const { pictures: _, ...result } = await readAll(open(file, 5), new AbortController().signal);
    return result;
  },
  /** FFmpeg's frames of a file beside those of the browser's own decoder. */
  compareDecoders: async (path: string, framesAsked: number): Promise<PictureComparison> => {
    const { signal } = new AbortController();
    const options = { framesAsked, expected: null, hasVideoGone: () => false };
    const browser = await readAll(createFileSource([{ url: path, isWithCors: false }], options), signal);
    const ffmpeg = await readAll(open(await fileOf(path, undefined), framesAsked), signal);
    const differences = browser.pictures.map(({ data }, index) => {
      const other = ffmpeg.pictures[index]?.data;
      let [most, sum] = [0, 0];
      for (let place = 0; place < data.length; place++) {
        const difference = Math.abs(data[place]! - (other?.[place] ?? 0));
        most = Math.max(most, difference);
        sum += difference;
      }
      return { most, mean: sum / data.length };
    });
    return {
      browserSeconds: browser.frames.map(({ seconds }) => seconds),
      ffmpegSeconds: ffmpeg.frames.map(({ seconds }) => seconds),
      sizes: [browser.frames[0]!.size, ffmpeg.frames[0]!.size],
      differences,
    };
  },
  /** Pictures in these colours under these names, as the frames of a video. `broken` is no picture. */
  readFolder: async (
    files: Readonly<Record<string, string>>,
    framesAsked: number | null,
  ): Promise<DecodingResult> => {
    const made = await Promise.all(
      Object.entries(files).map(async ([name, colour]) => {
        if (colour === 'broken') return new File(['no picture'], name);
        const canvas = new OffscreenCanvas(64, 48);
        const context = canvas.getContext('2d')!;
        context.fillStyle = colour;
        context.fillRect(0, 0, 64, 48);
        return new File([await canvas.convertToBlob({ type: 'image/png' })], name);
      }),
    );
    const source = createImagesSource(chooseFrames(made, framesAsked));
    const { pictures: _, ...result } = await readAll(source, new AbortController().signal);
    return result;
  },
  /** How long a cancelled reading takes to end. */
  cancelDecoding: async (path: string): Promise<string> => {
    const stop = new AbortController();
    const reading = readAll(open(await fileOf(path, undefined), null), stop.signal);
    stop.abort();
    return await reading.then(
      () => 'done',
      (error: unknown) => (error as Error).name,
    );
  },
});

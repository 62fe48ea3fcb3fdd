import { decode, encode } from 'fast-png';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { RasterImage, RgbImage } from './raster-image.ts';
import { toRgb } from './raster-image.ts';

/** The largest side that a decoder accepts from a header: far above any network's input, and 67 MB at most. */
const MAX_PNG_SIDE_PIXELS = 4096;

/** PNG specification, third edition: 5.2 signature, 5.3 chunks (length, type, data, CRC), 11.2.1 IHDR. */
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const CHUNK_OVERHEAD_BYTES = 12;
const HEADER_BYTES = 13;
/** Colour types of 8-bit RGB with and without alpha, and their channels. */
const CHANNELS: ReadonlyMap<number, number> = new Map([
  [2, 3],
  [6, 4],
]);
const COLOUR_TYPES = ['grey', 'unknown', 'RGB', 'indexed', 'grey with alpha', 'unknown', 'RGB with alpha'];
/** Adam7 (8.1): first column and row of each pass, and its steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

type Header = {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly isInterlaced: boolean;
};

/**
 * The pixels of an 8-bit RGB image; alpha, colour profiles and a suggested palette are left out. The checksums of all
 * chunks that decide the pixels are checked, and every row has to be there: filled-up rows would make another picture.
 * @param name for messages
 * @throws DetectorError `image-invalid` for another kind of PNG, a damaged one, and one with a side beyond the limit
 */
export async function decodePng(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  maxSidePixels = MAX_PNG_SIDE_PIXELS,
): Promise<RgbImage> {
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) throw invalid(name, 'is no PNG image');
  const { header, essentials } = readChunks(bytes, name);
  if (header.width > maxSidePixels || header.height > maxSidePixels) {
    throw invalid(name, `is too large: ${header.width}×${header.height} pixels`);
  }
  const { width, height, channels } = header;
  await checkRows(essentials, header, name);
  let data: ArrayLike<number>;
  try {
    ({ data } = decode(joined(essentials), { checkCrc: true }));
  } catch (cause) {
    throw damaged(name, 'its pixels can’t be decoded', cause);
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = data[pixel * channels + channel]!;
    }
  }
  return { data: rgb, width, height, channels: 3 };
}

/**
 * An 8-bit RGB image without loss. It is not made with a canvas, since some browsers add noise to the pixels of one.
 */
export function encodePng(image: RasterImage): Uint8Array<ArrayBuffer> {
  const { width, height, data } = toRgb(image);
  return new Uint8Array(encode({ width, height, data, channels: 3, depth: 8 }));
}

type Chunk = { readonly type: string; readonly data: Uint8Array<ArrayBuffer>; readonly whole: Uint8Array };

/**
 * The chunks that decide the pixels: header, pixel data and end. Checks their order, and that no unknown chunk is
 * needed.
 */
function readChunks(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): { readonly header: Header; readonly essentials: readonly Chunk[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const essentials: Chunk[] = [];
  let header: Header | null = null;
  let before = '';
  // Each chunk is at least twelve bytes of the file.
  for (let offset = SIGNATURE.length; before !== 'IEND';) {
    const left = bytes.byteLength - offset - CHUNK_OVERHEAD_BYTES;
    const byteLength = left < 0 ? 0 : view.getUint32(offset);
    if (left < byteLength) throw damaged(name, 'it ends early');
    const end = offset + CHUNK_OVERHEAD_BYTES + byteLength;
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const chunk = { type, data: bytes.subarray(offset + 8, end - 4), whole: bytes.subarray(offset, end) };
    if ((header === null) !== (type === 'IHDR')) throw damaged(name, 'its header is not where it has to be');
    header ??= readHeader(chunk.data, name);
    const isEssential = type === 'IHDR' || type === 'IDAT' || type === 'IEND';
    // The letters of a type are flags (5.4): the first one is a capital if a reader has to know the chunk.
    if (!isEssential && type !== 'PLTE' && /^[A-Z]/.test(type)) {
      throw damaged(name, 'it has a part that only another reader knows');
    }
    if (type === 'IDAT' && before !== 'IDAT' && essentials.some((other) => other.type === 'IDAT')) {
      throw damaged(name, 'its pixels are in several places');
    }
    if (isEssential) essentials.push(chunk);
    before = type;
    offset = end;
  }
  if (header === null) throw damaged(name, 'it has no header');
  return { header, essentials };
}

function readHeader(data: Uint8Array, name: string): Header {
  if (data.byteLength !== HEADER_BYTES) throw damaged(name, 'its header has another length');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height, depth, colourType] = [view.getUint32(0), view.getUint32(4), data[8]!, data[9]!];
  const channels = CHANNELS.get(colourType);
  if (channels === undefined || depth !== 8) {
    const kind = COLOUR_TYPES[colourType] ?? 'unknown';
    throw invalid(name, `must be an RGB image of 8 bits a channel, found ${kind} of ${String(depth)} bits`);
  }
  return { width, height, channels, isInterlaced: data[12] === 1 };
}

/** Inflates the pixel data and counts them: zlib checks its own sum, and each row has one more byte for its filter. */
async function checkRows(essentials: readonly Chunk[], header: Header, name: string): Promise<void> {
  const expected = rowByteLength(header);
  let found = 0;
  try {
    const parts = essentials.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
    const inflated = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
    for (let next = await inflated.read(); !next.done && found <= expected; next = await inflated.read()) {
      found += next.value.byteLength;
    }
    await inflated.cancel();
  } catch (cause) {
    throw damaged(name, 'its pixels can’t be inflated', cause);
  }
  if (found !== expected) {
    throw damaged(
      name,
      `expected ${expected} bytes of pixels, found ${found < expected ? String(found) : 'more'}`,
    );
  }
}

function rowByteLength({ width, height, channels, isInterlaced }: Header): number {
  if (!isInterlaced) return height * (width * channels + 1);
  return PASSES.reduce((sum, [column, row, columnStep, rowStep]) => {
    const columns = Math.ceil((width - column) / columnStep);
    const rows = Math.ceil((height - row) / rowStep);
    return columns <= 0 || rows <= 0 ? sum : sum + rows * (columns * channels + 1);
  }, 0);
}

function joined(chunks: readonly Chunk[]): Uint8Array {
  const parts = [Uint8Array.from(SIGNATURE), ...chunks.map(({ whole }) => whole)];
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.byteLength;
  }
  return all;
}

function invalid(name: string, what: string, cause?: unknown): DetectorError {
  return new DetectorError('image-invalid', `${name} ${what}`, { cause });
}

function damaged(name: string, what: string, cause?: unknown): DetectorError {
  return invalid(name, `is no PNG image, or damaged: ${what}`, cause);
}

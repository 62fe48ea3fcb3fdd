import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { showForeign } from './foreign-text.ts';
import { MAX_DEFLATE_RATIO, MAX_UNQUESTIONED_INFLATED_BYTES, MAX_ZIP_ENTRIES } from './limits.ts';
import { readU64Le, viewOf } from './little-endian.ts';
import { type DirectoryLocation, locateZipDirectory } from './zip-end.ts';

/** One record as the central directory describes it. PKWARE APPNOTE 6.3.10, 4.3.12. */
export type ZipEntry = {
  readonly name: string;
  /** The name's bytes, which must be the same in both headers. */
  readonly nameBytes: Uint8Array;
  readonly method: 'stored' | 'deflated';
  /** null in an archive that was written without computing any. */
  readonly crc32: number | null;
  readonly compressedByteLength: number;
  readonly byteLength: number;
  /** Offset of the local header in the file. */
  readonly headerOffset: number;
  /** Where the next record or the central directory begins: nothing of this record lies there or beyond. */
  readonly endOffset: number;
};

const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
export const LOCAL_HEADER_BYTES = 30;
const FLAG_ENCRYPTED = 0x0001;
const FLAG_STRONG_ENCRYPTION = 0x0040;
const FLAG_MASKED_HEADERS = 0x2000;
const ZIP64_EXTRA_ID = 0x0001;

type RawEntry = Omit<ZipEntry, 'endOffset' | 'crc32'> & { readonly crc32: number };

export type ZipDirectory = {
  /** The records by their names, in the directory's order. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly hasChecksums: boolean;
  /** Bytes behind the archive's end. */
  readonly appendedByteLength: number;
};

/**
 * Reads the central directory: the records, their places and their checksums. Local headers are not read.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-unsupported` (encrypted, several disks, another method
 *   than stored or deflated), `checkpoint-too-large`
 */
export async function readZipDirectory(source: ByteSource, signal?: AbortSignal): Promise<ZipDirectory> {
  const location = await locateZipDirectory(source, signal);
  if (location.entryCount > MAX_ZIP_ENTRIES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${source.name}: ${location.entryCount} records, at most ${MAX_ZIP_ENTRIES} are read`,
    );
  }
  const bytes = await source.read(location.offset, location.byteLength, signal);
  const view = viewOf(bytes);
  const raw = new Map<string, RawEntry>();
  let offset = 0;
  for (let index = 0; index < location.entryCount; index++) {
    const where = `${source.name}: central directory entry ${index} at ${location.offset + offset}`;
    const { entry, nextOffset } = readEntry(view, bytes, offset, where);
    if (raw.has(entry.name)) {
      throw new DetectorError(
        'checkpoint-malformed',
        `${where}: a second record "${showForeign(entry.name)}"`,
      );
    }
    raw.set(entry.name, entry);
    offset = nextOffset;
  }
  if (offset !== bytes.byteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${source.name}: expected the central directory to end after ${bytes.byteLength} bytes, its ${location.entryCount} entries end after ${offset}`,
    );
  }
  const hasChecksums = haveChecksums([...raw.values()]);
  const entries = withEnds(raw, location, { fileName: source.name, hasChecksums });
  return { entries, hasChecksums, appendedByteLength: location.appendedByteLength };
}

/**
 * torch.serialization.set_crc32_options(False) leaves zeros. The CRC-32 of bytes is zero by chance once in 2^32 times; of no
 * bytes it always is.
 */
function haveChecksums(entries: readonly RawEntry[]): boolean {
  const filled = entries.filter(({ byteLength }) => byteLength > 0);
  return filled.length === 0 || filled.some((entry) => entry.crc32 !== 0);
}

function readEntry(
  view: DataView,
  bytes: Uint8Array,
  offset: number,
  where: string,
): { entry: RawEntry; nextOffset: number } {
  if (offset + ENTRY_BYTES > bytes.byteLength) {
    throw new DetectorError('checkpoint-malformed', `${where}: the directory ends`);
  }
  const signature = view.getUint32(offset, true);
  if (signature !== ENTRY_SIGNATURE) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected signature 0x02014b50, found 0x${signature.toString(16)}`,
    );
  }
  const nameEnd = offset + ENTRY_BYTES + view.getUint16(offset + 28, true);
  const extraEnd = nameEnd + view.getUint16(offset + 30, true);
  const nextOffset = extraEnd + view.getUint16(offset + 32, true);
  if (nextOffset > bytes.byteLength) {
    throw new DetectorError('checkpoint-malformed', `${where}: the directory ends within the entry`);
  }
  const nameBytes = bytes.slice(offset + ENTRY_BYTES, nameEnd);
  const name = decodeName(nameBytes);

  const flags = view.getUint16(offset + 8, true);
  if ((flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) !== 0) {
    throw new DetectorError('checkpoint-unsupported', `${where}: "${showForeign(name)}" is encrypted`);
  }
  const methodCode = view.getUint16(offset + 10, true);
  if (methodCode !== 0 && methodCode !== 8) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: "${showForeign(name)}" has compression method ${methodCode}; stored (0) and deflated (8) are read`,
    );
  }
  const sizes = readSizes(view, offset, nameEnd, extraEnd, where);
  if (sizes.diskNumber !== 0) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: "${showForeign(name)}" lies on another disk`,
    );
  }
  const method = methodCode === 0 ? 'stored' : 'deflated';
  checkSizes(name, method, sizes, where);
  return {
    entry: {
      name,
      nameBytes,
      method,
      crc32: view.getUint32(offset + 16, true),
      compressedByteLength: sizes.compressedByteLength,
      byteLength: sizes.byteLength,
      headerOffset: sizes.headerOffset,
    },
    nextOffset,
  };
}

type Sizes = { compressedByteLength: number; byteLength: number; headerOffset: number; diskNumber: number };

/** The four fields that ZIP64 moves into the extra field, each only when its place is filled with ones (4.5.3). */
function readSizes(
  view: DataView,
  offset: number,
  extraStart: number,
  extraEnd: number,
  where: string,
): Sizes {
  const sizes: Sizes = {
    compressedByteLength: view.getUint32(offset + 20, true),
    byteLength: view.getUint32(offset + 24, true),
    headerOffset: view.getUint32(offset + 42, true),
    diskNumber: view.getUint16(offset + 34, true),
  };
  const isNeeded = {
    byteLength: sizes.byteLength === 0xffffffff,
    compressedByteLength: sizes.compressedByteLength === 0xffffffff,
    headerOffset: sizes.headerOffset === 0xffffffff,
    diskNumber: sizes.diskNumber === 0xffff,
  };
  if (!Object.values(isNeeded).includes(true)) return sizes;
  const extra = findExtra(view, extraStart, extraEnd, where);
  let field = extra.start;
  // The order of the four is fixed.
  for (const name of ['byteLength', 'compressedByteLength', 'headerOffset', 'diskNumber'] as const) {
    if (!isNeeded[name]) continue;
    const width = name === 'diskNumber' ? 4 : 8;
    if (field + width > extra.end) {
      throw new DetectorError('checkpoint-malformed', `${where}: the ZIP64 field lacks ${name}`);
    }
    sizes[name] = width === 8 ? readU64Le(view, field, `${where}: ${name}`) : view.getUint32(field, true);
    field += width;
  }
  return sizes;
}

function findExtra(
  view: DataView,
  extraStart: number,
  extraEnd: number,
  where: string,
): { start: number; end: number } {
  // Each step goes forward by at least four bytes, in a field of at most 65,535.
  for (let field = extraStart; field + 4 <= extraEnd;) {
    const dataEnd = field + 4 + view.getUint16(field + 2, true);
    if (dataEnd > extraEnd) break;
    if (view.getUint16(field, true) === ZIP64_EXTRA_ID) return { start: field + 4, end: dataEnd };
    field = dataEnd;
  }
  throw new DetectorError(
    'checkpoint-malformed',
    `${where}: a size of 0xffffffff without a ZIP64 extra field`,
  );
}

function checkSizes(name: string, method: ZipEntry['method'], sizes: Sizes, where: string): void {
  const { byteLength, compressedByteLength } = sizes;
  if (method === 'stored' && byteLength !== compressedByteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: "${showForeign(name)}" is stored, but has ${compressedByteLength} bytes for ${byteLength}`,
    );
  }
  const believed = Math.max(MAX_UNQUESTIONED_INFLATED_BYTES, compressedByteLength * MAX_DEFLATE_RATIO);
  if (method === 'deflated' && byteLength > believed) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: "${showForeign(name)}" would inflate from ${compressedByteLength} to ${byteLength} bytes; weights do not compress more than ${MAX_DEFLATE_RATIO}-fold`,
    );
  }
}

/**
 * Archivers write names in the code page of their machine, and some use backslashes. It does not matter which code page
 * it was: the folder's name only has to be the same for all records.
 */
function decodeName(bytes: Uint8Array): string {
  return decodeText(bytes).replaceAll('\\', '/');
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The name is not UTF-8, so each byte becomes a character.
    return new TextDecoder('latin1').decode(bytes);
  }
}

/**
 * Records must not share bytes: that is how a small file pretends to be a large one (D. Fifield, "A better zip bomb").
 */
function withEnds(
  raw: ReadonlyMap<string, RawEntry>,
  location: DirectoryLocation,
  { fileName, hasChecksums }: { readonly fileName: string; readonly hasChecksums: boolean },
): Map<string, ZipEntry> {
  const byOffset = [...raw.values()].sort((a, b) => a.headerOffset - b.headerOffset);
  const ends = new Map<string, number>();
  for (const [index, entry] of byOffset.entries()) {
    const next = byOffset[index + 1];
    const end = Math.min(next?.headerOffset ?? location.offset, location.offset);
    const needed = entry.headerOffset + LOCAL_HEADER_BYTES + entry.compressedByteLength;
    if (needed > end) {
      throw new DetectorError(
        'checkpoint-malformed',
        `${fileName}: record "${showForeign(entry.name)}" at ${entry.headerOffset} needs bytes up to ${needed}, but ${next === undefined || next.headerOffset > location.offset ? 'the central directory' : `"${showForeign(next.name)}"`} begins at ${end}`,
      );
    }
    ends.set(entry.name, end);
  }
  const entries = new Map<string, ZipEntry>();
  for (const [name, entry] of raw) {
    const crc32 = hasChecksums ? entry.crc32 : null;
    entries.set(name, { ...entry, crc32, endOffset: ends.get(name) ?? location.offset });
  }
  return entries;
}

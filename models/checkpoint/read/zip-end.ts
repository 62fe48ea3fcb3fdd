import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { MAX_ZIP_DIRECTORY_BYTES } from './limits.ts';
import { readU64Le, viewOf } from './little-endian.ts';

/** Where the central directory lies in the file. */
export type DirectoryLocation = {
  readonly offset: number;
  readonly byteLength: number;
  readonly entryCount: number;
  /** Bytes behind the archive's end, which do not belong to it. */
  readonly appendedByteLength: number;
};

// PKWARE APPNOTE 6.3.10: 4.3.16, 4.3.15 and 4.3.14.
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_END_SIGNATURE = 0x06064b50;
const ZIP64_END_BYTES = 56;
const ENTRY_BYTES = 46;
/**
 * How far before the file's end the archive may end, if something was appended: a line end, the padding of a copy in
 * blocks, the rest of a download. These bytes are read only if the archive does not end at the file's end.
 */
const MAX_APPENDED_BYTES = 4 * 2 ** 20;

type EndFields = Omit<DirectoryLocation, 'appendedByteLength'> & {
  readonly diskNumbers: readonly number[];
  readonly diskEntryCount: number;
};

/**
 * Finds the central directory from the end of the file, through the ZIP64 end record where there is one.
 * @throws DetectorError `checkpoint-malformed` (also for a file whose end is missing), `checkpoint-unsupported`,
 *   `checkpoint-too-large`
 */
export async function locateZipDirectory(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<DirectoryLocation> {
  // Torch's archives have no comment, so they end at the file's end. Only other archives need the longer search.
  const found =
    (await findEnd(source, END_BYTES, signal)) ??
    (await findEnd(source, END_BYTES + MAX_COMMENT_BYTES, signal)) ??
    (await findEarlierEnd(source, signal));
  if (found === undefined) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${source.name}: the file begins as a zip but has no end of central directory; it is probably cut off (${source.byteLength} bytes are here): download it again`,
    );
  }
  const { offset: endOffset, view: end } = found;
  const zip64Offset = await findZip64End(source, endOffset, signal);
  const fields = zip64Offset === undefined ? readEnd(end) : await readZip64End(source, zip64Offset, signal);
  checkLocation(fields, zip64Offset ?? endOffset, source.name);
  const { offset, byteLength, entryCount } = fields;
  const appendedByteLength = source.byteLength - endOffset - END_BYTES - end.getUint16(20, true);
  return { offset, byteLength, entryCount, appendedByteLength };
}

/** The last place in the file's tail where the signature stands and the comment's length fits the rest of the file. */
async function findEnd(
  source: ByteSource,
  tailByteLength: number,
  signal?: AbortSignal,
): Promise<{ offset: number; view: DataView } | undefined> {
  const tailLength = Math.min(source.byteLength, tailByteLength);
  const tail = viewOf(await source.read(source.byteLength - tailLength, tailLength, signal));
  for (let offset = tailLength - END_BYTES; offset >= 0; offset--) {
    if (
      tail.getUint32(offset, true) === END_SIGNATURE &&
      tail.getUint16(offset + 20, true) === tailLength - offset - END_BYTES
    ) {
      return {
        offset: source.byteLength - tailLength + offset,
        view: new DataView(tail.buffer, tail.byteOffset + offset, END_BYTES),
      };
    }
  }
  return undefined;
}

/**
 * The last end of an archive before bytes that do not belong to it. Its directory has to lie directly before it: a
 * record may be an archive itself, whose end is not that of the file.
 */
async function findEarlierEnd(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<{ offset: number; view: DataView } | undefined> {
  const tailLength = Math.min(source.byteLength, MAX_APPENDED_BYTES + END_BYTES);
  const tailStart = source.byteLength - tailLength;
  const tail = viewOf(await source.read(tailStart, tailLength, signal));
  for (let offset = tailLength - END_BYTES; offset >= 0; offset--) {
    if (tail.getUint32(offset, true) !== END_SIGNATURE) continue;
    const view = new DataView(tail.buffer, tail.byteOffset + offset, END_BYTES);
    const found = { offset: tailStart + offset, view };
    const isWhole = offset + END_BYTES + view.getUint16(20, true) <= tailLength;
    if (isWhole && (await isBehindDirectory(source, found, signal))) return found;
  }
  return undefined;
}

async function isBehindDirectory(
  source: ByteSource,
  { offset, view }: { readonly offset: number; readonly view: DataView },
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const zip64Offset = await findZip64End(source, offset, signal);
    const fields =
      zip64Offset === undefined ? readEnd(view) : await readZip64End(source, zip64Offset, signal);
    return fields.offset + fields.byteLength === (zip64Offset ?? offset);
  } catch (error) {
    // The bytes only look like an end.
    if (isDetectorError(error) && !error.isPassing) return false;
    throw error;
  }
}

function readEnd(end: DataView): EndFields {
  return {
    diskNumbers: [end.getUint16(4, true), end.getUint16(6, true)],
    diskEntryCount: end.getUint16(8, true),
    entryCount: end.getUint16(10, true),
    byteLength: end.getUint32(12, true),
    offset: end.getUint32(16, true),
  };
}

async function findZip64End(
  source: ByteSource,
  endOffset: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const locatorOffset = endOffset - ZIP64_LOCATOR_BYTES;
  if (locatorOffset < 0) return undefined;
  const locator = viewOf(await source.read(locatorOffset, ZIP64_LOCATOR_BYTES, signal));
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR_SIGNATURE) return undefined;
  const where = `${source.name}: ZIP64 locator at ${locatorOffset}`;
  if (locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) > 1) {
    throw new DetectorError('checkpoint-unsupported', `${where}: the archive spans several disks`);
  }
  const offset = readU64Le(locator, 8, where);
  if (offset + ZIP64_END_BYTES > locatorOffset) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected the ZIP64 end record before it, found the offset ${offset}`,
    );
  }
  return offset;
}

async function readZip64End(source: ByteSource, offset: number, signal?: AbortSignal): Promise<EndFields> {
  const view = viewOf(await source.read(offset, ZIP64_END_BYTES, signal));
  const where = `${source.name}: ZIP64 end record at ${offset}`;
  const signature = view.getUint32(0, true);
  if (signature !== ZIP64_END_SIGNATURE) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected signature 0x06064b50, found 0x${signature.toString(16)}`,
    );
  }
  return {
    diskNumbers: [view.getUint32(16, true), view.getUint32(20, true)],
    diskEntryCount: readU64Le(view, 24, where),
    entryCount: readU64Le(view, 32, where),
    byteLength: readU64Le(view, 40, where),
    offset: readU64Le(view, 48, where),
  };
}

function checkLocation(fields: EndFields, endOffset: number, fileName: string): void {
  const where = `${fileName}: end of central directory at ${endOffset}`;
  if (fields.diskNumbers.some((number) => number !== 0) || fields.diskEntryCount !== fields.entryCount) {
    throw new DetectorError('checkpoint-unsupported', `${where}: the archive spans several disks`);
  }
  if (fields.byteLength > MAX_ZIP_DIRECTORY_BYTES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: a central directory of ${fields.byteLength} bytes, at most ${MAX_ZIP_DIRECTORY_BYTES} are read`,
    );
  }
  if (fields.offset + fields.byteLength > endOffset) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: the central directory (${fields.byteLength} bytes at ${fields.offset}) does not lie before it`,
    );
  }
  if (fields.entryCount * ENTRY_BYTES > fields.byteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: ${fields.entryCount} entries do not fit ${fields.byteLength} bytes`,
    );
  }
}

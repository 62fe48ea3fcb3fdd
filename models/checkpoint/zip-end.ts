import { DetectorError } from '../../utils/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { MAX_ZIP_DIRECTORY_BYTES } from './limits.ts';
import { readU64Le, viewOf } from './little-endian.ts';

/** Where the central directory lies in the file. */
export type DirectoryLocation = {
  readonly offset: number;
  readonly byteLength: number;
  readonly entryCount: number;
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

type EndFields = DirectoryLocation & {
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
  const tailLength = Math.min(source.byteLength, END_BYTES + MAX_COMMENT_BYTES);
  const tailOffset = source.byteLength - tailLength;
  const tail = viewOf(await source.read(tailOffset, tailLength, signal));
  const endInTail = findEnd(tail);
  if (endInTail === undefined) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${source.name}: the file begins as a zip but has no end of central directory in its last ${String(tailLength)} bytes; it is probably cut off (${String(source.byteLength)} bytes are here): download it again`,
    );
  }
  const endOffset = tailOffset + endInTail;
  const zip64Offset = await findZip64End(source, endOffset, signal);
  const fields =
    zip64Offset === undefined ? readEnd(tail, endInTail) : await readZip64End(source, zip64Offset, signal);
  checkLocation(fields, zip64Offset ?? endOffset, source.name);
  return { offset: fields.offset, byteLength: fields.byteLength, entryCount: fields.entryCount };
}

/** The last place where the signature stands and the comment's length fits the rest of the file. */
function findEnd(tail: DataView): number | undefined {
  for (let offset = tail.byteLength - END_BYTES; offset >= 0; offset--) {
    if (
      tail.getUint32(offset, true) === END_SIGNATURE &&
      tail.getUint16(offset + 20, true) === tail.byteLength - offset - END_BYTES
    ) {
      return offset;
    }
  }
  return undefined;
}

function readEnd(tail: DataView, offset: number): EndFields {
  return {
    diskNumbers: [tail.getUint16(offset + 4, true), tail.getUint16(offset + 6, true)],
    diskEntryCount: tail.getUint16(offset + 8, true),
    entryCount: tail.getUint16(offset + 10, true),
    byteLength: tail.getUint32(offset + 12, true),
    offset: tail.getUint32(offset + 16, true),
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
  const where = `${source.name}: ZIP64 locator at ${String(locatorOffset)}`;
  if (locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) > 1) {
    throw new DetectorError('checkpoint-unsupported', `${where}: the archive spans several disks`);
  }
  const offset = readU64Le(locator, 8, where);
  if (offset + ZIP64_END_BYTES > locatorOffset) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected the ZIP64 end record before it, found the offset ${String(offset)}`,
    );
  }
  return offset;
}

async function readZip64End(source: ByteSource, offset: number, signal?: AbortSignal): Promise<EndFields> {
  const view = viewOf(await source.read(offset, ZIP64_END_BYTES, signal));
  const where = `${source.name}: ZIP64 end record at ${String(offset)}`;
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
  const where = `${fileName}: end of central directory at ${String(endOffset)}`;
  if (fields.diskNumbers.some((number) => number !== 0) || fields.diskEntryCount !== fields.entryCount) {
    throw new DetectorError('checkpoint-unsupported', `${where}: the archive spans several disks`);
  }
  if (fields.byteLength > MAX_ZIP_DIRECTORY_BYTES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: a central directory of ${String(fields.byteLength)} bytes, at most ${String(MAX_ZIP_DIRECTORY_BYTES)} are read`,
    );
  }
  if (fields.offset + fields.byteLength > endOffset) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: the central directory (${String(fields.byteLength)} bytes at ${String(fields.offset)}) does not lie before it`,
    );
  }
  if (fields.entryCount * ENTRY_BYTES > fields.byteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: ${String(fields.entryCount)} entries do not fit ${String(fields.byteLength)} bytes`,
    );
  }
}

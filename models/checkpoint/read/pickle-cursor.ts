import { DetectorError } from '../../../utils/domain/errors.ts';
import { MAX_PICKLE_LINE_BYTES, MAX_PICKLE_LONG_BYTES, MAX_PICKLE_STRING_BYTES } from './limits.ts';
import { viewOf } from './little-endian.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A position in a pickle. The `take…` functions move it and throw at the end of the bytes. */
export type PickleCursor = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Names the pickle and its file, for messages. */
  readonly where: string;
  offset: number;
  /** Set when a read went beyond the bytes: with more bytes of the file the pickle may be fine. */
  isExhausted: boolean;
};

export function createPickleCursor(bytes: Uint8Array, where: string, offset = 0): PickleCursor {
  return { bytes, view: viewOf(bytes), where, offset, isExhausted: false };
}

/** @throws DetectorError `checkpoint-malformed` when fewer bytes are left */
function advance(cursor: PickleCursor, byteLength: number, what: string): number {
  const start = cursor.offset;
  const left = cursor.bytes.byteLength - start;
  if (byteLength > left) {
    cursor.isExhausted = true;
    throw new DetectorError(
      'checkpoint-malformed',
      `${cursor.where}: expected ${byteLength} bytes of ${what} at offset ${start}, found ${left}; the pickle ends before its STOP`,
    );
  }
  cursor.offset = start + byteLength;
  return start;
}

export function takeU8(cursor: PickleCursor, what: string): number {
  return cursor.view.getUint8(advance(cursor, 1, what));
}

export function takeU16(cursor: PickleCursor, what: string): number {
  return cursor.view.getUint16(advance(cursor, 2, what), true);
}

export function takeU32(cursor: PickleCursor, what: string): number {
  return cursor.view.getUint32(advance(cursor, 4, what), true);
}

export function takeI32(cursor: PickleCursor, what: string): number {
  return cursor.view.getInt32(advance(cursor, 4, what), true);
}

/** BINFLOAT is the one big-endian number of the format. */
export function takeF64BigEndian(cursor: PickleCursor, what: string): number {
  return cursor.view.getFloat64(advance(cursor, 8, what), false);
}

/** The length in FRAME only describes the writer's buffer. */
export function takeU64(cursor: PickleCursor, what: string): bigint {
  return cursor.view.getBigUint64(advance(cursor, 8, what), true);
}

/** A two's complement number of `byteLength` bytes, little-endian; a plain number where that is exact. */
export function takeLong(cursor: PickleCursor, byteLength: number, what: string): number | bigint {
  if (byteLength > MAX_PICKLE_LONG_BYTES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${cursor.where}: a number of ${byteLength} bytes at offset ${cursor.offset}, at most ${MAX_PICKLE_LONG_BYTES} are read`,
    );
  }
  const start = advance(cursor, byteLength, what);
  let value = 0n;
  for (let index = byteLength - 1; index >= 0; index--) {
    value = (value << 8n) | BigInt(cursor.view.getUint8(start + index));
  }
  const signed = BigInt.asIntN(byteLength * 8, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

/** Skips bytes that have no meaning here. */
export function skipBytes(cursor: PickleCursor, byteLength: number, what: string): void {
  advance(cursor, byteLength, what);
}

/** UTF-8 text. Its length is checked against the remaining bytes before anything is decoded. */
export function takeText(cursor: PickleCursor, byteLength: number, what: string): string {
  if (byteLength > MAX_PICKLE_STRING_BYTES) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${cursor.where}: a string of ${byteLength} bytes at offset ${cursor.offset}, at most ${MAX_PICKLE_STRING_BYTES} are read`,
    );
  }
  const start = advance(cursor, byteLength, what);
  return decode(cursor, start, start + byteLength);
}

/** Text up to a newline. The newline is taken as well. */
export function takeLine(cursor: PickleCursor, what: string): string {
  const start = cursor.offset;
  const end = cursor.bytes.subarray(start, start + MAX_PICKLE_LINE_BYTES).indexOf(0x0a);
  if (end < 0) {
    if (cursor.bytes.byteLength - start >= MAX_PICKLE_LINE_BYTES) {
      throw new DetectorError(
        'checkpoint-malformed',
        `${cursor.where}: expected a newline within ${MAX_PICKLE_LINE_BYTES} bytes of offset ${start} (${what})`,
      );
    }
    advance(cursor, cursor.bytes.byteLength - start + 1, what);
  }
  cursor.offset = start + end + 1;
  return decode(cursor, start, start + end);
}

function decode(cursor: PickleCursor, start: number, end: number): string {
  try {
    return UTF8.decode(cursor.bytes.subarray(start, end));
  } catch (error) {
    throw new DetectorError('checkpoint-malformed', `${cursor.where}: text at offset ${start} is not UTF-8`, {
      cause: error,
    });
  }
}

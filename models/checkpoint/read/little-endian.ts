import { DetectorError } from '../../../utils/domain/errors.ts';

/** A DataView on exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * An unsigned 64-bit number, little-endian, as a plain number.
 * @throws DetectorError `checkpoint-malformed` above 2^53 - 1: no file is that long
 */
export function readU64Le(view: DataView, offset: number, what: string): number {
  const value = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
  if (!Number.isSafeInteger(value)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${what}: 0x${view.getBigUint64(offset, true).toString(16)} is no size or offset of a file`,
    );
  }
  return value;
}

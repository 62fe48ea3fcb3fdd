import { DetectorError } from '../../../utils/domain/errors.ts';
import { READ_BLOCK_BYTES } from './limits.ts';

/** A place in a record from which a later reader can go on: its offset, and the CRC-32 of everything before it. */
export type RecordPosition = { readonly offset: number; readonly checksum: number };

/** A part of the file itself. */
export type FileExtent = {
  readonly offset: number;
  readonly byteLength: number;
  /** The bytes at its end that belong to the record but are never read (a zip's data descriptor). */
  readonly tailByteLength: number;
};

/** Reads the bytes of a record from the first to the last. Its checksum is checked when the last byte is read. */
export type SequentialReader = {
  readonly position: () => number;
  /**
   * The place from which a later reader can go on, perhaps in another run of the program; null where it must begin anew
   * (deflated records).
   */
  readonly mark: () => RecordPosition | null;
  /**
   * Exactly the next `byteLength` bytes; the caller makes sure that there are as many.
   * @throws DetectorError `checkpoint-malformed` in place of the last bytes when the record's checksum is wrong
   */
  readonly read: (byteLength: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;
  /** Frees the memory of an unfinished read. */
  readonly close: () => Promise<void>;
};

/** The bytes of one storage, in any kind of container. */
export type StorageRecord = {
  /** The record's name, for messages. */
  readonly name: string;
  /** Length of the decoded bytes. */
  readonly byteLength: number;
  /** Whether a range may be read by itself: the bytes are stored as they are, and no checksum is left to check. */
  readonly isRangeReadable: () => boolean;
  readonly readRange: (
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ) => Promise<Uint8Array<ArrayBuffer>>;
  /**
   * @param from a mark of an earlier reader of the same bytes; the checksum covers what that one read
   * @throws DetectorError `options-invalid` for a mark where none can be given
   */
  readonly openSequential: (signal?: AbortSignal, from?: RecordPosition | null) => Promise<SequentialReader>;
  /** The part of the file that is read for the record, its header included. */
  readonly fileExtent: FileExtent;
  /** The CRC-32 that the container states, unsigned; null where it states none. */
  readonly crc32: number | null;
};

/**
 * Calls `visit` with consecutive blocks, in order, that cover at least bytes `start` to `end` of the record. Unless the
 * record's checksum is known to be right, the blocks cover the whole record, so that it is checked.
 */
export async function visitBlocks(
  record: StorageRecord,
  start: number,
  end: number,
  visit: (block: Uint8Array<ArrayBuffer>, offset: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (record.isRangeReadable()) {
    for (let offset = start; offset < end; offset += READ_BLOCK_BYTES) {
      visit(await record.readRange(offset, Math.min(READ_BLOCK_BYTES, end - offset), signal), offset);
    }
    return;
  }
  const reader = await record.openSequential(signal);
  try {
    while (reader.position() < record.byteLength) {
      const offset = reader.position();
      visit(await reader.read(Math.min(READ_BLOCK_BYTES, record.byteLength - offset), signal), offset);
    }
  } finally {
    await reader.close();
  }
}

/** Reads and drops everything up to `end`, in blocks of bounded size. */
export async function skipTo(reader: SequentialReader, end: number, signal?: AbortSignal): Promise<void> {
  while (reader.position() < end) {
    await reader.read(Math.min(READ_BLOCK_BYTES, end - reader.position()), signal);
  }
}

/** Bytes `start` to `end` of the record, with its checksum checked. Allocates what it returns and one block. */
export async function readChecked(
  record: StorageRecord,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (end > record.byteLength) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${record.name}: ${end} bytes are needed, it has ${record.byteLength}`,
    );
  }
  if (end - start <= READ_BLOCK_BYTES) {
    // The usual tensor is smaller than a block: what the source returns is handed on without a copy.
    if (record.isRangeReadable()) return await record.readRange(start, end - start, signal);
    const reader = await record.openSequential(signal);
    try {
      await skipTo(reader, start, signal);
      const bytes = await reader.read(end - start, signal);
      await skipTo(reader, record.byteLength, signal);
      return bytes;
    } finally {
      await reader.close();
    }
  }
  const bytes = new Uint8Array(end - start);
  const copy = (block: Uint8Array, offset: number): void => {
    const from = Math.max(start, offset);
    const to = Math.min(end, offset + block.byteLength);
    if (from < to) bytes.set(block.subarray(from - offset, to - offset), from - start);
  };
  await visitBlocks(record, start, end, copy, signal);
  return bytes;
}

import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { crc32 } from './crc32.ts';
import { showForeign } from './foreign-text.ts';
import { createInflater } from './inflate.ts';
import { viewOf } from './little-endian.ts';
import type { RecordPosition, SequentialReader, StorageRecord } from './storage-record.ts';
import { LOCAL_HEADER_BYTES, type ZipEntry } from './zip-directory.ts';

const LOCAL_HEADER_SIGNATURE = 0x04034b50;

/**
 * A record of the archive. Its local header is read with its first bytes, and its CRC-32 is checked whenever it is read
 * to the end; after that, parts of a stored record may be read by themselves.
 */
export function createZipRecord(source: ByteSource, entry: ZipEntry): StorageRecord {
  const name = `${source.name}: record "${showForeign(entry.name)}"`;
  let dataOffset: number | undefined;
  // A record without a checksum needs no check.
  let isChecked = entry.crc32 === null;

  async function locate(signal?: AbortSignal): Promise<number> {
    dataOffset ??= await readDataOffset(source, entry, name, signal);
    return dataOffset;
  }

  async function openSequential(
    signal?: AbortSignal,
    from: RecordPosition | null = null,
  ): Promise<SequentialReader> {
    if (from !== null && (entry.method !== 'stored' || from.offset > entry.byteLength)) {
      throw new DetectorError('options-invalid', `${name}: can't be read from byte ${from.offset} on`);
    }
    const start = await locate(signal);
    const inflater =
      entry.method === 'deflated'
        ? createInflater(source, start, entry.compressedByteLength, entry.byteLength, name)
        : undefined;
    let position = from?.offset ?? 0;
    let checksum = from?.checksum ?? 0;
    async function read(byteLength: number, readSignal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
      readSignal?.throwIfAborted();
      const bytes =
        inflater === undefined
          ? await source.read(start + position, byteLength, readSignal)
          : await inflater.read(byteLength, readSignal);
      checksum = crc32(bytes, checksum);
      position += byteLength;
      if (position === entry.byteLength) {
        await inflater?.expectEnd();
        if (entry.crc32 !== null && checksum !== entry.crc32) {
          throw new DetectorError(
            'checkpoint-malformed',
            `${name}: expected CRC-32 ${hex(entry.crc32)}, found ${hex(checksum)}; the file is damaged: download it again`,
          );
        }
        isChecked = true;
      }
      return bytes;
    }
    return {
      position: () => position,
      mark: () => (inflater === undefined ? { offset: position, checksum } : null),
      read,
      close: async () => {
        await inflater?.close();
      },
    };
  }

  return {
    name,
    byteLength: entry.byteLength,
    isRangeReadable: () => isChecked && entry.method === 'stored',
    readRange: async (offset, byteLength, signal) =>
      await source.read((await locate(signal)) + offset, byteLength, signal),
    openSequential,
    fileExtent: {
      offset: entry.headerOffset,
      byteLength: entry.endOffset - entry.headerOffset,
      // The local extra field may be shorter. Then a few bytes are held in memory for a little longer.
      tailByteLength: Math.max(
        0,
        entry.endOffset -
          entry.headerOffset -
          LOCAL_HEADER_BYTES -
          entry.nameBytes.byteLength -
          entry.compressedByteLength,
      ),
    },
    crc32: entry.crc32,
  };
}

/** PKWARE APPNOTE 6.3.10, 4.3.7: the data begin after the local name and the local extra field, which has its own length. */
async function readDataOffset(
  source: ByteSource,
  entry: ZipEntry,
  name: string,
  signal?: AbortSignal,
): Promise<number> {
  const { nameBytes } = entry;
  const where = `${name}: local header at ${entry.headerOffset}`;
  const room = entry.endOffset - entry.headerOffset;
  const headLength = LOCAL_HEADER_BYTES + nameBytes.byteLength;
  if (room < headLength) {
    throw new DetectorError('checkpoint-malformed', `${where}: ${room} bytes are no header`);
  }
  const head = await source.read(entry.headerOffset, headLength, signal);
  const view = viewOf(head);
  const signature = view.getUint32(0, true);
  if (signature !== LOCAL_HEADER_SIGNATURE) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected signature 0x04034b50, found ${hex(signature)}`,
    );
  }
  const nameLength = view.getUint16(26, true);
  const isSameName =
    nameLength === nameBytes.byteLength &&
    nameBytes.every((byte, index) => head[LOCAL_HEADER_BYTES + index] === byte);
  if (!isSameName) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: the name differs from the central directory's`,
    );
  }
  const method = view.getUint16(8, true);
  if ((method === 0 ? 'stored' : method === 8 ? 'deflated' : undefined) !== entry.method) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected the record to be ${entry.method}, found method ${method}`,
    );
  }
  const dataOffset = entry.headerOffset + headLength + view.getUint16(28, true);
  if (dataOffset + entry.compressedByteLength > entry.endOffset) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: ${entry.compressedByteLength} bytes from ${dataOffset} on run into what begins at ${entry.endOffset}`,
    );
  }
  return dataOffset;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

import type { ByteSource } from './byte-source.ts';
import type { FileExtent, StorageRecord } from './storage-record.ts';

/**
 * A record whose bytes lie in the file as they are, without a checksum: of the legacy format and of safetensors.
 * @param start offset of the bytes themselves
 * @param fileExtent begins with the header before the bytes
 */
export function createPlainRecord(
  source: ByteSource,
  name: string,
  start: number,
  { byteLength, fileExtent }: { readonly byteLength: number; readonly fileExtent: FileExtent },
): StorageRecord {
  const readRange: StorageRecord['readRange'] = async (from, length, signal) =>
    await source.read(start + from, length, signal);
  return {
    name,
    byteLength,
    isRangeReadable: () => true,
    readRange,
    openSequential: () => {
      let position = 0;
      return Promise.resolve({
        position: () => position,
        // A file without checksums gives no place to go on from.
        mark: () => null,
        read: async (length, signal) => {
          const bytes = await readRange(position, length, signal);
          position += length;
          return bytes;
        },
        close: () => Promise.resolve(),
      });
    },
    fileExtent,
    crc32: null,
  };
}

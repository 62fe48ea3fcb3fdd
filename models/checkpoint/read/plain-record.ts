import type { ByteSource } from './byte-source.ts';
import type { FileExtent, StorageRecord } from './storage-record.ts';

/**
 * Bytes that lie in the file as they are, without a checksum: of the legacy format and of safetensors.
 * @param start of the bytes themselves
 * @param fileExtent from what stands before them
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
        // Nothing is continued from a file without checksums.
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

import type { ByteSource } from './byte-source.ts';

/** Counts the bytes of every read that it passes on: for progress, and to prove that dead tensors stay unread. */
export function createCountingSource(source: ByteSource): ByteSource & { readonly bytesRead: number } {
  let bytesRead = 0;
  return {
    name: source.name,
    byteLength: source.byteLength,
    get bytesRead() {
      return bytesRead;
    },
    read: async (offset, byteLength, signal) => {
      const bytes = await source.read(offset, byteLength, signal);
      bytesRead += bytes.byteLength;
      return bytes;
    },
  };
}

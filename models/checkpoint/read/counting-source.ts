import type { ByteSource } from './byte-source.ts';

/** Passes every read on and counts the bytes: for progress, and to prove that dead tensors stay unread. */
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

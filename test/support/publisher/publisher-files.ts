import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** The path of a file on disk, or bytes. */
export type FileContent = string | Uint8Array;

/** A published file. If a file on disk is changed after its publication, the ETag is wrong. */
export type PublishedFile = {
  readonly content: FileContent;
  readonly byteLength: number;
  /** With its quotes, as in headers. It stays the same after a restart, as long as the file is the same. */
  readonly etag: string;
};

/** An open file; `close` it. */
export type OpenFile = {
  /** Exactly these bytes; the caller may change them. */
  readonly read: (offset: number, byteLength: number) => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

/**
 * Opens a file.
 * @param version each version gives the same content another ETag
 * @throws Error for a path at which no file lies
 */
export function describeFile(content: FileContent, version: number): PublishedFile {
  const hash = createHash('sha256').update(`${version}\n`);
  if (typeof content !== 'string') {
    const etag = hash.update(content).digest('hex');
    return { content, byteLength: content.byteLength, etag: `"${etag}"` };
  }
  const stat = statSync(content);
  if (!stat.isFile()) throw new Error(`${content} is no file`);
  // Hashing the content of a published checkpoint would take longer than most tests.
  const etag = hash.update(`${content}\n${stat.size}\n${stat.mtimeMs}`).digest('hex');
  return { content, byteLength: stat.size, etag: `"${etag}"` };
}

export async function openFile({ content }: PublishedFile): Promise<OpenFile> {
  if (typeof content !== 'string') {
    return {
      read: (offset, byteLength) =>
        Promise.resolve(Buffer.from(content.subarray(offset, offset + byteLength))),
      close: () => Promise.resolve(),
    };
  }
  const handle = await open(content);
  return {
    read: async (offset, byteLength) => {
      const bytes = Buffer.allocUnsafe(byteLength);
      let filled = 0;
      while (filled < byteLength) {
        const { bytesRead } = await handle.read(bytes, filled, byteLength - filled, offset + filled);
        if (bytesRead === 0) throw new Error(`${content} became shorter while it was published`);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

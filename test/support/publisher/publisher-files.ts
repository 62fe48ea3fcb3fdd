import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** The path of a file on disk, or bytes. */
export type FileContent = string | Uint8Array;

/** A file as it is published. Whoever changes one on disk after that breaks its promise. */
export type PublishedFile = {
  readonly content: FileContent;
  readonly byteLength: number;
  /** With its quotes, as it stands in headers. The same after a restart, as long as the file is the same. */
  readonly etag: string;
};

/** An open file; `close` it. */
export type OpenFile = {
  /** Exactly these bytes; the caller may change them. */
  readonly read: (offset: number, byteLength: number) => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

/**
 * @param version makes another ETag of the same content
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

/**
 * Random access to the bytes of a file that is never loaded whole: a Blob or File, a file opened in Node, HTTP
 * ranges. Offsets are plain numbers (exact to 2^53), so files above 4 GB need nothing special.
 */
export type ByteSource = {
  /** A file name or an address, for messages only. */
  readonly name: string;
  /** Size of the whole file in bytes. */
  readonly byteLength: number;
  /**
   * Resolves with exactly `byteLength` bytes from `offset` on. The bytes belong to the caller.
   * @throws DetectorError `source-failed` when fewer bytes could be read; AbortError when aborted.
   */
  readonly read: (
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ) => Promise<Uint8Array<ArrayBuffer>>;
};

import { untilAborted } from '../../../utils/domain/until-aborted.ts';
import type { ByteSource } from '../../checkpoint/read/byte-source.ts';
import type { FileExtent } from '../../checkpoint/read/checkpoint.ts';

/** One request for a part of a large tensor: half a second at 100 Mbit/s. */
const CHUNK_BYTE_LENGTH = 8 * 2 ** 20;
/** Smaller tensors are fetched together with their neighbours in the file. */
const SMALL_BYTE_LENGTH = 512 * 2 ** 10;
/** The gap between two small tensors is fetched too where that costs less than a second request. */
const MAX_GAP_BYTE_LENGTH = 2 * 2 ** 10;
/** Requests at one time. */
const MAX_IN_FLIGHT = 3;
/**
 * The most bytes of large tensors that are fetched and not read yet. A request that the reader waits for is sent in any
 * case.
 */
const MAX_BUFFERED_BYTE_LENGTH = 32 * 2 ** 20;

/** A part of the file that will be read, and the number of the first shard that reads it. */
export type ExpectedExtent = FileExtent & { readonly part: number };

export type ReadAheadSource = ReturnType<typeof createReadAheadSource>;

export type ReadAheadOptions = {
  readonly chunkByteLength?: number;
  readonly smallByteLength?: number;
  readonly maxInFlight?: number;
  readonly maxBufferedByteLength?: number;
};

type Chunk = {
  readonly offset: number;
  readonly byteLength: number;
  /** Bytes at the end of the chunk that are never read. */
  readonly tailByteLength: number;
  /**
   * Whether the chunk holds several small tensors. It is kept, since biases and norms are read more than once. All such
   * chunks are a few megabytes.
   */
  readonly isKept: boolean;
  readonly part: number;
  /** Place in the order in which chunks are needed. */
  order: number;
  /** null: not asked for yet, read to its end, or failed. */
  bytes: Promise<Uint8Array<ArrayBuffer>> | null;
  /** Whether the chunk was ever requested. One that was read before its turn is not fetched again at its turn. */
  isAsked: boolean;
};

const UNREAD: Pick<Chunk, 'bytes' | 'isAsked'> = { bytes: null, isAsked: false };

/**
 * Fetches announced extents ahead, several ranges at a time, so that no tensor waits for a request to the server. Small
 * neighbours come in one request. No announced extent is fetched twice, unless it is large and read twice. Other bytes
 * are fetched when they are read.
 */
export function createReadAheadSource(source: ByteSource, options: ReadAheadOptions = {}) {
  const { maxInFlight = MAX_IN_FLIGHT, maxBufferedByteLength = MAX_BUFFERED_BYTE_LENGTH } = options;
  let closing = new AbortController();
  /** The chunks, sorted by offset. */
  let chunks: readonly Chunk[] = [];
  /** The chunks, sorted by order. */
  let queue: readonly Chunk[] = [];
  let nextInQueue = 0;
  let reachedPart = -Infinity;
  let inFlight = 0;
  let bufferedByteLength = 0;

  /**
   * Announces the extents that will be read, in this order. They are fetched ahead from `reach` on. Bytes that were
   * fetched before are dropped, so that wrong bytes are requested again.
   */
  function expect(extents: readonly ExpectedExtent[]): void {
    closing.abort();
    closing = new AbortController();
    chunks = cutIntoChunks(extents, options);
    queue = chunks.toSorted((a, b) => a.order - b.order);
    nextInQueue = 0;
    reachedPart = -Infinity;
    inFlight = 0;
    bufferedByteLength = 0;
  }

  /** The reader has come to this part. No later part is fetched ahead, so that an end of the program loses one part. */
  function reach(part: number): void {
    reachedPart = part;
    pump();
  }

  function pump(): void {
    while (nextInQueue < queue.length && inFlight < maxInFlight) {
      const chunk = queue[nextInQueue]!;
      if (chunk.part > reachedPart) return;
      if (!chunk.isAsked) {
        if (!chunk.isKept && bufferedByteLength + chunk.byteLength > maxBufferedByteLength) return;
        void start(chunk);
      }
      nextInQueue += 1;
    }
  }

  function start(chunk: Chunk): Promise<Uint8Array<ArrayBuffer>> {
    const { signal } = closing;
    chunk.isAsked = true;
    inFlight += 1;
    if (!chunk.isKept) bufferedByteLength += chunk.byteLength;
    const bytes = source.read(chunk.offset, chunk.byteLength, signal);
    chunk.bytes = bytes;
    bytes.then(
      () => {
        // A request of an earlier `expect` does not count any more.
        if (signal.aborted) return;
        inFlight -= 1;
        pump();
      },
      () => {
        if (signal.aborted) return;
        inFlight -= 1;
        // The read of this chunk rejects and may be repeated. Nothing is fetched ahead until then.
        release(chunk);
      },
    );
    return bytes;
  }

  function release(chunk: Chunk): void {
    if (chunk.bytes === null) return;
    chunk.bytes = null;
    if (!chunk.isKept) bufferedByteLength -= chunk.byteLength;
  }

  async function read(
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const end = offset + byteLength;
    const first = indexAt(chunks, offset);
    if (first === -1) return await source.read(offset, byteLength, signal);
    const whole = chunks[first]!;
    if (offset === whole.offset && byteLength === whole.byteLength && !whole.isKept) {
      // The bytes are handed on without a copy.
      const bytes = await untilAborted(whole.bytes ?? start(whole), signal);
      release(whole);
      pump();
      return bytes;
    }
    const output = new Uint8Array(byteLength);
    let position = offset;
    // Each round goes forward by at least a byte.
    for (let index = first; position < end; index = indexAt(chunks, position)) {
      const chunk = chunks[index];
      if (chunk === undefined) {
        const next = chunks.find((candidate) => candidate.offset > position)?.offset ?? end;
        const part = await source.read(position, Math.min(next, end) - position, signal);
        output.set(part, position - offset);
        position += part.byteLength;
        continue;
      }
      const bytes = await untilAborted(chunk.bytes ?? start(chunk), signal);
      const chunkEnd = chunk.offset + chunk.byteLength;
      const part = bytes.subarray(position - chunk.offset, Math.min(end, chunkEnd) - chunk.offset);
      output.set(part, position - offset);
      position += part.byteLength;
      // Large tensors are read from their beginning to their end.
      if (!chunk.isKept && position >= chunkEnd - chunk.tailByteLength) release(chunk);
      pump();
    }
    return output;
  }

  return {
    name: source.name,
    byteLength: source.byteLength,
    read,
    expect,
    reach,
    /** Aborts every request. */
    close: () => {
      closing.abort();
      chunks = queue = [];
    },
  };
}

/** Sorts the extents by offset and removes overlaps. */
function cutIntoChunks(
  extents: readonly ExpectedExtent[],
  { chunkByteLength = CHUNK_BYTE_LENGTH, smallByteLength = SMALL_BYTE_LENGTH }: ReadAheadOptions,
): readonly Chunk[] {
  const byOffset = extents
    .map((extent, order) => ({ ...extent, order }))
    .toSorted((a, b) => a.offset - b.offset);
  const chunks: Chunk[] = [];
  /** A chunk of several small extents, as long as neighbours follow. */
  let cluster: { offset: number; end: number; order: number; part: number } | null = null;
  const closeCluster = (): void => {
    if (cluster === null) return;
    const { end, ...rest } = cluster;
    chunks.push({ ...UNREAD, ...rest, byteLength: end - rest.offset, tailByteLength: 0, isKept: true });
    cluster = null;
  };
  for (const { offset, byteLength, tailByteLength, order, part } of byOffset) {
    if (byteLength > smallByteLength) {
      closeCluster();
      const count = Math.ceil(byteLength / chunkByteLength);
      for (let index = 0; index < count; index++) {
        const start = index * chunkByteLength;
        chunks.push({
          ...UNREAD,
          offset: offset + start,
          byteLength: Math.min(chunkByteLength, byteLength - start),
          tailByteLength: index === count - 1 ? tailByteLength : 0,
          isKept: false,
          part,
          // Pieces of one tensor follow one another, before the next tensor's.
          order: order + index / count,
        });
      }
      continue;
    }
    const isNear =
      cluster !== null &&
      cluster.part === part &&
      offset - cluster.end <= MAX_GAP_BYTE_LENGTH &&
      offset + byteLength - cluster.offset <= chunkByteLength;
    if (cluster === null || !isNear) {
      closeCluster();
      cluster = { offset, end: offset + byteLength, order, part };
    } else {
      cluster.end = offset + byteLength;
      cluster.order = Math.min(cluster.order, order);
    }
  }
  closeCluster();
  return chunks;
}

/** The chunk that holds the byte, or -1. */
function indexAt(chunks: readonly Chunk[], offset: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle]!;
    if (offset < chunk.offset) high = middle - 1;
    else if (offset >= chunk.offset + chunk.byteLength) low = middle + 1;
    else return middle;
  }
  return -1;
}

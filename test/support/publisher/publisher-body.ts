import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenFile } from './publisher-files.ts';

/** The part of a file that is sent, and its faults. */
export type Body = {
  readonly offset: number;
  readonly byteLength: number;
  /** Offset in the file of the byte that is sent wrong; null if no byte is. */
  readonly flippedOffset: number | null;
  /** After `afterByteLength` the body ends (`cut`) or nothing more comes (`stalled`). null: it is sent whole. */
  readonly broken: { readonly how: 'cut' | 'stalled'; readonly afterByteLength: number } | null;
};

/** Holds all bodies together to the present rate. */
export type Throttle = {
  readonly chunkByteLength: () => number;
  readonly pass: (byteLength: number, signal: AbortSignal) => Promise<void>;
};

const MAX_CHUNK_BYTE_LENGTH = 2 ** 16;
/** How often a throttled body tests whether it may continue. */
const POLL_MILLISECONDS = 10;
/** Small enough that a slow body still comes steadily. */
const CHUNKS_PER_SECOND = 20;

export function createThrottle(bytesPerSecond: () => number | null): Throttle {
  // Bytes that were sent ahead of their time. The debt falls as time passes, and never below zero.
  let debt = 0;
  let ratePaid: number | null = null;
  let paidAtMilliseconds = performance.now();
  return {
    chunkByteLength: () => {
      const rate = bytesPerSecond() ?? Infinity;
      return Math.max(1, Math.min(MAX_CHUNK_BYTE_LENGTH, Math.floor(rate / CHUNKS_PER_SECOND)));
    },
    pass: async (byteLength, signal) => {
      // The rate may change at any time; the signal ends this when the connection is closed.
      while (!signal.aborted) {
        const rate = bytesPerSecond();
        const now = performance.now();
        const paid = ((now - paidAtMilliseconds) / 1000) * (rate ?? 0);
        // A change of the rate cancels the debt: at a much lower rate it would hardly ever be paid.
        debt = rate === ratePaid ? Math.max(0, debt - paid) : 0;
        ratePaid = rate;
        paidAtMilliseconds = now;
        if (rate === null) return;
        if (debt === 0) {
          debt = byteLength;
          return;
        }
        await sleep(POLL_MILLISECONDS);
      }
    },
  };
}

/**
 * Sends the body after the head, never more than a chunk ahead of what the network takes.
 *
 * @param onSent called before each chunk is sent, so that a client that has the chunk finds it counted
 * @param signal aborted when the connection is closed, by either side
 */
export async function sendBody(
  response: ServerResponse,
  file: OpenFile,
  body: Body,
  throttle: Throttle,
  onSent: (byteLength: number, isLast: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const { offset, byteLength, flippedOffset, broken } = body;
  const end = broken?.afterByteLength ?? byteLength;
  let sentByteLength = 0;
  // The head does not wait for the body, which may come late.
  response.flushHeaders();
  while (sentByteLength < end) {
    const chunkByteLength = Math.min(throttle.chunkByteLength(), end - sentByteLength);
    await throttle.pass(chunkByteLength, signal);
    const chunkOffset = offset + sentByteLength;
    const chunk = await file.read(chunkOffset, chunkByteLength);
    if (signal.aborted) return;
    const flipped = (flippedOffset ?? -Infinity) - chunkOffset;
    if (flipped >= 0 && flipped < chunkByteLength) chunk[flipped]! ^= 1;
    sentByteLength += chunkByteLength;
    onSent(chunkByteLength, sentByteLength === byteLength);
    if (!response.write(chunk)) await drained(response, signal);
  }
  switch (broken?.how) {
    case undefined:
      response.end();
      return;
    case 'cut':
      // The written bytes are still sent.
      response.socket?.destroySoon();
      return;
    case 'stalled':
      return;
  }
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

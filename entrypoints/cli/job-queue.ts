import { Redis } from 'ioredis';
import { DetectorError } from '../../utils/domain/errors.ts';
import { UsageError } from './command-line.ts';

/** Of BullMQ, in the Redis database that `--queue` names. One set of models at a time: a worker with others refuses. */
export const QUEUE_NAME = 'trueframe-videos';

/**
 * A worker renews its videos' locks in half of this time. Short, since a lost worker's video waits for so long; long beside
 * the second or two for which a busy computer may hold a program up.
 */
export const LOCK_MILLISECONDS = 10_000;
/** Workers look for videos without a lock so often, and give back what two looks in a row have found. */
export const STALLED_CHECK_MILLISECONDS = 5000;
/** A video that has ended so many workers fails: it would end the next one, too. */
export const MAX_LOST_WORKERS = 3;
/** Attempts at a video whose worker's browser ends or whose worker's model fails. */
export const MAX_ATTEMPTS = 3;
/** Results that no coordinator has taken are kept for a week, in which a run can be resumed. */
export const KEPT_SECONDS = 7 * 24 * 3600;

/** How long a server may take to answer at all. */
const CONNECT_MILLISECONDS = 5000;

/** @throws UsageError for anything else than the address of a Redis server */
export function parseQueueAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new UsageError('--queue: expected redis://HOST[:PORT][/DATABASE], or rediss:// for TLS');
  }
  return text;
}

/** Without name and password. */
export function shownAddress(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

/**
 * Asks the server once, since BullMQ itself tries for ever.
 * @throws DetectorError `unreachable` with the reason
 */
export async function requireQueue(address: string): Promise<void> {
  const client = new Redis(address, {
    lazyConnect: true,
    connectTimeout: CONNECT_MILLISECONDS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown = null;
  client.on('error', (error) => {
    reason = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    const { message } = (reason ?? error) as Error;
    throw new DetectorError('unreachable', `${shownAddress(address)}: ${message}`, { cause: error });
  } finally {
    client.disconnect();
  }
}

/** @returns a listener that says once that a queue has gone, which BullMQ tries to reach again and again */
export function createOutageReporter(address: string): { failed: (error: Error) => void; ok: () => void } {
  let isOut = false;
  return {
    failed: ({ message }) => {
      if (!isOut) process.stderr.write(`${shownAddress(address)}: ${message}; trying again\n`);
      isOut = true;
    },
    ok: () => {
      isOut = false;
    },
  };
}

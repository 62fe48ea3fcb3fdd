import { setTimeout as sleep } from 'node:timers/promises';
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
/** For a server that has gone, when the user stops a command. */
const CLOSE_MILLISECONDS = 3000;

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

/** Of BullMQ's queues, events and workers. They try to reach a server that has gone for ever, and say so once. */
export function connectionOf(address: string): { readonly url: string; readonly maxRetriesPerRequest: null } {
  return { url: address, maxRetriesPerRequest: null };
}

export type OutageReporter = {
  readonly failed: (error: Error) => void;
  readonly answered: () => void;
};

export function createOutageReporter(address: string): OutageReporter {
  let isOut = false;
  return {
    failed: ({ message }) => {
      if (!isOut) process.stderr.write(`${shownAddress(address)}: ${message}; trying again\n`);
      isOut = true;
    },
    answered: () => {
      isOut = false;
    },
  };
}

/** Resolves with the work, or when a server that has gone would hold a command up that the user stops. */
export async function inTime(work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), sleep(CLOSE_MILLISECONDS, null, { ref: false })]);
}

type Closable = { readonly close: () => Promise<void>; readonly disconnect: () => Promise<void> };

/** Ends connections, also those to a server that has gone. */
export async function closeInTime(connected: readonly Closable[]): Promise<void> {
  await inTime(Promise.all(connected.map((each) => each.close())));
  // It ends the attempts to connect again; there is nothing to wait for.
  for (const each of connected) void each.disconnect().catch(() => undefined);
}

import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { DownloadWait } from '../../../utils/domain/installation.ts';
import type { ByteSource } from '../../checkpoint/read/byte-source.ts';

/**
 * The first delay is half a second. It doubles up to half a minute: the last delays are long enough for a server's
 * restart.
 */
const FIRST_DELAY_MILLISECONDS = 500;
const MAX_DELAY_MILLISECONDS = 30_000;
/** Attempts in a row for one range: together five minutes, the period over which servers count requests. */
const MAX_ATTEMPTS = 17;
/** The longest wait that a server may ask for. A longer one is an error, which tells the user. */
const MAX_RETRY_AFTER_MILLISECONDS = 10 * 60_000;
/** How long a download waits for the network to come back. */
const MAX_OFFLINE_MILLISECONDS = 30 * 60_000;
/** Delays vary by this share either way, so that several ranges do not ask again in the same instant. */
const JITTER = 0.2;

export type Patience = {
  /** Called with each wait, and with null when the range goes on. */
  readonly onWait: (wait: DownloadWait | null) => void;
  readonly isOnline: () => boolean;
  /** Resolves after so long, or as soon as the network is back. @throws AbortError */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  /** Scales all delays of ours, but not those that a server asks for; for tests. */
  readonly delayScale?: number;
};

/**
 * Repeats ranges that failed for passing reasons. While the computer has no network, attempts are not counted.
 * @throws (from `read`) DetectorError of `source`: at once where it is permanent, else after the last attempt
 */
export function createRetryingSource(source: ByteSource, patience: Patience): ByteSource {
  /** The waits of all ranges; the page shows the oldest. */
  const waits = new Set<DownloadWait>();

  async function wait(
    reason: DownloadWait['reason'],
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const added: DownloadWait = { reason, until: patience.now() + milliseconds };
    const show = (): void => patience.onWait([...waits][0] ?? null);
    waits.add(added);
    show();
    try {
      await patience.sleep(milliseconds, signal);
    } finally {
      waits.delete(added);
      show();
    }
  }

  async function waitForNetwork(deadline: number, signal?: AbortSignal): Promise<void> {
    // Each round sleeps, and the deadline ends them.
    while (!patience.isOnline() && patience.now() < deadline) {
      await wait('offline', MAX_DELAY_MILLISECONDS, signal);
    }
  }

  function delayAfter(attempt: number): number {
    const delay = Math.min(MAX_DELAY_MILLISECONDS, FIRST_DELAY_MILLISECONDS * 2 ** attempt);
    return delay * (1 - JITTER + 2 * JITTER * patience.random()) * (patience.delayScale ?? 1);
  }

  async function read(
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const offlineDeadline = patience.now() + MAX_OFFLINE_MILLISECONDS;
    let isConfirmed = false;
    for (let attempt = 0; ; attempt++) {
      try {
        return await source.read(offset, byteLength, signal);
      } catch (error) {
        // One wrong answer from one of many servers must not drop the download, so only the second equal answer counts.
        if (isDetectorError(error, 'source-changed') && !isConfirmed) {
          isConfirmed = true;
          await wait('broken', delayAfter(0), signal);
          continue;
        }
        if (!isDetectorError(error, 'source-failed')) throw error;
        if (!patience.isOnline() && patience.now() < offlineDeadline) {
          await waitForNetwork(offlineDeadline, signal);
          attempt = -1;
          continue;
        }
        const asked = error.retryAfterMilliseconds;
        if (asked !== null && asked > MAX_RETRY_AFTER_MILLISECONDS) {
          throw new DetectorError(
            'source-failed',
            `${error.message}; the server asks to wait ${Math.ceil(asked / 60_000)} minutes`,
            { cause: error },
          );
        }
        if (attempt + 1 >= MAX_ATTEMPTS) throw error;
        await wait(asked === null ? 'broken' : 'busy', Math.max(asked ?? 0, delayAfter(attempt)), signal);
      }
    }
  }

  return { name: source.name, byteLength: source.byteLength, read };
}

/** A wait that the browser's `online` event ends early. Only in a page or Worker. */
export async function sleepUntilOnline(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const over = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  const options = { once: true, signal: over.signal };
  self.addEventListener('online', () => resolve(undefined), options);
  signal?.addEventListener('abort', () => reject(signal.reason as Error), options);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

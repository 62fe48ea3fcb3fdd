import type { PublishedCheckpoint } from '../detectors/detector.ts';
import { REGISTRY } from '../detectors/registry.ts';
import { BROWSER_STORE } from '../store/browser-store.ts';
import type { DownloadDeps } from '../store/download/download-model.ts';
import { sleepUntilOnline } from '../store/download/retrying-source.ts';

/** In a test build: the file that describes a test's own checkpoints, which a server on this machine has. */
const TEST_FILE_NAME = 'test-publisher.json';

/** A test's own checkpoints and limits. */
export type TestPublisher = {
  readonly checkpoints: readonly PublishedCheckpoint[];
} & Pick<DownloadDeps, 'conversion' | 'readAhead' | 'stallMilliseconds' | 'delayScale'>;

const DEPS: DownloadDeps = {
  store: BROWSER_STORE,
  isOnline: () => navigator.onLine,
  sleep: sleepUntilOnline,
  now: () => Date.now(),
  random: () => Math.random(),
  isBlocked,
};

/** A detector's published checkpoints. Only a test build can use other ones. */
export async function findDownloadSource(detectorId: string) {
  const published = { checkpoints: REGISTRY.get(detectorId).published?.checkpoints ?? [], deps: DEPS };
  if (import.meta.env.MODE !== 'test') return published;
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(TEST_FILE_NAME, { create: true });
  const text = await (await handle.getFile()).text();
  if (text === '') return published;
  const { checkpoints, ...changed } = JSON.parse(text) as TestPublisher;
  return { checkpoints, deps: { ...DEPS, ...changed } };
}

/**
 * Sends a request whose answer can't be read. It succeeds if the network works: then only the browser hides the
 * publisher's answer from us (Fetch, "CORS check").
 */
async function isBlocked(url: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await fetch(url, {
      method: 'HEAD',
      mode: 'no-cors',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      ...(signal && { signal }),
    });
    return true;
  } catch {
    // No network, no server, or aborted: the caller looks at its own signal.
    return false;
  }
}

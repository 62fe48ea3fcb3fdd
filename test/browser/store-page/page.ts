import type { StoreReply, StoreRequest } from './protocol.ts';

/** One Worker for all requests, as the options page has one for an installation. */
let worker: Worker | null = null;

function askStore(request: StoreRequest): Promise<StoreReply> {
  worker ??= new Worker(new URL('./store.worker.ts', import.meta.url), { type: 'module' });
  const current = worker;
  return new Promise((resolve, reject) => {
    current.onmessage = ({ data }: MessageEvent<StoreReply>) => resolve(data);
    current.onerror = ({ message }) => reject(new Error(`The Worker failed: ${message}`));
    current.postMessage(request);
  });
}

/** Ends the Worker in the middle of its work, as closing the options page would. */
function endStoreWorker(): void {
  worker?.terminate();
  worker = null;
}

Object.assign(globalThis, { askStore, endStoreWorker });

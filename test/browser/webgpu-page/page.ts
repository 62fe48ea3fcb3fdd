import type { HarnessWindow, RunReply, RunRequest } from './protocol.ts';

/** Each model gets a fresh Worker, so that a runtime that failed does not decide the next test. */
function runModel(request: RunRequest): Promise<RunReply> {
  const worker = new Worker(new URL('./runtime.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<RunReply>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<RunReply>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`The Worker failed: ${message}`));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}

(globalThis as HarnessWindow).runModel = runModel;

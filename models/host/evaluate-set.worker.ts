import { evaluateSet } from '../evaluation/evaluate-set.ts';
import type { SetRequest } from '../evaluation/evaluate-set.ts';

/** Computes the figures of one set: a thousand draws of the bootstrap take seconds, in which the page would stand still. */
self.addEventListener('message', ({ data }: MessageEvent<SetRequest>) => {
  self.postMessage(evaluateSet(data));
});

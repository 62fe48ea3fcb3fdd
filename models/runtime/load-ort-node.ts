import * as ort from 'onnxruntime-web';
import type { OrtModule } from './session.ts';

/** More threads than this gain nothing on these networks: ONNX Runtime's own ceiling in browsers, too. */
const MAX_THREADS = 4;

/** ONNX Runtime Web as Node runs it: the `wasm` execution provider only, its binary read from the package. */
export function loadOrtForNode(): OrtModule {
  ort.env.wasm.numThreads = Math.min(navigator.hardwareConcurrency, MAX_THREADS);
  return ort;
}

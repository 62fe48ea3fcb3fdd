import * as ort from 'onnxruntime-web';
import { MAX_THREADS } from './session.ts';
import type { OrtModule } from './session.ts';

/** ONNX Runtime Web for Node: it has the `wasm` execution provider only, whose binary is read from the package. */
export function loadOrtForNode(): OrtModule {
  ort.env.wasm.numThreads = Math.min(navigator.hardwareConcurrency, MAX_THREADS);
  return ort;
}

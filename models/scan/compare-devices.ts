import { isDetectorError } from '../../utils/errors.ts';
import { computeLogits, FACES_PER_RUN } from '../detector.ts';
import type { LoadedNetwork, LogitRow } from '../detector.ts';
import { DEFAULT_NOISE } from '../genconvit/noise.ts';
import type { RgbImage } from '../genconvit/rgb-image.ts';

/** What the comparison of the two execution providers says. */
export type Comparison = { readonly useGpu: boolean; readonly reason: string };

/**
 * Kernels sum in another order and use other approximations of erf and exp: 1e-4 at most on sound hardware. A GPU that
 * computes wrongly is off by far more.
 */
const MAX_LOGIT_DIFFERENCE = 1e-2;

/**
 * Whether the GPU is to be trusted with a network and worth it: the same made-up face on both, then timed. WebGPU has
 * been seen to compute wrongly without an error (microsoft/onnxruntime#26732, #26367), and to be slower than WASM
 * on small networks.
 *
 * @param now monotonic, in milliseconds
 * @throws DetectorError `runtime-failed` when WASM fails; a GPU that fails is an answer
 */
export async function compareDevices(
  gpu: LoadedNetwork,
  wasm: LoadedNetwork,
  now: () => number,
  signal?: AbortSignal,
): Promise<Comparison> {
  const faces = [checkImage(gpu.description.imageSize)];
  const timed = async (network: LoadedNetwork): Promise<readonly [LogitRow, number]> => {
    const start = now();
    const [row] = await computeLogits(network, faces, DEFAULT_NOISE, 0, signal);
    return [row!, (now() - start) / FACES_PER_RUN[network.session.device]];
  };
  let gpuRow: LogitRow;
  let gpuMilliseconds: number;
  try {
    // The first run compiles the kernels; only the second tells how fast they are.
    await timed(gpu);
    [gpuRow, gpuMilliseconds] = await timed(gpu);
  } catch (error) {
    if (isDetectorError(error, 'runtime-failed')) return { useGpu: false, reason: error.message };
    throw error;
  }
  const [wasmRow, wasmMilliseconds] = await timed(wasm);
  const difference = Math.max(...gpuRow.map((logit, index) => Math.abs(logit - wasmRow[index]!)));
  // Not ≤: a GPU that says NaN is wrong too.
  if (!(difference <= MAX_LOGIT_DIFFERENCE)) {
    return { useGpu: false, reason: `wrong by ${difference.toPrecision(2)} in a logit` };
  }
  const speed = `${Math.round(gpuMilliseconds)} ms a face, WASM ${Math.round(wasmMilliseconds)} ms`;
  return { useGpu: gpuMilliseconds < wasmMilliseconds, reason: speed };
}

/** A picture with low and high frequencies in every channel, the same everywhere. */
function checkImage(side: number): RgbImage {
  const data = new Uint8Array(side * side * 3);
  // Knuth's linear congruential generator (The Art of Computer Programming, 3.3.4): any noise will do.
  let noise = 1;
  for (let index = 0; index < data.length; index++) {
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    const pixel = Math.floor(index / 3);
    const slope = ((pixel % side) + Math.floor(pixel / side)) / (2 * side);
    data[index] = Math.round(160 * slope) + (noise >>> 26);
  }
  return { data, width: side, height: side, channels: 3 };
}

import { isDetectorError } from '../../utils/domain/errors.ts';
import { computeLogits, FACES_PER_RUN } from './compute-logits.ts';
import type { LoadedNetwork } from './compute-logits.ts';
import type { LogitRow } from '../detectors/detector.ts';
import type { RgbImage } from '../image/raster-image.ts';
import type { DeviceTest, SelfTest } from '../../utils/domain/model.ts';
import { MAX_DIFFERENCE_BETWEEN_DEVICES } from '../../utils/domain/repeat.ts';

/** The part of a self-test about the devices. */
type DevicesTest = Pick<SelfTest, 'wasm' | 'webgpu' | 'device'>;

/**
 * The largest difference between two devices' scores. Kernels sum in another order and use other approximations of erf
 * and exp: 1e-4 at most on sound hardware. A GPU that computes wrongly differs by far more. At most a quarter of a
 * logit's difference, a sigmoid's steepest slope, reaches a score.
 */
const MAX_LOGIT_DIFFERENCE = 4 * MAX_DIFFERENCE_BETWEEN_DEVICES;

/**
 * Logits of a trained classifier lie within ten or twenty of zero, those of the made-up weights within three. Spoiled
 * weights or a broken kernel give NaN, or millions.
 */
const EXPECTED_LOGITS = { min: -100, max: 100 } as const;

/**
 * The self-test: a fixed, made-up picture through the network on every device, whether its logits lie in the expected
 * range and agree, and how long a face takes. WebGPU has been seen to compute wrongly without an error
 * (microsoft/onnxruntime#26732, #26367), and to be slower than WASM on small networks, so it has to be right and faster
 * to be used.
 *
 * @param gpu null where there is none to be tested; the reason is `noGpu`
 * @param now monotonic, in milliseconds
 * @returns `device` null where WASM's logits are outside the expected range
 */
export async function testDevices(
  gpu: LoadedNetwork | null,
  noGpu: DeviceTest,
  wasm: LoadedNetwork,
  now: () => number,
  signal?: AbortSignal,
): Promise<DevicesTest> {
  const onWasm = await runTest(wasm, now, signal);
  if (onWasm.row === null) {
    return { wasm: onWasm.test, webgpu: gpu === null ? noGpu : { kind: 'not-tested' }, device: null };
  }
  const onGpu = gpu === null ? { test: noGpu, row: null } : await runTest(gpu, now, signal);
  const webgpu = onGpu.row === null ? onGpu.test : compareRows(onGpu.test, onGpu.row, onWasm.row);
  const isFaster =
    webgpu.kind === 'passed' &&
    onWasm.test.kind === 'passed' &&
    webgpu.millisecondsPerFace < onWasm.test.millisecondsPerFace;
  return { wasm: onWasm.test, webgpu, device: isFaster ? 'webgpu' : 'wasm' };
}

/** The test of one device. It has logits only if they are in the expected range. */
async function runTest(
  network: LoadedNetwork,
  now: () => number,
  signal: AbortSignal | undefined,
): Promise<{ readonly test: DeviceTest; readonly row: LogitRow | null }> {
  const failed = (reason: string) => ({ test: { kind: 'failed', reason }, row: null }) as const;
  const faces = [testImage(network.facts.imageSize)];
  try {
    // The first run compiles the kernels, so the second one is timed.
    await computeLogits(network, faces, {}, signal);
    const start = now();
    const [row] = await computeLogits(network, faces, {}, signal);
    const millisecondsPerFace = (now() - start) / FACES_PER_RUN[network.session.device];
    const outside = row!.find((logit) => !(logit >= EXPECTED_LOGITS.min && logit <= EXPECTED_LOGITS.max));
    if (outside !== undefined) {
      return failed(`a logit of ${outside.toPrecision(3)}, which no face can have`);
    }
    return { test: { kind: 'passed', millisecondsPerFace }, row: row! };
  } catch (error) {
    // `computeLogits` throws this also for logits that are not finite.
    if (isDetectorError(error, 'runtime-failed')) return failed(error.message);
    throw error;
  }
}

function compareRows(test: DeviceTest, row: LogitRow, expected: LogitRow): DeviceTest {
  const difference = Math.max(...row.map((logit, index) => Math.abs(logit - expected[index]!)));
  return difference <= MAX_LOGIT_DIFFERENCE
    ? test
    : { kind: 'failed', reason: `wrong by ${difference.toPrecision(2)} in a logit` };
}

/** A picture with low and high frequencies in every channel, the same on every machine. */
function testImage(side: number): RgbImage {
  const data = new Uint8Array(side * side * 3);
  // Knuth's linear congruential generator (The Art of Computer Programming, 3.3.4). Any noise is good enough.
  let noise = 1;
  for (let index = 0; index < data.length; index++) {
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    const pixel = Math.floor(index / 3);
    const slope = ((pixel % side) + Math.floor(pixel / side)) / (2 * side);
    data[index] = Math.round(160 * slope) + (noise >>> 26);
  }
  return { data, width: side, height: side, channels: 3 };
}

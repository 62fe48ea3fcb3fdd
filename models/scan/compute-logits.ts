import { DetectorError } from '../../utils/domain/errors.ts';
import type { ModelDescription } from '../detectors/genconvit/model-description.ts';
import { INPUT_NAMES, OUTPUT_NAMES } from '../detectors/genconvit/network-interface.ts';
import { noiseForImage } from '../detectors/genconvit/noise.ts';
import type { Noise } from '../detectors/genconvit/noise.ts';
import { writeNormalised } from '../detectors/genconvit/preprocess.ts';
import type { RgbImage } from '../image/raster-image.ts';
import type { NetworkSession, TensorValue } from '../runtime/session.ts';

/** A converted network in a session that can run it. */
export type LoadedNetwork = { readonly description: ModelDescription; readonly session: NetworkSession };

/** Index 0 is FAKE, 1 is REAL: the alphabetical order of the training folders. */
export type LogitRow = readonly [fake: number, real: number];

/**
 * Faces in one run. On the GPU four share a dispatch; on WASM one is as fast, and int8's activation scale then never
 * depends on a neighbour.
 */
export const FACES_PER_RUN = { wasm: 1, webgpu: 4 } as const;

/**
 * The network's logits for faces of the model's size. Every run has the same number of faces, the last one filled up
 * with copies: on the GPU another shape would compile its kernels anew.
 * @param faces RGB images of the model's side, in the order of the video
 * @param firstIndex place of the first face in its video, from 0; the VAE's noise hangs on it
 * @throws DetectorError `image-invalid` for another size, `runtime-failed`; AbortError between two runs
 */
export async function computeLogits(
  { description, session }: LoadedNetwork,
  faces: readonly RgbImage[],
  noise: Noise,
  firstIndex = 0,
  signal?: AbortSignal,
): Promise<LogitRow[]> {
  const rows: LogitRow[] = [];
  const facesPerRun = FACES_PER_RUN[session.device];
  for (let begin = 0; begin < faces.length; begin += facesPerRun) {
    signal?.throwIfAborted();
    const batch = faces.slice(begin, begin + facesPerRun);
    const filled = fillUp(batch, facesPerRun);
    const feeds = makeFeeds(description, filled, noise, firstIndex + begin);
    const outputs = await session.run(feeds, [OUTPUT_NAMES.logits]);
    const logits = outputs[OUTPUT_NAMES.logits]?.data;
    if (logits?.length !== filled.length * 2) {
      throw new DetectorError(
        'runtime-failed',
        `expected ${filled.length} pairs of logits from ${description.network}`,
      );
    }
    // A NaN compares as neither FAKE nor REAL and would come out as REAL.
    if (!logits.every(Number.isFinite)) {
      throw new DetectorError(
        'runtime-failed',
        `${description.network} gave logits that are no finite numbers`,
      );
    }
    batch.forEach((_face, index) => rows.push([logits[index * 2]!, logits[index * 2 + 1]!]));
  }
  return rows;
}

function fillUp(faces: readonly RgbImage[], count: number): readonly RgbImage[] {
  return Array.from({ length: count }, (_, index) => faces[Math.min(index, faces.length - 1)]!);
}

function makeFeeds(
  { imageSize, latentSize }: ModelDescription,
  faces: readonly RgbImage[],
  noise: Noise,
  firstIndex: number,
): Record<string, TensorValue> {
  const images = new Float32Array(faces.length * 3 * imageSize * imageSize);
  faces.forEach((face, index) => {
    writeNormalised(face, imageSize, images, index);
  });
  const feeds: Record<string, TensorValue> = {
    [INPUT_NAMES.image]: { dims: [faces.length, 3, imageSize, imageSize], data: images },
  };
  if (latentSize !== null) {
    const values = new Float32Array(faces.length * latentSize);
    faces.forEach((_face, index) => {
      values.set(noiseForImage(noise, firstIndex + index, latentSize), index * latentSize);
    });
    feeds[INPUT_NAMES.noise] = { dims: [faces.length, latentSize], data: values };
  }
  return feeds;
}

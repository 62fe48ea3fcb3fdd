import { DetectorError } from '../../utils/domain/errors.ts';
import { DEFAULT_NOISE, IMAGE_INPUT, LOGITS_OUTPUT } from '../detectors/detector.ts';
import type { Detector, Feed, LogitRow, NetworkFacts, Noise } from '../detectors/detector.ts';
import { createNormaliser } from '../image/normalise.ts';
import type { RgbImage } from '../image/raster-image.ts';
import type { NetworkSession } from '../runtime/session.ts';

/** A converted network in a session that can run it. */
export type LoadedNetwork = {
  readonly detector: Detector;
  readonly facts: NetworkFacts;
  readonly session: NetworkSession;
};

/** The place of these faces in their video, and the source of the random inputs. */
export type FaceOrder = {
  /** Place of the first face, from 0; seeded noise depends on it. */
  readonly first?: number;
  readonly noise?: Noise;
};

/**
 * Faces in one run. On the GPU, four faces share a dispatch. On WASM, one face at a time is as fast, and int8's
 * activation scale then never depends on a neighbour.
 */
export const FACES_PER_RUN = { wasm: 1, webgpu: 4 } as const;

/**
 * The network's logits for faces of the model's size. Every run has the same number of faces, the last one filled up
 * with copies: on the GPU another shape would compile its kernels anew.
 * @param faces RGB images of the model's side, in the order of the video
 * @throws DetectorError `image-invalid` for another size, `runtime-failed`; AbortError between two runs
 */
export async function computeLogits(
  network: LoadedNetwork,
  faces: readonly RgbImage[],
  { first = 0, noise = DEFAULT_NOISE }: FaceOrder = {},
  signal?: AbortSignal,
): Promise<LogitRow[]> {
  const { detector, facts, session } = network;
  const classCount = detector.classes.length;
  const rows: LogitRow[] = [];
  const facesPerRun = FACES_PER_RUN[session.device];
  for (let begin = 0; begin < faces.length; begin += facesPerRun) {
    signal?.throwIfAborted();
    const batch = faces.slice(begin, begin + facesPerRun);
    const outputs = await session.run(
      {
        [IMAGE_INPUT]: imageFeed(network, batch, facesPerRun),
        ...detector.extraFeeds(facts, { first: first + begin, count: facesPerRun }, noise),
      },
      [LOGITS_OUTPUT],
    );
    const logits = outputs[LOGITS_OUTPUT]?.data;
    if (logits?.length !== facesPerRun * classCount) {
      throw new DetectorError(
        'runtime-failed',
        `expected ${facesPerRun} × ${classCount} logits from ${facts.network}`,
      );
    }
    // NaN is neither above nor below another number, so the verdict would be REAL.
    if (!logits.every(Number.isFinite)) {
      throw new DetectorError('runtime-failed', `${facts.network} gave logits that are no finite numbers`);
    }
    batch.forEach((_face, index) => {
      rows.push([...logits.subarray(index * classCount, (index + 1) * classCount)]);
    });
  }
  return rows;
}

/**
 * The answers of several networks of one detector, by the networks' ids, for each face.
 * @throws as {@link computeLogits}
 */
export async function logitsOfNetworks(
  networks: readonly LoadedNetwork[],
  faces: readonly RgbImage[],
  order: FaceOrder = {},
): Promise<readonly Readonly<Record<string, LogitRow>>[]> {
  const byNetwork: (readonly [string, readonly LogitRow[]])[] = [];
  for (const network of networks) {
    byNetwork.push([network.facts.network, await computeLogits(network, faces, order)]);
  }
  return faces.map((_face, index) =>
    Object.fromEntries(byNetwork.map(([network, rows]) => [network, rows[index]!])),
  );
}

/** @param count at least the number of faces; the last one fills up the batch */
function imageFeed(
  { detector, facts: { imageSize } }: LoadedNetwork,
  faces: readonly RgbImage[],
  count: number,
): Feed {
  const data = new Float32Array(count * 3 * imageSize * imageSize);
  const normaliser = createNormaliser(detector.input);
  for (let index = 0; index < count; index++) {
    const face = faces[Math.min(index, faces.length - 1)]!;
    if (face.width !== imageSize || face.height !== imageSize) {
      throw new DetectorError(
        'image-invalid',
        `the network takes ${imageSize}×${imageSize} pixels, found ${face.width}×${face.height}`,
      );
    }
    normaliser.write(face, data, index);
  }
  return { dims: [count, 3, imageSize, imageSize], data };
}

import { setImmediate } from 'node:timers/promises';
import { computeLogits } from '../../models/scan/compute-logits.ts';
import type { Detector, LogitRow, Noise } from '../../models/detectors/detector.ts';
import type { ModelDescription } from '../../models/detectors/model-description.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { RgbImage } from '../../models/image/raster-image.ts';
import { loadOrtForNode } from '../../models/runtime/load-ort-node.ts';
import { createNetworkSession } from '../../models/runtime/session.ts';
import { readModelDescription, readModelFolder } from '../../models/store/backends/folder.ts';
import { UsageError } from './command-line.ts';

/** A folder that `npm run convert` has made. */
export type ModelFolder = {
  readonly directory: string;
  readonly description: ModelDescription;
  readonly detector: Detector;
};

/** @throws DetectorError `model-invalid`; UsageError for models that don't judge together */
export async function readModels(directories: readonly string[]): Promise<readonly ModelFolder[]> {
  const models: ModelFolder[] = [];
  for (const directory of directories) {
    const description = await readModelDescription(directory, REGISTRY);
    const detector = REGISTRY.get(description.detector);
    const { network } = description;
    if (models.some((other) => other.detector !== detector)) throw new UsageError('models of two detectors');
    if (models.some((other) => other.description.network === network)) {
      throw new UsageError(`two models of the network ${network}`);
    }
    models.push({ directory, description, detector });
  }
  return models;
}

type Faces = {
  readonly count: number;
  /** One image is in memory at a time. @param index from 0 */
  readonly read: (index: number) => Promise<RgbImage> | RgbImage;
  /** Place of a face in its video, from 0, which decides its noise. By default, the face's own index. */
  readonly placeOf?: (index: number) => number;
  readonly noise: Noise;
};

/** One row of logits for each face, in their order. */
export async function judgeFaces(
  { directory, description, detector }: ModelFolder,
  { count, read, placeOf = (index) => index, noise }: Faces,
  signal: AbortSignal,
): Promise<readonly LogitRow[]> {
  signal.throwIfAborted();
  const { files } = await readModelFolder(directory, REGISTRY);
  // Node has no WebGPU; a graph shaped for it computes the same on WASM.
  const session = await createNetworkSession(loadOrtForNode(), files, { device: 'wasm' });
  try {
    const network = { detector, facts: description, session };
    const rows: LogitRow[] = [];
    for (let index = 0; index < count; index++) {
      // Inference never returns to the event loop, which Ctrl-C needs.
      await setImmediate();
      const order = { first: placeOf(index), noise };
      rows.push(...(await computeLogits(network, [await read(index)], order, signal)));
    }
    await setImmediate();
    signal.throwIfAborted();
    return rows;
  } finally {
    await session.release();
  }
}

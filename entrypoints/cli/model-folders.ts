import { REGISTRY } from '../../models/detectors/registry.ts';
import type { ModelDescription } from '../../models/detectors/model-description.ts';
import { readModelDescription } from '../../models/store/backends/folder.ts';
import { modelIdOf } from '../../models/store/model-store.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { parseChoice, UsageError } from './command-line.ts';

/** A converted model on the disk. */
export type ModelFolder = {
  readonly folder: string;
  readonly description: ModelDescription;
  /** The id that the extension's store would give the model. */
  readonly modelId: string;
};

/** The ids of all networks, and of the detectors that have several: all of their networks. */
export const NETWORK_WORDS: readonly string[] = REGISTRY.detectors.flatMap(({ id, networks }) => [
  ...networks.map((network) => network.id),
  ...(networks.length > 1 ? [id] : []),
]);

/**
 * The models that judge together, in the order in which their rows are pooled.
 * @throws UsageError for none, or for models that do not judge together; DetectorError `model-invalid`
 */
export async function chooseModelFolders(
  folders: readonly string[],
  { network, dtype }: { readonly network: string | undefined; readonly dtype: WeightDtype | null },
): Promise<readonly ModelFolder[]> {
  if (folders.length === 0) throw new UsageError('--model DIR is missing');
  const wanted = network === undefined ? null : parseChoice('network', network, NETWORK_WORDS);
  const all: ModelFolder[] = [];
  for (const folder of folders) {
    const description = await readModelDescription(folder, REGISTRY);
    all.push({ folder, description, modelId: await modelIdOf(description) });
  }
  const detector = REGISTRY.get(
    all.find(({ description }) => description.network === wanted)?.description.detector ??
      all[0]!.description.detector,
  );
  const wantedNetworks =
    wanted === null || wanted === detector.id ? detector.networks.map(({ id }) => id) : [wanted];
  const chosen = wantedNetworks.flatMap((id) => {
    const models = all.filter(
      ({ description }) => description.network === id && (dtype === null || description.dtype === dtype),
    );
    if (models.length > 1) throw new UsageError(`two models of the network ${id}`);
    if (models.length === 0 && wanted !== null) {
      throw new UsageError(
        `--network ${wanted}: no --model has the network ${id}${dtype === null ? '' : ` in ${dtype}`}`,
      );
    }
    return models;
  });
  if (chosen.length === 0) throw new UsageError(`no --model is in ${String(dtype)}`);
  if (wanted === null && all.some(({ description }) => description.detector !== detector.id)) {
    throw new UsageError('models of two detectors');
  }
  return chosen;
}

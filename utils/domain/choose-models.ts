import { titleOf } from './model.ts';
import type { InstalledModel, UsedModel } from './model.ts';

const ALL_NETWORKS_PREFIX = 'detector:';
/** Between the ids of models that judge together. */
const ID_SEPARATOR = '+';

/** The setting for all networks of a detector, their rows pooled. */
export function allNetworksOf(detectorId: string): string {
  return ALL_NETWORKS_PREFIX + detectorId;
}

/**
 * The models that judge: the chosen model; or the latest model of each network of the chosen detector, if all are installed;
 * else the model that was installed last. A stand-in judges only if the user chose it or no other model is installed. A
 * damaged model never judges.
 *
 * @param installed latest first
 * @param chosen a model's id, {@link allNetworksOf} a detector, or null for no choice
 * @returns none where nothing is installed
 */
export function chooseModels(
  installed: readonly InstalledModel[],
  chosen: string | null,
): readonly InstalledModel[] {
  const found = installed.find(({ modelId, state }) => modelId === chosen && state === 'ready');
  if (found !== undefined) return [found];
  if (chosen !== null) {
    // Earlier versions stored the detector's id alone. No model has such an id.
    const detectorId = chosen.replace(ALL_NETWORKS_PREFIX, '');
    const all = completeDetectors(installed).find(([first]) => first.detectorId === detectorId);
    if (all !== undefined) return all;
  }
  return candidatesOf(installed).slice(0, 1);
}

/** The models of a report, by the id in it; null where not all of them are installed and whole. */
export function modelsOfReport(
  installed: readonly InstalledModel[],
  modelId: string,
): readonly InstalledModel[] | null {
  const models = modelId
    .split(ID_SEPARATOR)
    .map((id) => installed.find((model) => model.modelId === id && model.state === 'ready'));
  return models.every((model) => model !== undefined) ? models : null;
}

/**
 * For each detector with several networks that are all installed, the latest model of each network, in pooling order.
 */
export function completeDetectors(
  installed: readonly InstalledModel[],
): readonly (readonly [InstalledModel, ...InstalledModel[]])[] {
  const candidates = candidatesOf(installed);
  const byDetector = Map.groupBy(candidates, ({ detectorId }) => detectorId);
  return [...byDetector.values()].flatMap((own) => {
    const { networks } = own[0]!.detector;
    const latest = networks.flatMap(({ id }) => own.find((model) => model.networks.includes(id)) ?? []);
    const [first, ...others] = latest;
    return first !== undefined && others.length > 0 && latest.length === networks.length
      ? [[first, ...others]]
      : [];
  });
}

/** Name and description of models that judge together. @param models of one detector, at least one */
export function describeTogether(
  models: readonly Pick<
    InstalledModel,
    'modelId' | 'detector' | 'networks' | 'dtype' | 'isDemo' | 'isForeign'
  >[],
): Omit<UsedModel, 'device'> & Pick<InstalledModel, 'detectorId' | 'title'> {
  const { detector } = models[0]!;
  const networks = models.flatMap((model) => model.networks);
  return {
    modelId: models.map(({ modelId }) => modelId).join(ID_SEPARATOR),
    detectorId: detector.id,
    networks,
    title: titleOf(detector, networks),
    dtype: [...new Set(models.map(({ dtype }) => dtype))].join('+'),
    isDemo: models.some(({ isDemo }) => isDemo),
    ...(models.some(({ isForeign }) => isForeign === true) && { isForeign: true }),
  };
}

function candidatesOf(installed: readonly InstalledModel[]): readonly InstalledModel[] {
  const ready = installed.filter(({ state }) => state === 'ready');
  const real = ready.filter(({ isDemo }) => !isDemo);
  return real.length > 0 ? real : ready;
}

import type { InstalledModel } from './model.ts';

/** The setting for both networks, their rows pooled as in the original. */
export const FULL_GENCONVIT = 'genconvit';
/** In the order in which the original pools them. */
const NETWORKS_OF_FULL_GENCONVIT = ['ed', 'vae'] as const;

/**
 * The models that judge: the chosen one; both networks' latest, where that was chosen and both are there; else the one
 * installed last. A stand-in judges only where it was chosen or is alone, and a damaged model never.
 *
 * @param installed latest first
 * @param chosen a model's id, {@link FULL_GENCONVIT}, or null for no choice
 * @returns none where nothing is installed
 */
export function chooseModels(
  installed: readonly InstalledModel[],
  chosen: string | null,
): readonly InstalledModel[] {
  const found = installed.find(({ modelId, state }) => modelId === chosen && state === 'ready');
  if (found !== undefined) return [found];
  if (chosen === FULL_GENCONVIT) {
    const both = bothNetworks(installed);
    if (both !== null) return both;
  }
  return candidatesOf(installed).slice(0, 1);
}

/** The latest of each network, or null where one is missing. */
export function bothNetworks(installed: readonly InstalledModel[]): readonly InstalledModel[] | null {
  const candidates = candidatesOf(installed);
  const found = NETWORKS_OF_FULL_GENCONVIT.map((network) =>
    candidates.find(({ networks }) => networks.includes(network)),
  );
  return found.every((model) => model !== undefined) ? found : null;
}

function candidatesOf(installed: readonly InstalledModel[]): readonly InstalledModel[] {
  const ready = installed.filter(({ state }) => state === 'ready');
  const real = ready.filter(({ isDemo }) => !isDemo);
  return real.length > 0 ? real : ready;
}

import { NETWORKS_OF_MODEL } from '../../models/genconvit/network-layout.ts';
import type { InstalledModel } from '../../utils/protocol.ts';

/** What a user chooses to have both networks judge, their rows pooled as in the original. */
const BOTH_NETWORKS = 'genconvit';

/**
 * The models that judge: the chosen one; both networks' latest, where that was chosen and both are there; else the one
 * installed last. A stand-in judges only where it was chosen or is alone.
 *
 * @param installed latest first
 * @returns their ids; none where nothing is installed
 */
export function chooseModels(installed: readonly InstalledModel[], chosen: string | null): readonly string[] {
  const found = installed.find(({ modelId }) => modelId === chosen);
  if (found !== undefined) return [found.modelId];
  const real = installed.filter(({ isDemo }) => !isDemo);
  const candidates = real.length > 0 ? real : installed;
  if (chosen === BOTH_NETWORKS) {
    const parts = NETWORKS_OF_MODEL[BOTH_NETWORKS].map((network) =>
      candidates.find(({ networks }) => networks.includes(network)),
    );
    if (parts.every((part) => part !== undefined)) return parts.map(({ modelId }) => modelId);
  }
  const [latest] = candidates;
  return latest === undefined ? [] : [latest.modelId];
}

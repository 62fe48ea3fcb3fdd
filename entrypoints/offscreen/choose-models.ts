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
    const ed = candidates.find(({ networks }) => networks.includes('ed'));
    const vae = candidates.find(({ networks }) => networks.includes('vae'));
    if (ed !== undefined && vae !== undefined) return [ed.modelId, vae.modelId];
  }
  const [latest] = candidates;
  return latest === undefined ? [] : [latest.modelId];
}

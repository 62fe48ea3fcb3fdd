import type { GraphDevice, UsedModel } from '../../utils/domain/model.ts';
import { formatList, t } from '../texts.tsx';

const DEVICE_NAMES: Readonly<Record<GraphDevice, string>> = { wasm: 'WASM', webgpu: 'WebGPU' };

/** "GenConViT ED", "GenConViT ED and VAE"; a stand-in says so first, and weights from elsewhere say so behind it. */
export function modelName({
  title,
  networks,
  isDemo,
  isForeign = false,
}: Pick<UsedModel, 'title' | 'networks' | 'isDemo' | 'isForeign'>): string {
  const names = networks.map((network) => network.toUpperCase());
  if (isDemo) return t('model.demoName', { networks: formatList(names) });
  // Models that were stored before titles were recorded are all of this detector.
  const name = networkTitle(title ?? `GenConViT ${names.join(' + ')}`);
  return isForeign ? t('model.foreignName', { networks: name }) : name;
}

/** The title of networks that judge together, as the language joins names: "A + B" is "A and B". */
export function networkTitle(title: string): string {
  return formatList(title.split(' + '));
}

/** "WebGPU" or "WASM". */
export function deviceName(device: GraphDevice): string {
  return DEVICE_NAMES[device];
}

/** "GenConViT ED · WebGPU": which network judged, and where it ran. */
export function modelLabel(
  model: Pick<UsedModel, 'title' | 'networks' | 'isDemo' | 'isForeign' | 'device'>,
): string {
  return t('model.nameAndDevice', { name: modelName(model), device: deviceName(model.device) });
}

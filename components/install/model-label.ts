import type { GraphDevice, UsedModel } from '../../utils/domain/model.ts';

const DEVICE_NAMES: Readonly<Record<GraphDevice, string>> = { wasm: 'WASM', webgpu: 'WebGPU' };

/** "GenConViT ED", "GenConViT ED and VAE"; a stand-in says so first. */
export function modelName({
  title,
  networks,
  isDemo,
}: Pick<UsedModel, 'title' | 'networks' | 'isDemo'>): string {
  const names = networks.map((network) => network.toUpperCase()).join(' and ');
  if (isDemo) return `DEMO MODEL ${names}`;
  // What was stored before titles were recorded is all of this one detector.
  return title ?? `GenConViT ${names}`;
}

/** "WebGPU" or "WASM". */
export function deviceName(device: GraphDevice): string {
  return DEVICE_NAMES[device];
}

/** "GenConViT ED · WebGPU": which network judged, and where it ran. */
export function modelLabel(model: Pick<UsedModel, 'title' | 'networks' | 'isDemo' | 'device'>): string {
  return `${modelName(model)} · ${deviceName(model.device)}`;
}

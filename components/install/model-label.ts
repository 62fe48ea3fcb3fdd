import type { UsedModel } from '../../utils/domain/report.ts';

const DEVICE_NAMES = { wasm: 'WASM', webgpu: 'WebGPU' } as const;

/** "GenConViT ED", "GenConViT ED and VAE"; a stand-in says so first. */
export function modelName({ networks, isDemo }: Pick<UsedModel, 'networks' | 'isDemo'>): string {
  const names = networks.map((network) => network.toUpperCase()).join(' and ');
  return isDemo ? `DEMO MODEL ${names}` : `GenConViT ${names}`;
}

/** "WebGPU" or "WASM". */
export function deviceName(device: UsedModel['device']): string {
  return DEVICE_NAMES[device];
}

/** "GenConViT ED · WebGPU": which network judged, and where it ran. */
export function modelLabel(model: Pick<UsedModel, 'networks' | 'isDemo' | 'device'>): string {
  return `${modelName(model)} · ${deviceName(model.device)}`;
}

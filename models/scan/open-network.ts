import { FACES_PER_RUN } from '../detector.ts';
import type { ModelDescription } from '../genconvit/model-description.ts';
import { BATCH_SYMBOL } from '../genconvit/network-interface.ts';
import { loadOrtForBrowser } from '../runtime/load-ort-browser.ts';
import { createNetworkSession } from '../runtime/session.ts';
import type { Device, ModelFiles, NetworkSession, OrtModule } from '../runtime/session.ts';
import { requestGpu } from '../runtime/webgpu-device.ts';
import type { RequestedGpu } from '../runtime/webgpu-device.ts';
import { readDeviceCheck, writeDeviceCheck } from '../store/device-checks.ts';
import { compareDevices } from './compare-devices.ts';
import { threadCount } from './thread-count.ts';

/** Opens networks on the device that is right and faster. */
export type NetworkOpener = {
  /** @throws DetectorError `runtime-failed` */
  readonly open: (
    modelId: string,
    description: ModelDescription,
    files: ModelFiles,
  ) => Promise<NetworkSession>;
  /** Calls the last given function back when the GPU that sessions were opened on is gone (driver reset, power saving). */
  readonly onDeviceLost: (onLost: () => void) => void;
};

/**
 * @param forcedDevice for tests: takes this device, software adapters included, without comparing
 */
export function createNetworkOpener(forcedDevice: Device | null = null): NetworkOpener {
  let ortLoading: Promise<OrtModule> | undefined;
  let gpuRequest: Promise<RequestedGpu | undefined> | undefined;
  let onDeviceLost: () => void = () => undefined;

  function getOrt(): Promise<OrtModule> {
    ortLoading ??= loadOrtForBrowser();
    return ortLoading;
  }

  function getGpu(): Promise<RequestedGpu | undefined> {
    gpuRequest ??= requestGpu().then((gpu) => {
      void gpu?.device.lost.then(() => {
        gpuRequest = undefined;
        onDeviceLost();
      });
      return gpu;
    });
    return gpuRequest;
  }

  async function openOn(device: Device, files: ModelFiles, gpu?: RequestedGpu): Promise<NetworkSession> {
    return await createNetworkSession(await getOrt(), files, {
      device,
      numThreads: threadCount(navigator.hardwareConcurrency),
      ...(gpu && {
        gpuDevice: gpu.device,
        dimensionOverrides: { [BATCH_SYMBOL]: FACES_PER_RUN.webgpu },
      }),
    });
  }

  async function openFaster(
    modelId: string,
    description: ModelDescription,
    files: ModelFiles,
    gpu: RequestedGpu,
  ): Promise<NetworkSession> {
    const key = [modelId, describeAdapter(gpu), browserVersion()].join(' | ');
    const known = await readDeviceCheck(key, Date.now());
    if (known !== null) {
      return known.useGpu ? await openOn('webgpu', files, gpu) : await openOn('wasm', files);
    }
    const wasm = await openOn('wasm', files);
    let onGpu: NetworkSession;
    try {
      onGpu = await openOn('webgpu', files, gpu);
    } catch (error) {
      await writeDeviceCheck(key, { useGpu: false, reason: String(error), checkedAt: Date.now() });
      return wasm;
    }
    let useGpu: boolean | null = null;
    try {
      const comparison = await compareDevices(
        { description, session: onGpu },
        { description, session: wasm },
        () => performance.now(),
      );
      await writeDeviceCheck(key, { ...comparison, checkedAt: Date.now() });
      useGpu = comparison.useGpu;
      return useGpu ? onGpu : wasm;
    } finally {
      if (useGpu !== true) await onGpu.release();
      if (useGpu !== false) await wasm.release();
    }
  }

  return {
    open: async (modelId, description, files) => {
      if (forcedDevice === 'wasm' || !hasGpuKernels(description)) return await openOn('wasm', files);
      const gpu = await getGpu();
      if (forcedDevice === 'webgpu') return await openOn('webgpu', files, gpu);
      // A software adapter is right, but slower than WASM.
      if (gpu === undefined || gpu.adapter.isFallbackAdapter) return await openOn('wasm', files);
      return await openFaster(modelId, description, files, gpu);
    },
    onDeviceLost: (onLost) => {
      onDeviceLost = onLost;
    },
  };
}

/** WebGPU has no kernel for integer matrix products: int8 would fall to the CPU node by node. */
function hasGpuKernels({ dtype }: ModelDescription): boolean {
  return dtype !== 'int8';
}

function describeAdapter({ adapter }: RequestedGpu): string {
  return [adapter.vendor, adapter.architecture, adapter.description].join(' ').trim();
}

/** Kernels and drivers change with it. */
function browserVersion(): string {
  return /Chrome\/\d+|Firefox\/\d+/.exec(navigator.userAgent)?.[0] ?? 'unknown';
}

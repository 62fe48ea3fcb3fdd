import { DetectorError } from '../../utils/domain/errors.ts';
import { FACES_PER_RUN } from './compute-logits.ts';
import type { LoadedNetwork } from './compute-logits.ts';
import { BATCH_SYMBOL } from '../detectors/detector.ts';
import type { OpenedModel } from '../store/model-store.ts';
import { loadOrtForBrowser } from '../runtime/load-ort-browser.ts';
import { createNetworkSession, threadCount } from '../runtime/session.ts';
import type { Device, ModelFiles, NetworkSession, OrtModule } from '../runtime/session.ts';
import { requestGpu } from '../runtime/webgpu-device.ts';
import type { RequestedGpu } from '../runtime/webgpu-device.ts';
import { readDeviceCheck, writeDeviceCheck } from '../store/device-checks.ts';
import { testDevices } from './test-devices.ts';
import type { DeviceTest, SelfTest } from '../../utils/domain/model.ts';

/** The GPU that a model may run on; undefined where none is to be tested, for the reason `noGpu`. */
type FoundGpu = { readonly gpu: RequestedGpu | undefined; readonly noGpu: DeviceTest };

type Tested = {
  readonly selfTest: SelfTest;
  /** A session on the chosen device; null where no device can be trusted. */
  readonly session: NetworkSession | null;
};

export type NetworkOpener = ReturnType<typeof createNetworkOpener>;

/**
 * Opens networks on the faster device that computes correctly.
 * @param forcedDevice takes this device, software adapters included, without testing it first
 * @param numThreads of WebAssembly; null for all cores but one
 */
export function createNetworkOpener(forcedDevice: Device | null = null, numThreads: number | null = null) {
  let ortLoading: Promise<OrtModule> | undefined;
  let gpuRequest: Promise<RequestedGpu | undefined> | undefined;
  let onDeviceLost: () => void = () => undefined;

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
    ortLoading ??= loadOrtForBrowser();
    return await createNetworkSession(await ortLoading, files, {
      device,
      numThreads: numThreads ?? threadCount(navigator.hardwareConcurrency),
      ...(gpu && {
        gpuDevice: gpu.device,
        dimensionOverrides: { [BATCH_SYMBOL]: FACES_PER_RUN.webgpu },
      }),
    });
  }

  async function testAndOpen(
    modelId: string,
    { detector, description, files }: OpenedModel,
    { gpu, noGpu }: FoundGpu,
  ): Promise<Tested> {
    const loadedIn = (session: NetworkSession): LoadedNetwork => ({ detector, facts: description, session });
    const wasm = await openOn('wasm', files);
    let onGpu: NetworkSession | null = null;
    let chosen: NetworkSession | null = null;
    try {
      let gpuTest = noGpu;
      if (gpu !== undefined) {
        try {
          onGpu = await openOn('webgpu', files, gpu);
        } catch (error) {
          gpuTest = { kind: 'failed', reason: String(error) };
        }
      }
      const devices = await testDevices(
        onGpu === null ? null : loadedIn(onGpu),
        gpuTest,
        loadedIn(wasm),
        () => performance.now(),
      );
      const selfTest: SelfTest = { testedAt: Date.now(), ...devices };
      await writeDeviceCheck(checkKey(modelId, gpu), { modelId, ...selfTest });
      chosen = devices.device === null ? null : devices.device === 'webgpu' ? onGpu : wasm;
      return { selfTest, session: chosen };
    } finally {
      for (const session of [wasm, onGpu]) {
        if (session !== null && session !== chosen) await session.release();
      }
    }
  }

  async function findGpu({ description }: OpenedModel): Promise<FoundGpu> {
    const none = (reason: Extract<DeviceTest, { kind: 'absent' }>['reason']) =>
      ({ gpu: undefined, noGpu: { kind: 'absent', reason } }) as const;
    // Integer matrix products would fall to the CPU node by node.
    if (description.dtype === 'int8') return none('no-kernels');
    const gpu = await getGpu();
    if (gpu === undefined) return none('no-webgpu');
    // A software adapter computes correctly, but is slower than WASM.
    if (gpu.adapter.isFallbackAdapter && forcedDevice !== 'webgpu') return none('software');
    return { gpu, noGpu: { kind: 'absent', reason: 'no-webgpu' } };
  }

  return {
    /** @throws DetectorError `runtime-failed`, also for a model whose self-test no device has passed */
    open: async (modelId: string, model: OpenedModel): Promise<NetworkSession> => {
      const { files } = model;
      if (forcedDevice === 'wasm') return await openOn('wasm', files);
      const found = await findGpu(model);
      const { gpu } = found;
      if (forcedDevice === 'webgpu') return await openOn('webgpu', files, gpu);
      const known = await readDeviceCheck(checkKey(modelId, gpu), Date.now());
      if (known?.device === null) throw untrusted(modelId, known);
      if (known !== null) {
        return await openOn(known.device, files, known.device === 'webgpu' ? gpu : undefined);
      }
      if (gpu === undefined) return await openOn('wasm', files);
      const { selfTest, session } = await testAndOpen(modelId, model, found);
      if (session === null) throw untrusted(modelId, selfTest);
      return session;
    },
    /**
     * Repeats the self-test; its result decides every later `open`. Nothing stays open.
     * @throws DetectorError `runtime-failed` where the network can't be loaded at all
     */
    test: async (modelId: string, model: OpenedModel): Promise<SelfTest> => {
      const { selfTest, session } = await testAndOpen(modelId, model, await findGpu(model));
      await session?.release();
      return selfTest;
    },
    /** Sets the function that is called when the sessions' GPU is lost (driver reset, power saving). */
    onDeviceLost: (onLost: () => void) => {
      onDeviceLost = onLost;
    },
  };
}

function untrusted(modelId: string, { wasm }: SelfTest): DetectorError {
  const why = wasm.kind === 'failed' ? `: ${wasm.reason}` : '';
  return new DetectorError('runtime-failed', `${modelId} has not passed its self-test${why}`);
}

/** A result is valid for one card and one version of the browser: others are tested again. */
function checkKey(modelId: string, gpu: RequestedGpu | undefined): string {
  return [modelId, gpu === undefined ? 'no GPU' : describeAdapter(gpu), browserVersion()].join(' | ');
}

function describeAdapter({ adapter }: RequestedGpu): string {
  return [adapter.vendor, adapter.architecture, adapter.description].join(' ').trim();
}

/** Kernels and drivers change with the version. */
function browserVersion(): string {
  return /Chrome\/\d+|Firefox\/\d+/.exec(navigator.userAgent)?.[0] ?? 'unknown';
}

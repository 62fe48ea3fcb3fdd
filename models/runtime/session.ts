import type * as OnnxRuntimeWeb from 'onnxruntime-web';
import { DetectorError } from '../../utils/domain/errors.ts';
import { holdStreams } from './held-streams.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import type { SerialQueue } from '../../utils/domain/serial-queue.ts';

/** The part of onnxruntime-web that we use. Each of its builds (node, jspi, webgpu) has it. */
export type OrtModule = Pick<typeof OnnxRuntimeWeb, 'InferenceSession' | 'Tensor' | 'env'>;

/** Execution provider. `webgpu` exists only in the builds that `load-ort-browser.ts` loads. */
export type Device = 'wasm' | 'webgpu';

/** One shard of weights; `path` is the `location` in the graph's `external_data` (`model.data0`). */
export type ExternalData = { path: string; data: Uint8Array | Blob };

/** A model as ONNX Runtime takes it: the bytes of the `.onnx` file, and the shards it refers to. */
export type ModelFiles = { graph: Uint8Array; externalData: readonly ExternalData[] };

/** A float32 tensor in C order; `data.length` is the product of `dims`. */
export type TensorValue = { dims: readonly number[]; data: Float32Array };

export type NetworkSessionOptions = {
  device: Device;
  /**
   * The number of threads of the whole WASM runtime: the first session sets it, and ONNX Runtime ignores later values.
   */
  numThreads?: number;
  /** For `webgpu`: creation fails if any node would run on the CPU, instead of copying to and fro without a message. */
  disableCpuFallback?: boolean;
  /** For `webgpu`: the device with the requested limits, see `webgpu-device.ts`. */
  gpuDevice?: GPUDevice;
  /** Fixes symbolic dims of the inputs (`batch`): a static graph plans its memory and kernels once. */
  dimensionOverrides?: Readonly<Record<string, number>>;
  /** Default `error`: at `warning` ONNX Runtime reports every shape node it puts on the CPU on purpose. */
  logSeverity?: keyof typeof LOG_SEVERITY_LEVELS;
};

export type NetworkSession = {
  device: Device;
  inputNames: readonly string[];
  outputNames: readonly string[];
  /**
   * Feeds by input name; computes the asked outputs only (all by default). The returned arrays are copies.
   * Calls may overlap: they run one after the other, over all sessions of the runtime.
   */
  run: (
    feeds: Readonly<Record<string, TensorValue>>,
    outputNames?: readonly string[],
  ) => Promise<Record<string, TensorValue>>;
  /** Frees the weights inside the WASM heap or on the GPU. The heap itself never shrinks. */
  release: () => Promise<void>;
};

/**
 * ONNX Runtime's WebGPU builds suspend one WASM stack (asyncify or JSPI), which two calls must not share: neither two
 * runs, nor a run while another session is being created.
 */
const queues = new WeakMap<OrtModule, SerialQueue>();

function queueOf(ort: OrtModule): SerialQueue {
  const queue = queues.get(ort) ?? createSerialQueue();
  queues.set(ort, queue);
  return queue;
}

/** More threads than this gain nothing on these networks. It is also ONNX Runtime's own limit in browsers. */
export const MAX_THREADS = 4;

/** Threads of a network in WebAssembly: one core is left to the page that plays the video. */
export function threadCount(hardwareConcurrency: number): number {
  return Math.min(MAX_THREADS, Math.max(1, hardwareConcurrency - 1));
}

const LOG_SEVERITY_LEVELS = { verbose: 0, info: 1, warning: 2, error: 3, fatal: 4 } as const;

/**
 * Loads a model into ONNX Runtime. The shards are copied into the runtime; the caller may drop its own
 * references when the promise settles. On WASM the heap holds at most 4 GiB.
 *
 * @throws DetectorError `runtime-failed`, with ONNX Runtime's own error as `cause`.
 */
export async function createNetworkSession(
  ort: OrtModule,
  files: ModelFiles,
  options: NetworkSessionOptions,
): Promise<NetworkSession> {
  if (options.numThreads !== undefined) ort.env.wasm.numThreads = options.numThreads;
  const held = files.externalData.map(({ path, data }) => ({
    path,
    ...(data instanceof Blob ? holdStreams(data) : { data, letGo: (): void => undefined }),
  }));
  const session = await queueOf(ort)
    .run(() =>
      ort.InferenceSession.create(
        files.graph,
        sessionOptions(
          held.map(({ path, data }) => ({ path, data })),
          options,
        ),
      ),
    )
    .catch((cause: unknown) => {
      throw runtimeError(`The model could not be loaded on ${options.device}`, cause);
    })
    .finally(() => {
      for (const { letGo } of held) letGo();
    });

  return {
    device: options.device,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds, outputNames = session.outputNames) => {
      const outputs = await queueOf(ort)
        .run(() => session.run(toTensors(ort, feeds), outputNames))
        .catch((cause: unknown) => {
          throw runtimeError(`The model could not be run on ${options.device}`, cause);
        });
      return Object.fromEntries(outputNames.map((name) => [name, toTensorValue(name, outputs[name])]));
    },
    release: () =>
      queueOf(ort)
        .run(() => session.release())
        .catch((cause: unknown) => {
          throw runtimeError('The model could not be released', cause);
        }),
  };
}

function sessionOptions(
  externalData: readonly ExternalData[],
  { device, disableCpuFallback, gpuDevice, dimensionOverrides, logSeverity = 'error' }: NetworkSessionOptions,
): OnnxRuntimeWeb.InferenceSession.SessionOptions {
  return {
    executionProviders: [
      // Options must be in the object form: those beside the string form never reach the execution provider.
      device === 'wasm' ? 'wasm' : { name: 'webgpu', ...(gpuDevice && { device: gpuDevice }) },
    ],
    externalData: [...externalData],
    ...(dimensionOverrides && { freeDimensionOverrides: dimensionOverrides }),
    logSeverityLevel: LOG_SEVERITY_LEVELS[logSeverity],
    extra: disableCpuFallback === true ? { session: { disable_cpu_ep_fallback: '1' } } : {},
  };
}

function toTensors(
  ort: OrtModule,
  feeds: Readonly<Record<string, TensorValue>>,
): Record<string, OnnxRuntimeWeb.Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dims, data }]) => [name, new ort.Tensor('float32', data, dims)]),
  );
}

function toTensorValue(name: string, tensor: OnnxRuntimeWeb.Tensor | undefined): TensorValue {
  if (!(tensor?.data instanceof Float32Array)) {
    throw new DetectorError(
      'runtime-failed',
      `Output "${name}": expected float32, found ${tensor?.type ?? 'nothing'}`,
    );
  }
  return { dims: tensor.dims, data: tensor.data };
}

function runtimeError(what: string, cause: unknown): DetectorError {
  // Emscripten throws bare numbers (a C++ exception's address) where memory has run out.
  const reason = cause instanceof Error ? cause.message : `exception ${String(cause)} (often: out of memory)`;
  return new DetectorError('runtime-failed', `${what}: ${reason}`, { cause });
}

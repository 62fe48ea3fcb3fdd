/** The adapter behind a device, for diagnostics and for the key of a stored self-test. */
export type GpuAdapterSummary = {
  vendor: string;
  architecture: string;
  description: string;
  /** A software adapter: its results are right, but it is slower than WASM. */
  isFallbackAdapter: boolean;
  features: readonly string[];
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
};

export type RequestedGpu = { device: GPUDevice; adapter: GpuAdapterSummary };

/**
 * Asks for the fastest adapter and a device with its full buffer limits; the defaults (256 MiB a buffer, 128 MiB
 * a binding) are below the size of the largest weights. Returns undefined where there is no WebGPU.
 * (https://www.w3.org/TR/webgpu/#limits)
 */
export async function requestGpu(): Promise<RequestedGpu | undefined> {
  // Typed as always there; Firefox on Linux and insecure contexts have none.
  const gpu = (navigator as { gpu?: GPU }).gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;

  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const features = [...adapter.features];
  const device = await adapter.requestDevice({
    // ONNX Runtime's kernels use fp16 arithmetic and subgroup operations.
    requiredFeatures: (['shader-f16', 'subgroups'] as const).filter((name) => adapter.features.has(name)),
    requiredLimits: Object.fromEntries(RAISED_LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const info = { vendor, architecture, description, isFallbackAdapter };
  return { device, adapter: { ...info, features, maxBufferSize, maxStorageBufferBindingSize } };
}

/** The adapter that {@link requestGpu} finds; no device stays open. null where there is no WebGPU. */
export async function describeGpu(): Promise<GpuAdapterSummary | null> {
  const gpu = await requestGpu();
  gpu?.device.destroy();
  return gpu?.adapter ?? null;
}

/** The limits that ONNX Runtime raises on a device of its own, and that its kernels need. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxStorageBuffersPerShaderStage',
] as const;

/** What can be said about the adapter behind a device, for diagnostics and for remembering a self-test. */
export type GpuAdapterSummary = {
  vendor: string;
  architecture: string;
  description: string;
  /** A software adapter: right, but slower than WASM. */
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
    // fp16 arithmetic and subgroup operations are what ONNX Runtime's kernels look for.
    requiredFeatures: (['shader-f16', 'subgroups'] as const).filter((name) => adapter.features.has(name)),
    requiredLimits: { ...raisedLimits(adapter.limits), maxBufferSize, maxStorageBufferBindingSize },
  });
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  return {
    device,
    adapter: {
      vendor,
      architecture,
      description,
      isFallbackAdapter,
      features,
      maxBufferSize,
      maxStorageBufferBindingSize,
    },
  };
}

/** What {@link requestGpu} would find; nothing stays open. null where there is no WebGPU. */
export async function describeGpu(): Promise<GpuAdapterSummary | null> {
  const gpu = await requestGpu();
  gpu?.device.destroy();
  return gpu?.adapter ?? null;
}

/** The limits that ONNX Runtime raises on a device of its own, and its kernels count on. */
function raisedLimits(limits: GPUSupportedLimits): Record<string, number> {
  return {
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
    maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  };
}

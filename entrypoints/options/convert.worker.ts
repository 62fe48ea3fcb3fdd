import { createBlobSource } from '../../models/checkpoint/blob-source.ts';
import type { GraphDevice, WeightDtype } from '../../models/genconvit/conversion-options.ts';
import { requestGpu } from '../../models/runtime/webgpu-device.ts';
import { installModelFromCheckpoint } from '../../models/store/install-model.ts';
import { isDetectorError } from '../../utils/errors.ts';
import type { ConvertReply, ConvertRequest } from './convert-messages.ts';

const cancelling = new AbortController();

self.addEventListener('message', ({ data }: MessageEvent<ConvertRequest>) => {
  switch (data.type) {
    case 'install':
      void install(data.file, data.dtype).then(reply);
      return;
    case 'cancel':
      cancelling.abort();
  }
});

async function install(file: File, dtype: WeightDtype): Promise<ConvertReply> {
  try {
    const model = await installModelFromCheckpoint(
      createBlobSource(file, file.name),
      { network: null, dtype, device: await chooseDevice(dtype) },
      (progress) => reply({ type: 'progress', progress }),
      cancelling.signal,
    );
    return { type: 'installed', model };
  } catch (error) {
    if (cancelling.signal.aborted) return { type: 'cancelled' };
    const code = isDetectorError(error) ? error.code : 'internal';
    return { type: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Which form of graph suits this computer. Both run everywhere, so a wrong guess costs time and nothing else.
 */
async function chooseDevice(dtype: WeightDtype): Promise<GraphDevice> {
  // Integer matrix products have no kernel on WebGPU.
  if (dtype === 'int8') return 'wasm';
  const gpu = await requestGpu();
  gpu?.device.destroy();
  return gpu === undefined || gpu.adapter.isFallbackAdapter ? 'wasm' : 'webgpu';
}

function reply(message: ConvertReply): void {
  self.postMessage(message);
}

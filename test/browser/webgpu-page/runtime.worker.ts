import { loadOrtForBrowser } from '../../../models/runtime/load-ort-browser.ts';
import { createNetworkSession } from '../../../models/runtime/session.ts';
import { requestGpu } from '../../../models/runtime/webgpu-device.ts';
import type { RunReply, RunRequest } from './protocol.ts';

self.onmessage = async ({ data }: MessageEvent<RunRequest>) => {
  self.postMessage(await answer(data));
};

async function answer(request: RunRequest): Promise<RunReply> {
  try {
    return await run(request);
  } catch (error) {
    return { ok: false, message: String(error) };
  }
}

async function run(request: RunRequest): Promise<RunReply> {
  const { graphUrl, externalData, device, feeds, outputNames, disableCpuFallback } = request;
  if (request.withoutJspi) Reflect.deleteProperty(WebAssembly, 'Suspending');
  const ort = await loadOrtForBrowser();
  const gpu = device === 'webgpu' ? await requestGpu() : undefined;
  if (device === 'webgpu' && gpu === undefined) throw new Error('There is no WebGPU adapter.');
  const files = {
    graph: new Uint8Array(await (await fetchBlob(graphUrl)).arrayBuffer()),
    externalData: await Promise.all(
      externalData.map(async ({ path, url }) => ({ path, data: await fetchBlob(url) })),
    ),
  };

  const start = performance.now();
  const session = await createNetworkSession(ort, files, {
    device,
    disableCpuFallback,
    ...(gpu && { gpuDevice: gpu.device }),
  });
  const created = performance.now();
  const outputs = await session.run(feeds, outputNames);
  const finished = performance.now();
  await session.release();
  return {
    ok: true,
    outputs,
    adapter: gpu?.adapter,
    runtimeFiles: fetchedFilesUnder('/ort/'),
    createMs: created - start,
    runMs: finished - created,
  };
}

function fetchedFilesUnder(folder: string): string[] {
  return performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name).pathname)
    .filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length));
}

async function fetchBlob(url: string): Promise<Blob> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.blob();
}

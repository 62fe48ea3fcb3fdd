import { createBlobSource } from '../../../models/checkpoint/blob-source.ts';
import { installModelFromCheckpoint } from '../../../models/store/install-model.ts';
import type { InstallProgress } from '../../../models/store/install-model.ts';
import { deleteModel, listModels, openModel } from '../../../models/store/model-directory.ts';
import { isDetectorError } from '../../../utils/errors.ts';
import type { StoreReply, StoreRequest } from './protocol.ts';

self.onmessage = async ({ data }: MessageEvent<StoreRequest>) => {
  self.postMessage(await answer(data));
};

async function answer(request: StoreRequest): Promise<StoreReply> {
  try {
    return await work(request);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'unknown', message: String(error) };
    return { ok: false, name, code: isDetectorError(error) ? error.code : null, message };
  }
}

async function work(request: StoreRequest): Promise<StoreReply> {
  switch (request.name) {
    case 'install':
      return await install(request);
    case 'list':
      return { ok: true, models: await listModels() };
    case 'open': {
      const { description, files } = await openModel(request.modelId);
      const sha256: Record<string, string> = {};
      for (const { path, data } of [{ path: 'model.onnx', data: files.graph }, ...files.externalData]) {
        sha256[path] = await sha256Of(data);
      }
      return { ok: true, opened: { description, sha256 } };
    }
    case 'delete':
      await deleteModel(request.modelId);
      return { ok: true };
    case 'countFolders': {
      const root = await navigator.storage.getDirectory();
      const store = await root.getDirectoryHandle('models', { create: true });
      const names = await Array.fromAsync(store.keys());
      return { ok: true, folderCount: names.length };
    }
  }
}

async function install(request: Extract<StoreRequest, { name: 'install' }>): Promise<StoreReply> {
  const { checkpointUrl, dtype, abortAt, stall, freeByteLength } = request;
  if (freeByteLength !== undefined) {
    navigator.storage.estimate = () => Promise.resolve({ quota: 1e12 + freeByteLength, usage: 1e12 });
  }
  const response = await fetch(checkpointUrl);
  const source = createBlobSource(await response.blob(), 'made-up.pth');
  const aborting = new AbortController();
  const progress: InstallProgress[] = [];
  const installed = await installModelFromCheckpoint(
    stall === true ? { ...source, read: stallAfter(20, source.read) } : source,
    { network: null, dtype, device: 'wasm', imageSize: 64, shardByteLength: 2 ** 17 },
    (step) => {
      progress.push(step);
      if (step.phase === abortAt) aborting.abort();
    },
    aborting.signal,
  );
  return { ok: true, installed, progress };
}

function stallAfter<Args extends unknown[], T>(
  count: number,
  read: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  let done = 0;
  return (...args) => (done++ < count ? read(...args) : new Promise<never>(() => undefined));
}

async function sha256Of(data: Uint8Array | Blob): Promise<string> {
  const bytes = new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return new Uint8Array(digest).toHex();
}

import { createBlobSource } from '../../../models/checkpoint/read/blob-source.ts';
import { BROWSER_STORE } from '../../../models/store/browser-store.ts';
import { downloadModel } from '../../../models/store/download/download-model.ts';
import type { DownloadProgress } from '../../../models/store/download/download-model.ts';
import { importModel, installModelFromCheckpoint } from '../../../models/store/install-model.ts';
import type { FileInstallProgress } from '../../../models/store/install-model.ts';
import { freeLeftovers, measureLeftovers } from '../../../models/store/leftovers.ts';
import {
  listModels,
  openModel,
  purgeDeletedModels,
  restoreModel,
  setModelAside,
  verifyModel,
} from '../../../models/store/model-store.ts';
import {
  discardPartialDownload,
  listPartialDownloads,
} from '../../../models/store/download/partial-download.ts';
import { sleepUntilOnline } from '../../../models/store/download/retrying-source.ts';
import { isDetectorError } from '../../../utils/domain/errors.ts';
import type { StoreReply, StoreRequest } from './protocol.ts';

/** The progress of the present download. The reply has it even if the download fails. */
let downloadProgress: DownloadProgress[] = [];

self.onmessage = async ({ data }: MessageEvent<StoreRequest>) => {
  self.postMessage(await answer(data));
};

async function answer(request: StoreRequest): Promise<StoreReply> {
  downloadProgress = [];
  try {
    return await work(request);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'unknown', message: String(error) };
    return { ok: false, name, code: isDetectorError(error) ? error.code : null, message, downloadProgress };
  }
}

async function work(request: StoreRequest): Promise<StoreReply> {
  switch (request.name) {
    case 'install':
      return await install(request);
    case 'download':
      return await download(request);
    case 'partials':
      return { ok: true, partials: await listPartialDownloads(BROWSER_STORE) };
    case 'discardPartial':
      await discardPartialDownload(BROWSER_STORE, request.item);
      return { ok: true };
    case 'import': {
      const files = await Promise.all(
        request.files.map(async ({ path, url }) => new File([await (await fetch(url)).arrayBuffer()], path)),
      );
      return { ok: true, installed: await importModel(BROWSER_STORE, files) };
    }
    case 'verify':
      return { ok: true, installed: await verifyModel(BROWSER_STORE, request.modelId) };
    case 'damage':
      await damage(request.path);
      return { ok: true };
    case 'list':
      return { ok: true, models: await listModels(BROWSER_STORE) };
    case 'open': {
      const { description, files } = await openModel(BROWSER_STORE, request.modelId);
      const sha256: Record<string, string> = {};
      for (const { path, data } of [{ path: 'model.onnx', data: files.graph }, ...files.externalData]) {
        sha256[path] = await sha256Of(data);
      }
      return { ok: true, opened: { description, sha256 } };
    }
    case 'setAside':
      await setModelAside(BROWSER_STORE, request.modelId);
      return { ok: true };
    case 'restore':
      await restoreModel(BROWSER_STORE, request.modelId);
      return { ok: true };
    case 'purge':
      await purgeDeletedModels(BROWSER_STORE);
      return { ok: true };
    case 'measureLeftovers':
      return { ok: true, byteLength: await measureLeftovers(BROWSER_STORE) };
    case 'freeLeftovers':
      return { ok: true, byteLength: await freeLeftovers(BROWSER_STORE) };
    case 'countFolders': {
      const root = await navigator.storage.getDirectory();
      const store = await root.getDirectoryHandle('models', { create: true });
      const names = await Array.fromAsync(store.keys());
      return { ok: true, folderCount: names.length };
    }
  }
}

async function download(request: Extract<StoreRequest, { name: 'download' }>): Promise<StoreReply> {
  const { checkpoint, item, ...options } = request.download;
  pretendRoom(request.freeByteLength);
  if (request.fillsUpAtShard !== undefined) fillUpAfter(request.fillsUpAtShard + 1);
  const aborting = new AbortController();
  const installed = await downloadModel(
    checkpoint,
    item,
    {
      ...options,
      store: BROWSER_STORE,
      isOnline: () => navigator.onLine,
      sleep: sleepUntilOnline,
      now: () => Date.now(),
      random: () => 0.5,
      isBlocked: (url) =>
        fetch(url, { method: 'HEAD', mode: 'no-cors' }).then(
          () => true,
          () => false,
        ),
    },
    (step) => {
      downloadProgress.push(step);
      if (step.doneByteLength >= (request.abortAtByteLength ?? Infinity)) aborting.abort();
    },
    aborting.signal,
  );
  return { ok: true, installed, downloadProgress };
}

async function install(request: Extract<StoreRequest, { name: 'install' }>): Promise<StoreReply> {
  const { checkpointUrl, dtype, abortAt, stall, freeByteLength } = request;
  pretendRoom(freeByteLength);
  const response = await fetch(checkpointUrl);
  const source = createBlobSource(await response.blob(), 'made-up.pth');
  const aborting = new AbortController();
  const progress: FileInstallProgress[] = [];
  const installed = await installModelFromCheckpoint(
    stall === true ? { ...source, read: stallAfter(20, source.read) } : source,
    {
      store: BROWSER_STORE,
      detector: null,
      network: null,
      dtype,
      device: 'wasm',
      imageSize: 64,
      shardByteLength: 2 ** 17,
    },
    (step) => {
      progress.push(step);
      if (step.phase === abortAt) aborting.abort();
    },
    aborting.signal,
  );
  return { ok: true, installed, progress };
}

function pretendRoom(freeByteLength: number | undefined): void {
  if (freeByteLength === undefined) return;
  navigator.storage.estimate = () => Promise.resolve({ quota: 1e12 + freeByteLength, usage: 1e12 });
}

/** The browser reports room the first `lookCount` times that it is asked, and none afterwards. */
function fillUpAfter(lookCount: number): void {
  let looks = 0;
  navigator.storage.estimate = () => Promise.resolve({ quota: 1e12, usage: looks++ < lookCount ? 0 : 1e12 });
}

/** Flips one bit of the file with that name in the only folder of the store. */
async function damage(path: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const store = await root.getDirectoryHandle('models');
  for await (const folder of store.values()) {
    const handle = await (folder as FileSystemDirectoryHandle).getFileHandle(path);
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    bytes[bytes.length >> 1]! ^= 1;
    const writable = await handle.createWritable();
    await writable.write(bytes);
    await writable.close();
  }
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

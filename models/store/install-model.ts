import { createSHA256 } from 'hash-wasm';
import type { InstalledModel } from '../../utils/protocol.ts';
import type { ByteSource } from '../checkpoint/byte-source.ts';
import { READ_BLOCK_BYTES } from '../checkpoint/limits.ts';
import { convertCheckpoint } from '../genconvit/convert-checkpoint.ts';
import type { ConversionOptions } from '../genconvit/convert-checkpoint.ts';
import type { Network } from '../genconvit/network-layout.ts';
import { assertRoom, createOpfsModelWriter, removeLeftovers } from './model-writer.ts';

/** One installation at a time, over all pages of the extension: two would take each other for leftovers. */
const INSTALL_LOCK = 'install-model';

export type InstallOptions = ConversionOptions & {
  /** Whether the checkpoint is read once more as a whole for its sha256. Not worth it for one that is downloaded. */
  readonly hashSource?: boolean;
};

/** `done` of `total` bytes: of weights while they are converted, of the checkpoint while its sha256 is computed. */
export type InstallProgress = {
  /** `waiting`: another page installs a model. */
  readonly phase: 'waiting' | 'converting' | 'hashing';
  readonly network: Network | null;
  readonly doneByteLength: number;
  readonly totalByteLength: number;
};

/**
 * Converts a checkpoint into the model store. A model is there when the promise resolves, and nothing of it when it
 * rejects. Only in a Worker. The caller then tells the host (`modelsChanged`).
 *
 * @throws DetectorError of the conversion, `storage-full`; AbortError
 */
export async function installModelFromCheckpoint(
  source: ByteSource,
  options: InstallOptions,
  onProgress: (progress: InstallProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  onProgress({ phase: 'waiting', network: null, doneByteLength: 0, totalByteLength: source.byteLength });
  return await navigator.locks.request(INSTALL_LOCK, signal === undefined ? {} : { signal }, async () => {
    await removeLeftovers();
    const writer = await createOpfsModelWriter();
    try {
      let roomChecked: Promise<void> | null = null;
      const description = await convertCheckpoint(
        source,
        options,
        async (path, byteLength) => {
          // Known since the first tensor of the first shard: the whole model's length, not only this file's.
          await roomChecked;
          return await writer.openFile(path, byteLength);
        },
        ({ network, doneByteLength, totalByteLength }) => {
          roomChecked ??= assertRoomLater(totalByteLength - doneByteLength);
          onProgress({ phase: 'converting', network, doneByteLength, totalByteLength });
        },
        signal,
      );
      const { network } = description;
      const sha256 =
        options.hashSource === false
          ? null
          : await hashSource(
              source,
              (doneByteLength) =>
                onProgress({
                  phase: 'hashing',
                  network,
                  doneByteLength,
                  totalByteLength: source.byteLength,
                }),
              signal,
            );
      signal?.throwIfAborted();
      return await writer.commit({ ...description, source: { ...description.source, sha256 } });
    } finally {
      await writer.discard();
    }
  });
}

/** Its rejection is seen by whoever opens the next file; here it must only not count as unhandled. */
function assertRoomLater(byteLength: number): Promise<void> {
  const checked = assertRoom(byteLength);
  checked.catch(() => undefined);
  return checked;
}

async function hashSource(
  source: ByteSource,
  onProgress: (doneByteLength: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const hash = await createSHA256();
  for (let offset = 0; offset < source.byteLength; offset += READ_BLOCK_BYTES) {
    const byteLength = Math.min(READ_BLOCK_BYTES, source.byteLength - offset);
    hash.update(await source.read(offset, byteLength, signal));
    onProgress(offset + byteLength);
  }
  return hash.digest('hex');
}

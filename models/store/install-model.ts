import type { InstallProgress } from '../../utils/domain/installation.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { convertCheckpoint } from '../detectors/conversion.ts';
import type { ConversionOptions } from '../detectors/conversion.ts';
import { removeLeftovers } from './leftovers.ts';
import { createModelWriter, INSTALL_LOCK, sha256OfSource } from './model-store.ts';
import type { ModelStore } from './model-store.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** Bytes of weights while they are converted; bytes of the checkpoint while its sha256 is computed. */
export type FileInstallProgress = Pick<InstallProgress, 'doneByteLength' | 'totalByteLength'> & {
  readonly phase: 'waiting' | 'converting' | 'hashing';
};

/**
 * Converts a checkpoint from the disk into the model store. A model is there when the promise resolves, and nothing of
 * it when it rejects. Only in a Worker.
 *
 * @throws DetectorError of the conversion, `storage-full`; AbortError
 */
export async function installModelFromCheckpoint(
  source: ByteSource,
  options: Omit<ConversionOptions, 'registry'> & { readonly store: ModelStore },
  onProgress: (progress: FileInstallProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  const { store } = options;
  onProgress({ phase: 'waiting', doneByteLength: 0, totalByteLength: source.byteLength });
  return await navigator.locks.request(INSTALL_LOCK, signal === undefined ? {} : { signal }, async () => {
    await removeLeftovers(store);
    const writer = await createModelWriter(store);
    try {
      let roomChecked: Promise<void> | null = null;
      const description = await convertCheckpoint(
        source,
        { ...options, registry: store.registry },
        async (path, byteLength) => {
          // Known since the first tensor of the first shard: the whole model's length, not only this file's.
          await roomChecked;
          return await writer.openFile(path, byteLength);
        },
        ({ doneByteLength, totalByteLength }) => {
          roomChecked ??= assertRoomLater(store, totalByteLength - doneByteLength);
          onProgress({ phase: 'converting', doneByteLength, totalByteLength });
        },
        signal,
      );
      let hashed = 0;
      const onHashed = (byteLength: number): void => {
        hashed += byteLength;
        onProgress({ phase: 'hashing', doneByteLength: hashed, totalByteLength: source.byteLength });
      };
      // The whole file once more: its checksum tells whether it is a published one.
      const sha256 = await sha256OfSource(source, onHashed, signal);
      signal?.throwIfAborted();
      return await writer.commit({ ...description, source: { ...description.source, sha256 } });
    } finally {
      await writer.discard();
    }
  });
}

/** Its rejection is seen by whoever opens the next file; here it must only not count as unhandled. */
function assertRoomLater({ backend }: ModelStore, byteLength: number): Promise<void> {
  const checked = backend.assertRoom(byteLength);
  checked.catch(() => undefined);
  return checked;
}

import type { StoreBackend, StoreFolder } from '../../models/store/backend.ts';
import { DetectorError } from '../../utils/domain/errors.ts';

/**
 * A store's folders in memory, for tests.
 * @param roomByteLength the bytes that may be written before it is full
 */
export function createMemoryBackend(roomByteLength = Infinity): StoreBackend {
  const folders = new Map<string, Map<string, File>>();
  const measure = (files: ReadonlyMap<string, File>): number =>
    [...files.values()].reduce((sum, { size }) => sum + size, 0);

  function asFolder(name: string, files: Map<string, File>): StoreFolder {
    const put = (path: string, parts: readonly BlobPart[]): Promise<void> => {
      files.set(path, new File([...parts], path));
      return Promise.resolve();
    };
    return {
      name,
      openFile: (path) => {
        const parts: BlobPart[] = [];
        return Promise.resolve({
          write: (bytes) => Promise.resolve(void parts.push(bytes.slice())),
          close: () => put(path, parts),
          abort: () => Promise.resolve(),
        });
      },
      read: (path) => Promise.resolve(files.get(path) ?? null),
      replace: (path, text) => put(path, [text]),
      remove: (path) => Promise.resolve(void files.delete(path)),
      measure: () => Promise.resolve(measure(files)),
    };
  }

  return {
    openFolder: (name) => {
      const files = folders.get(name) ?? new Map<string, File>();
      folders.set(name, files);
      return Promise.resolve(asFolder(name, files));
    },
    listFolders: () => Promise.resolve([...folders].map(([name, files]) => asFolder(name, files))),
    removeFolder: (name) => Promise.resolve(void folders.delete(name)),
    assertRoom: async (byteLength) => {
      const used = [...folders.values()].reduce((sum, files) => sum + measure(files), 0);
      if (used + byteLength > roomByteLength) throw new DetectorError('storage-full', 'the memory is full');
      await Promise.resolve();
    },
  };
}

import type { ShardWriter } from '../onnx/external-data.ts';

/** A folder of files. Paths are plain names: there are no folders below it. */
export type StoreFolder = {
  readonly name: string;
  /**
   * A file that is written from its beginning, in place of one of the same name.
   * @throws DetectorError `storage-full`, also from writing
   */
  readonly openFile: (path: string) => Promise<ShardWriter>;
  /** The content of a file; null where the file is missing. */
  readonly read: (path: string) => Promise<File | null>;
  /** Writes a small file as a whole: readers find the old file or the new one, never a part. */
  readonly replace: (path: string, text: string) => Promise<void>;
  /** Removes a file. Nothing happens where it is missing. */
  readonly remove: (path: string) => Promise<void>;
  /** Bytes of the folder's files. */
  readonly measure: () => Promise<number>;
};

/** The storage of a model store's folders. */
export type StoreBackend = {
  /** Opens a folder, and makes it if it is missing. */
  readonly openFolder: (name: string) => Promise<StoreFolder>;
  /** At most a hundred folders: other folders in the same place must not make every list slow. */
  readonly listFolders: () => Promise<readonly StoreFolder[]>;
  /** Removes a folder with its files. Nothing happens where it is missing. */
  readonly removeFolder: (name: string) => Promise<void>;
  /**
   * Checks the free room.
   * @throws DetectorError `storage-full` where so many bytes more don't fit
   */
  readonly assertRoom: (byteLength: number) => Promise<void>;
};

/** The text of a small file of ours; null where the file is missing, or too long to be ours. */
export async function readSmallFile(
  folder: StoreFolder,
  path: string,
  maxByteLength: number,
): Promise<{ readonly text: string; readonly lastModified: number } | null> {
  const file = await folder.read(path);
  if (file === null || file.size > maxByteLength) return null;
  return { text: await file.text(), lastModified: file.lastModified };
}

/** The fields of a JSON text of ours; null for any other text, which a broken disk or another version may leave. */
export function parseFields(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

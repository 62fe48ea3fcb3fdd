import type { ShardWriter } from '../onnx/external-data.ts';

/** A folder of files. Paths are plain names: there are no folders below it. */
export type StoreFolder = {
  readonly name: string;
  /**
   * A file that is written from its beginning, in place of one of the same name.
   * @throws DetectorError `storage-full`, also from writing
   */
  readonly openFile: (path: string) => Promise<ShardWriter>;
  /** null where it is not there. */
  readonly read: (path: string) => Promise<File | null>;
  /** Writes a small file as a whole: until its end the old one stands, and after it the new one. */
  readonly replace: (path: string, text: string) => Promise<void>;
  /** Nothing happens where it is not there. */
  readonly remove: (path: string) => Promise<void>;
  /** Bytes of its files. */
  readonly measure: () => Promise<number>;
};

/** What keeps the folders of a model store. */
export type StoreBackend = {
  /** Made where it is not there yet. */
  readonly openFolder: (name: string) => Promise<StoreFolder>;
  /** At most a hundred: what else may lie there must not make every list slow. */
  readonly listFolders: () => Promise<readonly StoreFolder[]>;
  /** With its files. Nothing happens where it is not there. */
  readonly removeFolder: (name: string) => Promise<void>;
  /** @throws DetectorError `storage-full` where so many bytes more don't fit */
  readonly assertRoom: (byteLength: number) => Promise<void>;
};

/** The text of a small file of ours; null where it is not there, or so long that it is none of ours. */
export async function readSmallFile(
  folder: StoreFolder,
  path: string,
  maxByteLength: number,
): Promise<{ readonly text: string; readonly lastModified: number } | null> {
  const file = await folder.read(path);
  if (file === null || file.size > maxByteLength) return null;
  return { text: await file.text(), lastModified: file.lastModified };
}

/** The fields of a JSON text of ours; null for anything else, which a broken disk or another version has left. */
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

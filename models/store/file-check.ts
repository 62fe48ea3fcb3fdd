import { parseFields, readSmallFile, replaceSmallFile } from './backends/opfs.ts';

/** What the last look at all checksums of a model said. Beside the model's own files. */
export type FileCheck = {
  /** Milliseconds since the epoch. */
  readonly checkedAt: number;
  /** null: every file is what it was when it was written. */
  readonly problem: string | null;
};

const FILE_NAME = 'check.json';
const MAX_BYTE_LENGTH = 2 ** 16;

/** null where the checksums were never computed again, or nobody can tell. */
export async function readFileCheck(directory: FileSystemDirectoryHandle): Promise<FileCheck | null> {
  const file = await readSmallFile(directory, FILE_NAME, MAX_BYTE_LENGTH);
  if (file === null) return null;
  const { checkedAt, problem } = parseFields(file.text) ?? {};
  if (typeof checkedAt !== 'number' || (problem !== null && typeof problem !== 'string')) return null;
  return { checkedAt, problem };
}

export async function writeFileCheck(directory: FileSystemDirectoryHandle, check: FileCheck): Promise<void> {
  await replaceSmallFile(directory, FILE_NAME, JSON.stringify(check));
}

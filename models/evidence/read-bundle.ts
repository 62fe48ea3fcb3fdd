import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import type { BundleProblem } from '../../utils/domain/bundle.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { LOCAL_HEADER_BYTES, readZipDirectory } from '../checkpoint/read/zip-directory.ts';
import type { ZipEntry } from '../checkpoint/read/zip-directory.ts';
import { createZipRecord } from '../checkpoint/read/zip-record.ts';
import { packBundle } from './write-bundle.ts';

/** 60 crops of 224² are 9 MB at most; a report of an hour-long check with several people has another 10 MB. */
export const MAX_BUNDLE_BYTES = 64 * 2 ** 20;
/** 60 crops and five files more. */
export const MAX_BUNDLE_ENTRIES = 256;

/** The files of an archive that could be read, in the archive's order, and the archive's problems. */
export type BundleContents = {
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly problems: readonly BundleProblem[];
};

/**
 * Unpacks a bundle into memory; no name of it ever becomes a path on a disk. The checkpoint's zip reader refuses records that
 * overlap or inflate too far, and checks each CRC-32.
 * @throws DetectorError `bundle-malformed` where the archive's directory can't be read, `bundle-too-large`; `source-failed`
 */
export async function readBundle(source: ByteSource, signal?: AbortSignal): Promise<BundleContents> {
  if (source.byteLength > MAX_BUNDLE_BYTES) throw tooLarge(source, `${String(source.byteLength)} bytes`);
  const { entries } = await readZipDirectory(source, signal).catch((cause: unknown) => {
    if (!isDetectorError(cause) || cause.isPassing) throw cause;
    // Also for sizes beyond the zip reader's limits, which say nothing about the file itself.
    throw new DetectorError('bundle-malformed', cause.message, { cause });
  });
  if (entries.size > MAX_BUNDLE_ENTRIES) throw tooLarge(source, `${String(entries.size)} files`);
  const unpacked = [...entries.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (unpacked > MAX_BUNDLE_BYTES) throw tooLarge(source, `${String(unpacked)} bytes unpacked`);

  // fflate, which packs for the comparison, takes names as an object's keys, and this one is none.
  if (entries.has('__proto__')) throw new DetectorError('bundle-malformed', `${source.name}: __proto__`);

  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const problems: BundleProblem[] = [];
  for (const [name, entry] of entries) {
    const bytes = await readEntry(source, entry, signal);
    if (bytes === null) problems.push({ kind: 'damaged', file: name });
    else files.set(name, bytes);
  }
  // A file that can't be read can't be packed again for the comparison.
  if (problems.length === 0) problems.push(...(await compareArchive(source, files, signal)));
  return { files, problems };
}

/**
 * Reads one record.
 * @returns null where its bytes or its header are not those that were written
 */
async function readEntry(
  source: ByteSource,
  entry: ZipEntry,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const record = createZipRecord(source, entry);
  try {
    const reader = await record.openSequential(signal);
    try {
      return await reader.read(record.byteLength, signal);
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (isDetectorError(error) && !error.isPassing) return null;
    throw error;
  }
}

/** Packs the same files again and compares: this covers times, flags and other fields that no reader needs. */
async function compareArchive(
  source: ByteSource,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): Promise<readonly BundleProblem[]> {
  const found = await source.read(0, source.byteLength, signal);
  const expected = packBundle(files);
  let offset = 0;
  while (offset < expected.byteLength && found[offset] === expected[offset]) offset++;
  if (offset === expected.byteLength && offset === found.byteLength) return [];
  return [{ kind: 'archive', file: fileAt(files, offset), offset }];
}

/** The file in whose record of a well-packed archive an offset lies; null in its directory and beyond. */
function fileAt(files: ReadonlyMap<string, Uint8Array>, offset: number): string | null {
  let end = 0;
  for (const [name, { byteLength }] of files) {
    end += LOCAL_HEADER_BYTES + new TextEncoder().encode(name).byteLength + byteLength;
    if (offset < end) return name;
  }
  return null;
}

export function tooLarge({ name }: ByteSource, found: string): DetectorError {
  return new DetectorError(
    'bundle-too-large',
    `${name}: ${found}; a bundle has at most ${String(MAX_BUNDLE_BYTES)} bytes and ${String(MAX_BUNDLE_ENTRIES)} files`,
  );
}

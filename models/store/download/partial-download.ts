import { DetectorError } from '../../../utils/domain/errors.ts';
import { isSameItem } from '../../../utils/domain/installation.ts';
import type { InstallItem } from '../../../utils/domain/installation.ts';
import { GRAPH_DEVICES, titleOf, WEIGHT_DTYPES } from '../../../utils/domain/model.ts';
import type { ModelFile } from '../../detectors/model-description.ts';
import { REGISTRY } from '../../detectors/registry.ts';
import type { SourcePosition } from '../../onnx/graph-builder.ts';
import type { PublishedCheckpoint } from '../../detectors/detector.ts';
import { INSTALL_LOCK } from '../install-lock.ts';
import {
  isSetAside,
  MAX_LISTED_FOLDERS,
  openStoreDirectory,
  readStoredModel,
  removeModelFolder,
} from '../model-directory.ts';
import {
  listFolders,
  measureFolder,
  parseFields,
  readSmallFile,
  removeIfThere,
  replaceSmallFile,
} from '../backends/opfs.ts';
import type { PartialDownload } from '../../../utils/domain/installation.ts';

/**
 * What an unfinished download has finished, beside its shards: rewritten as a whole after each of them, so that a shard
 * which is named here was written to its end.
 */
const FILE_NAME = 'partial.json';
/** A line for each shard, of which the largest network has 85. */
const MAX_BYTE_LENGTH = 2 ** 18;
const FORMAT_VERSION = 1;

/** A finished shard, and what has to be kept to go on behind it: see `Conversion.positionAfter`. */
export type FinishedShard = ModelFile & {
  readonly position: SourcePosition | null;
  /** Of the source file: what is fetched before the next shard begins. */
  readonly fetchedByteLength: number;
  /** What the source file said of its tensors: see `Conversion.identityOf`. */
  readonly identity: string;
};

export type DownloadJournal = {
  readonly item: InstallItem;
  readonly url: string;
  readonly revision: string;
  readonly fileName: string;
  readonly sourceByteLength: number;
  /** As far as the server has told it. */
  readonly etag: string | null;
  /** Of what the installation fetches. */
  readonly totalByteLength: number;
  /** In order, from the first. */
  readonly shards: readonly FinishedShard[];
};

/** A folder with a journal. */
export type UnfinishedDownload = {
  readonly journal: DownloadJournal;
  readonly directory: FileSystemDirectoryHandle;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
};

/** The downloads that were begun and can be continued, latest first. */
export async function listPartialDownloads(
  root: FileSystemDirectoryHandle | null = null,
): Promise<readonly PartialDownload[]> {
  const found: PartialDownload[] = [];
  for (const { journal, directory, updatedAt } of await listUnfinished(root)) {
    const detector = REGISTRY.get(journal.item.detector);
    found.push({
      ...journal.item,
      detectorName: detector.name,
      title: titleOf(detector, [journal.item.network]),
      fileName: journal.fileName,
      doneByteLength: journal.shards.at(-1)?.fetchedByteLength ?? 0,
      totalByteLength: journal.totalByteLength,
      storedByteLength: await measureFolder(directory),
      updatedAt,
    });
  }
  return found.toSorted((a, b) => b.updatedAt - a.updatedAt);
}

/**
 * Removes what was fetched of one download. Nothing happens where there is none.
 * @throws DetectorError `options-invalid` while something is being installed: cancel it first
 */
export async function discardPartialDownload(
  item: InstallItem,
  root: FileSystemDirectoryHandle | null = null,
): Promise<void> {
  await navigator.locks.request(INSTALL_LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw new DetectorError('options-invalid', 'a network is being installed');
    await removeUnfinished(item, root);
  });
}

async function removeUnfinished(item: InstallItem, root: FileSystemDirectoryHandle | null): Promise<void> {
  const store = await openStoreDirectory(root);
  for (const { journal, directory } of await listUnfinished(root)) {
    if (isSameItem(journal.item, item)) {
      await removeIfThere(directory, FILE_NAME);
      await removeModelFolder(store, directory.name);
    }
  }
}

/** The one that goes on with this item of this very file; null where nothing was begun. */
export async function findUnfinished(
  checkpoint: PublishedCheckpoint,
  item: InstallItem,
  root: FileSystemDirectoryHandle | null,
): Promise<UnfinishedDownload | null> {
  const all = await listUnfinished(root);
  return (
    all.find(
      ({ journal }) =>
        journal.url === checkpoint.url &&
        journal.sourceByteLength === checkpoint.byteLength &&
        isSameItem(journal.item, item),
    ) ?? null
  );
}

async function listUnfinished(
  root: FileSystemDirectoryHandle | null,
): Promise<readonly UnfinishedDownload[]> {
  const store = await openStoreDirectory(root);
  const found: UnfinishedDownload[] = [];
  for (const directory of await listFolders(store, MAX_LISTED_FOLDERS)) {
    const unfinished = await readUnfinished(directory);
    if (unfinished !== null) found.push(unfinished);
  }
  return found;
}

/** null where the folder holds none, or one that this version can't go on with, or a finished model. */
export async function readUnfinished(
  directory: FileSystemDirectoryHandle,
): Promise<UnfinishedDownload | null> {
  const file = await readSmallFile(directory, FILE_NAME, MAX_BYTE_LENGTH);
  if (file === null) return null;
  // Not a `model.json` alone: it may have been all that was written of it.
  if ((await readStoredModel(directory)) !== null || (await isSetAside(directory))) return null;
  const journal = parseJournal(file.text);
  return journal === null ? null : { journal, directory, updatedAt: file.lastModified };
}

export async function writeJournal(
  directory: FileSystemDirectoryHandle,
  journal: DownloadJournal,
): Promise<void> {
  const { graphVersion } = REGISTRY.get(journal.item.detector);
  const text = JSON.stringify({ formatVersion: FORMAT_VERSION, graphVersion, ...journal });
  await replaceSmallFile(directory, FILE_NAME, text);
}

export async function removeJournal(directory: FileSystemDirectoryHandle): Promise<void> {
  await removeIfThere(directory, FILE_NAME);
}

/** null for a journal of another version, and for one that a broken disk has spoiled: its download begins anew. */
function parseJournal(text: string): DownloadJournal | null {
  const fields = parseFields(text);
  if (fields?.formatVersion !== FORMAT_VERSION) return null;
  const { shards, url, revision, fileName, etag, sourceByteLength, totalByteLength } = fields;
  const item = asItem(fields.item);
  const isWhole =
    item !== null &&
    fields.graphVersion === REGISTRY.get(item.detector).graphVersion &&
    Array.isArray(shards) &&
    shards.every(isShard) &&
    [url, revision, fileName].every((value) => typeof value === 'string') &&
    (etag === null || typeof etag === 'string') &&
    [sourceByteLength, totalByteLength].every(Number.isSafeInteger);
  return isWhole ? { ...(fields as DownloadJournal), item } : null;
}

function isShard(value: unknown): value is FinishedShard {
  if (typeof value !== 'object' || value === null) return false;
  const { path, byteLength, sha256, identity, fetchedByteLength, position } = value as Partial<FinishedShard>;
  return (
    [path, sha256, identity].every((text) => typeof text === 'string') &&
    [byteLength, fetchedByteLength].every(Number.isSafeInteger) &&
    (position === null ||
      (typeof position === 'object' &&
        [position.row, position.offset, position.checksum].every(Number.isSafeInteger)))
  );
}

/** null for what no version could have written. An item without a detector is of the one that there was then. */
function asItem(value: unknown): InstallItem | null {
  if (typeof value !== 'object' || value === null) return null;
  const item = { detector: REGISTRY.unnamed?.id, ...value } as InstallItem;
  const detector = REGISTRY.find(item.detector);
  const isKnown =
    detector?.networks.some(({ id }) => id === item.network) === true &&
    WEIGHT_DTYPES.includes(item.dtype) &&
    GRAPH_DEVICES.includes(item.device);
  if (!isKnown) return null;
  try {
    detector.assertConvertible(item.network, item.dtype, item.device);
    return item;
  } catch {
    return null;
  }
}

import { DetectorError } from '../../../utils/domain/errors.ts';
import { isSameItem } from '../../../utils/domain/installation.ts';
import type { InstallItem } from '../../../utils/domain/installation.ts';
import { GRAPH_DEVICES, titleOf, WEIGHT_DTYPES } from '../../../utils/domain/model.ts';
import type { ModelFile } from '../../detectors/model-description.ts';
import type { DetectorRegistry } from '../../detectors/registry.ts';
import type { SourcePosition } from '../../onnx/graph-builder.ts';
import type { PublishedCheckpoint } from '../../detectors/detector.ts';
import { parseFields, readSmallFile } from '../backend.ts';
import type { StoreFolder } from '../backend.ts';
import { INSTALL_LOCK, isSetAside, readStoredModel, removeModelFolder } from '../model-store.ts';
import type { ModelStore } from '../model-store.ts';
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
  readonly folder: StoreFolder;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
};

/** The downloads that were begun and can be continued, latest first. */
export async function listPartialDownloads(store: ModelStore): Promise<readonly PartialDownload[]> {
  const found: PartialDownload[] = [];
  for (const { journal, folder, updatedAt } of await listUnfinished(store)) {
    const detector = store.registry.get(journal.item.detector);
    found.push({
      ...journal.item,
      detectorName: detector.name,
      title: titleOf(detector, [journal.item.network]),
      fileName: journal.fileName,
      doneByteLength: journal.shards.at(-1)?.fetchedByteLength ?? 0,
      totalByteLength: journal.totalByteLength,
      storedByteLength: await folder.measure(),
      updatedAt,
    });
  }
  return found.toSorted((a, b) => b.updatedAt - a.updatedAt);
}

/**
 * Removes what was fetched of one download. Nothing happens where there is none.
 * @throws DetectorError `options-invalid` while something is being installed: cancel it first
 */
export async function discardPartialDownload(store: ModelStore, item: InstallItem): Promise<void> {
  await navigator.locks.request(INSTALL_LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw new DetectorError('options-invalid', 'a network is being installed');
    for (const { journal, folder } of await listUnfinished(store)) {
      if (!isSameItem(journal.item, item)) continue;
      await removeJournal(folder);
      await removeModelFolder(store, folder);
    }
  });
}

/** The one that goes on with this item of this very file; null where nothing was begun. */
export async function findUnfinished(
  store: ModelStore,
  checkpoint: PublishedCheckpoint,
  item: InstallItem,
): Promise<UnfinishedDownload | null> {
  const all = await listUnfinished(store);
  return (
    all.find(
      ({ journal }) =>
        journal.url === checkpoint.url &&
        journal.sourceByteLength === checkpoint.byteLength &&
        isSameItem(journal.item, item),
    ) ?? null
  );
}

async function listUnfinished(store: ModelStore): Promise<readonly UnfinishedDownload[]> {
  const found: UnfinishedDownload[] = [];
  for (const folder of await store.backend.listFolders()) {
    const unfinished = await readUnfinished(store, folder);
    if (unfinished !== null) found.push(unfinished);
  }
  return found;
}

/** null where the folder holds none, or one that this version can't go on with, or a finished model. */
export async function readUnfinished(
  store: ModelStore,
  folder: StoreFolder,
): Promise<UnfinishedDownload | null> {
  const file = await readSmallFile(folder, FILE_NAME, MAX_BYTE_LENGTH);
  if (file === null) return null;
  // Not a `model.json` alone: it may have been all that was written of it.
  if ((await readStoredModel(store, folder)) !== null || (await isSetAside(folder))) return null;
  const journal = parseJournal(store.registry, file.text);
  return journal === null ? null : { journal, folder, updatedAt: file.lastModified };
}

export async function writeJournal(
  { registry }: ModelStore,
  folder: StoreFolder,
  journal: DownloadJournal,
): Promise<void> {
  const { graphVersion } = registry.get(journal.item.detector);
  await folder.replace(
    FILE_NAME,
    JSON.stringify({ formatVersion: FORMAT_VERSION, graphVersion, ...journal }),
  );
}

export async function removeJournal(folder: StoreFolder): Promise<void> {
  await folder.remove(FILE_NAME);
}

/** null for a journal of another version, and for one that a broken disk has spoiled: its download begins anew. */
function parseJournal(registry: DetectorRegistry, text: string): DownloadJournal | null {
  const fields = parseFields(text);
  if (fields?.formatVersion !== FORMAT_VERSION) return null;
  const { shards, url, revision, fileName, etag, sourceByteLength, totalByteLength } = fields;
  const item = asItem(registry, fields.item);
  const isWhole =
    item !== null &&
    fields.graphVersion === registry.get(item.detector).graphVersion &&
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
function asItem(registry: DetectorRegistry, value: unknown): InstallItem | null {
  if (typeof value !== 'object' || value === null) return null;
  const item = { detector: registry.unnamed?.id, ...value } as InstallItem;
  const detector = registry.find(item.detector);
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

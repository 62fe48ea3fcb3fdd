import * as v from 'valibot';
import { DetectorError } from '../../../utils/domain/errors.ts';
import { isSameItem } from '../../../utils/domain/installation.ts';
import type { InstallItem, PartialDownload } from '../../../utils/domain/installation.ts';
import { GRAPH_DEVICES, titleOf, WEIGHT_DTYPES } from '../../../utils/domain/model.ts';
import { modelFileSchema } from '../../detectors/model-description.ts';
import type { PublishedCheckpoint } from '../../detectors/detector.ts';
import type { DetectorRegistry } from '../../detectors/registry.ts';
import { parseFields, readSmallFile } from '../backend.ts';
import type { StoreFolder } from '../backend.ts';
import { INSTALL_LOCK, isSetAside, readStoredModel, removeModelFolder } from '../model-store.ts';
import type { ModelStore } from '../model-store.ts';

/**
 * The journal of an unfinished download, beside its shards. It is replaced as a whole after each shard, so each shard in it
 * was written to its end.
 */
const FILE_NAME = 'partial.json';
/** A line for each shard, of which the largest network has 85. */
const MAX_BYTE_LENGTH = 2 ** 18;
const FORMAT_VERSION = 1;

const integer = v.pipe(v.number(), v.safeInteger());

const shardSchema = v.object({
  ...modelFileSchema.entries,
  /** The position behind the shard: see `Conversion.positionAfter`. */
  position: v.nullable(v.object({ row: integer, offset: integer, checksum: integer })),
  /** Bytes of the source file that are fetched before the next shard begins. */
  fetchedByteLength: integer,
  /** See `Conversion.identityOf`. */
  identity: v.string(),
});

const journalSchema = v.object({
  item: v.object({
    detector: v.string(),
    network: v.string(),
    dtype: v.picklist(WEIGHT_DTYPES),
    device: v.picklist(GRAPH_DEVICES),
  }),
  url: v.string(),
  revision: v.string(),
  fileName: v.string(),
  sourceByteLength: integer,
  /** null until the server has sent it. */
  etag: v.nullable(v.string()),
  /** Bytes that the whole installation fetches. */
  totalByteLength: integer,
  /** The finished shards, in order from the first. */
  shards: v.pipe(v.array(shardSchema), v.readonly()),
});

export type FinishedShard = Readonly<v.InferOutput<typeof shardSchema>>;
export type DownloadJournal = Readonly<v.InferOutput<typeof journalSchema>>;

/** A folder with a journal. */
export type UnfinishedDownload = {
  readonly journal: DownloadJournal;
  readonly folder: StoreFolder;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
};

/** The downloads that can be continued, latest first. */
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
 * Removes one download. Nothing happens where it is missing.
 * @throws DetectorError `options-invalid` during an installation, which must be cancelled first
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

/** The download of this item from exactly this file; null where there is none. */
export async function findUnfinished(
  store: ModelStore,
  { url, byteLength }: PublishedCheckpoint,
  item: InstallItem,
): Promise<UnfinishedDownload | null> {
  const isOfThisFile = ({ journal }: UnfinishedDownload): boolean =>
    journal.url === url && journal.sourceByteLength === byteLength && isSameItem(journal.item, item);
  return (await listUnfinished(store)).find(isOfThisFile) ?? null;
}

async function listUnfinished(store: ModelStore): Promise<readonly UnfinishedDownload[]> {
  const found: UnfinishedDownload[] = [];
  for (const folder of await store.backend.listFolders()) {
    const unfinished = await readUnfinished(store, folder);
    if (unfinished !== null) found.push(unfinished);
  }
  return found;
}

/** null where the folder holds no journal, a journal that this version can't continue, or a finished model. */
export async function readUnfinished(
  store: ModelStore,
  folder: StoreFolder,
): Promise<UnfinishedDownload | null> {
  const file = await readSmallFile(folder, FILE_NAME, MAX_BYTE_LENGTH);
  if (file === null) return null;
  // A `model.json` alone does not count: the installation may have ended in the middle of writing it.
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
  const text = JSON.stringify({ formatVersion: FORMAT_VERSION, graphVersion, ...journal });
  await folder.replace(FILE_NAME, text);
}

export async function removeJournal(folder: StoreFolder): Promise<void> {
  await folder.remove(FILE_NAME);
}

/**
 * Parses a journal; null for a journal of another version, or one that a broken disk has damaged. Its download begins
 * anew.
 */
function parseJournal(registry: DetectorRegistry, text: string): DownloadJournal | null {
  const fields = parseFields(text);
  if (fields?.formatVersion !== FORMAT_VERSION) return null;
  // An item without a detector is of the detector that was the only one then.
  const item = { detector: registry.unnamed?.id, ...(fields.item as object | null) };
  const { success, output } = v.safeParse(journalSchema, { ...fields, item });
  if (!success) return null;
  const { network, dtype, device } = output.item;
  const detector = registry.find(output.item.detector);
  const isKnown = detector?.networks.some(({ id }) => id === network) === true;
  if (!isKnown || fields.graphVersion !== detector.graphVersion) return null;
  try {
    detector.assertConvertible(network, dtype, device);
    return output;
  } catch {
    return null;
  }
}

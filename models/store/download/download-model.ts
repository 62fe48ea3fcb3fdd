import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { DownloadWait, InstallItem } from '../../../utils/domain/installation.ts';
import type { FileExtent } from '../../checkpoint/read/checkpoint.ts';
import { createCountingSource } from '../../checkpoint/read/counting-source.ts';
import { createHttpSource } from '../../checkpoint/read/http-source.ts';
import type { HttpSource } from '../../checkpoint/read/http-source.ts';
import { openConversion } from '../../detectors/conversion.ts';
import type { Conversion, ConversionOptions } from '../../detectors/conversion.ts';
import type { PublishedCheckpoint } from '../../detectors/detector.ts';
import { removeLeftovers } from '../leftovers.ts';
import type { StoreFolder } from '../backend.ts';
import { createModelWriter, findDamage, INSTALL_LOCK } from '../model-store.ts';
import type { ModelStore, ModelWriter } from '../model-store.ts';
import { findUnfinished, removeJournal, writeJournal } from './partial-download.ts';
import type { DownloadJournal, FinishedShard } from './partial-download.ts';
import { createRetryingSource } from './retrying-source.ts';
import type { Patience } from './retrying-source.ts';
import { createReadAheadSource } from './read-ahead-source.ts';
import type { ReadAheadOptions, ReadAheadSource } from './read-ahead-source.ts';
import type { InstalledModel } from '../../../utils/domain/model.ts';

/** Attempts with damaged bytes before the installation fails. */
const MAX_DAMAGED = 3;

export type DownloadProgress = {
  readonly doneByteLength: number;
  /** Bytes that the download needs in all; 0 until the archive's directory has been read. */
  readonly totalByteLength: number;
  readonly wait: DownloadWait | null;
};

export type DownloadDeps = Omit<Patience, 'onWait'> & {
  readonly store: ModelStore;
  /** Whether the browser hides the publisher's answers from the extension. */
  readonly isBlocked: (url: string, signal?: AbortSignal) => Promise<boolean>;
  readonly stallMilliseconds?: number;
  readonly readAhead?: ReadAheadOptions;
  /** Other sizes than those of the published checkpoints, in tests. */
  readonly conversion?: Pick<ConversionOptions, 'imageSize' | 'shardByteLength'>;
};

/**
 * Installs a published checkpoint straight from its publisher: the archive's end, the pickle and then only the tensors
 * that inference reads are fetched by ranges and converted shard by shard into the model store. The file itself is never
 * stored. After an early end, the next call with the same arguments continues behind the last finished shard. Only in a
 * Worker.
 *
 * @throws DetectorError `source-failed` (the network or the publisher, after many attempts), `source-refused`,
 *   `source-changed` (what was fetched before has been removed), `download-blocked`, `storage-full`, and of the conversion;
 *   AbortError
 */
export async function downloadModel(
  checkpoint: PublishedCheckpoint,
  item: InstallItem,
  deps: DownloadDeps,
  onProgress: (progress: DownloadProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InstalledModel> {
  return await navigator.locks.request(INSTALL_LOCK, signal === undefined ? {} : { signal }, async () => {
    const { store } = deps;
    await removeLeftovers(store);
    const unfinished = await findUnfinished(store, checkpoint, item);
    const writer = await createModelWriter(store, unfinished?.folder.name);
    let isWorthKeeping = (unfinished?.journal.shards.length ?? 0) > 0;
    const download = createDownload(checkpoint, item, deps, onProgress);
    try {
      const installed = await download.run(writer, unfinished?.journal ?? null, signal);
      await removeJournal(writer.folder);
      return installed;
    } catch (error) {
      isWorthKeeping = download.hasShards() && !isDetectorError(error, 'source-changed');
      throw error;
    } finally {
      download.close();
      // If files can't be removed now, they become leftovers. The first error is thrown on.
      if (!isWorthKeeping) await writer.discard().catch(() => undefined);
    }
  });
}

function createDownload(
  checkpoint: PublishedCheckpoint,
  item: InstallItem,
  deps: DownloadDeps,
  onProgress: (progress: DownloadProgress) => void,
) {
  const { url, revision, fileName } = checkpoint;
  let shards: readonly FinishedShard[] = [];
  let wait: DownloadWait | null = null;
  let totalByteLength = 0;
  /** Bytes of the finished shards, and bytes that were received since then. */
  let doneBefore = 0;
  let receivedSince = 0;
  let source: ReadAheadSource | null = null;

  function report(): void {
    const doneByteLength = Math.min(totalByteLength, doneBefore + receivedSince);
    onProgress({ doneByteLength, totalByteLength, wait });
  }

  function openHttp(etag: string | null): HttpSource {
    return createHttpSource({
      url,
      byteLength: checkpoint.byteLength,
      etag,
      // Hugging Face states the commit. If the header can be read, it must be the pinned one.
      expectedHeaders: { 'x-repo-commit': revision },
      isBlocked: deps.isBlocked,
      ...(deps.stallMilliseconds !== undefined && { stallMilliseconds: deps.stallMilliseconds }),
      onBytes: (byteLength) => {
        receivedSince += byteLength;
        report();
      },
    });
  }

  async function run(
    writer: ModelWriter,
    begun: DownloadJournal | null,
    signal?: AbortSignal,
  ): Promise<InstalledModel> {
    const http = openHttp(begun?.etag ?? null);
    const retrying = createRetryingSource(http, {
      ...deps,
      onWait: (now) => {
        wait = now;
        report();
      },
    });
    // Set first, so that an abort during the check of the shards does not drop them.
    shards = begun?.shards ?? [];
    shards = await findIntact(writer.folder, shards, signal);
    let changedCount = 0;

    for (let damagedCount = 0; ;) {
      source?.close();
      source = createReadAheadSource(retrying, deps.readAhead);
      try {
        const options = { ...deps.conversion, ...item, registry: deps.store.registry };
        // Counts the bytes of the archive's directory, the pickle and a few headers.
        const counting = createCountingSource({ ...source, name: fileName });
        const conversion = await openConversion(counting, options, signal);
        const readByteLength = counting.bytesRead;
        if (!(await isMadeOf(conversion, shards))) {
          // The archive's directory has no checksum, so the file counts as changed only if a second reading gives the
          // same.
          changedCount += 1;
          if (changedCount < 2) continue;
          throw new DetectorError(
            'source-changed',
            `${url}: the file is not the one that the download was begun with`,
          );
        }
        totalByteLength = sumOf(conversion.extentsFrom(0)) + readByteLength;
        const journal = {
          item,
          url,
          revision,
          fileName,
          sourceByteLength: checkpoint.byteLength,
          totalByteLength,
        };
        await writeShards(conversion, writer, source, () => ({ ...journal, etag: http.etag() }), signal);
        const description = await conversion.finish(
          shards.map(({ path, byteLength, sha256 }) => ({ path, byteLength, sha256 })),
          writer.openFile,
        );
        signal?.throwIfAborted();
        return await writer.commit({
          ...description,
          source: {
            ...description.source,
            name: fileName,
            download: { url, revision, etag: http.etag() },
          },
        });
      } catch (error) {
        // The published file is sound, so the bytes were damaged on their way, and another attempt brings sound ones.
        damagedCount += 1;
        if (!isDamage(error) || damagedCount >= MAX_DAMAGED) throw error;
      }
    }
  }

  /** Writes the missing shards in order. Each is in the journal as soon as it is whole. */
  async function writeShards(
    conversion: Conversion,
    writer: ModelWriter,
    readAhead: ReadAheadSource,
    journal: () => Omit<DownloadJournal, 'shards'>,
    signal?: AbortSignal,
  ): Promise<void> {
    shards = continuable(conversion, shards);
    const first = shards.length;
    await deps.store.backend.assertRoom(sumOf(conversion.shards.slice(first)));
    conversion.restore(first, shards.at(-1)?.position ?? null);
    const extents = first < conversion.shards.length ? conversion.extentsFrom(first) : [];
    readAhead.expect(extents.map(({ shard, ...extent }) => ({ ...extent, part: shard })));
    doneBefore = totalByteLength - sumOf(extents);
    receivedSince = 0;
    report();
    for (let index = first; index < conversion.shards.length; index++) {
      const { path, byteLength } = conversion.shards[index]!;
      readAhead.reach(index);
      try {
        const file = await conversion.writeShard(
          index,
          await writer.openFile(path, byteLength),
          undefined,
          signal,
        );
        const remaining = index + 1 < conversion.shards.length ? conversion.extentsFrom(index + 1) : [];
        shards = [
          ...shards,
          {
            ...file,
            // Without a position `continuable` goes back to the tensor's first shard.
            position: conversion.positionAfter(index) ?? null,
            fetchedByteLength: totalByteLength - sumOf(remaining),
            identity: await conversion.identityOf(index),
          },
        ];
      } catch (error) {
        if (isDetectorError(error, 'checkpoint-malformed')) {
          // A record's checksum is wrong: any of the tensor's shards may hold the wrong byte.
          shards = shards.slice(0, conversion.firstShardOfTensor(index));
          await writeJournal(deps.store, writer.folder, { ...journal(), shards });
        }
        throw error;
      }
      await writeJournal(deps.store, writer.folder, { ...journal(), shards });
    }
  }

  /** Whether the next attempt can continue from finished shards. */
  const hasShards = (): boolean => shards.length > 0;
  return { run, hasShards, close: () => source?.close() };
}

/** Whether the opened file makes the same statements about the finished shards' tensors as when they were made. */
async function isMadeOf(conversion: Conversion, shards: readonly FinishedShard[]): Promise<boolean> {
  for (const [index, { identity }] of shards.entries()) {
    // If the number of shards has changed, `continuable` begins anew.
    if (index < conversion.shards.length && (await conversion.identityOf(index)) !== identity) return false;
  }
  return true;
}

/** Whether the error is caused by bytes that a sound file does not have. */
function isDamage(error: unknown): boolean {
  return DAMAGE_CODES.some((code) => isDetectorError(error, code));
}

const DAMAGE_CODES = [
  'checkpoint-malformed',
  'checkpoint-unsupported',
  'checkpoint-too-large',
  'checkpoint-refused',
  'network-mismatch',
] as const;

/** The shards before the first one whose bytes differ from the journal. */
async function findIntact(
  folder: StoreFolder,
  shards: readonly FinishedShard[],
  signal?: AbortSignal,
): Promise<readonly FinishedShard[]> {
  for (const [index, shard] of shards.entries()) {
    if ((await findDamage(folder, shard, undefined, signal)) !== null) return shards.slice(0, index);
  }
  return shards;
}

/** The finished shards behind which the next one can be begun. */
function continuable(conversion: Conversion, shards: readonly FinishedShard[]): readonly FinishedShard[] {
  const count = shards.length;
  const isSame = shards.every(
    ({ path, byteLength }, index) =>
      conversion.shards[index]?.path === path && conversion.shards[index].byteLength === byteLength,
  );
  if (!isSame) return [];
  if (count === 0 || count === conversion.shards.length) return shards;
  const first = conversion.firstShardOfTensor(count);
  return first === count || shards[count - 1]!.position !== null ? shards : shards.slice(0, first);
}

function sumOf(parts: readonly Pick<FileExtent, 'byteLength'>[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

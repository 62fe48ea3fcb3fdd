import { createSHA256 } from 'hash-wasm';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { openCheckpoint } from '../checkpoint/read/checkpoint.ts';
import type { CheckpointRemark, FileExtent } from '../checkpoint/read/checkpoint.ts';
import { layOutShards, writeShard } from '../onnx/external-data.ts';
import type { ShardLayout, ShardWriter } from '../onnx/external-data.ts';
import type { ExternalGroup, SourceCursor, SourcePosition } from '../onnx/graph-builder.ts';
import type { BuildOptions } from './detector.ts';
import { createCheckedReader } from './checked-reader.ts';
import { encodeModelGraph, shapesOf, SHARD_BASE_NAME } from './model-graph.ts';
import { chooseWeights } from './choose-weights.ts';
import type { WeightsChoice } from './choose-weights.ts';
import { assertDescribable, describeModel } from './model-description.ts';
import type { ModelDescription, ModelFile } from './model-description.ts';

const GRAPH_PATH = 'model.onnx';

export type ConversionOptions = Omit<BuildOptions, 'network'> &
  WeightsChoice & {
    readonly shardByteLength?: number;
    /** Called once for each remark on the checkpoint, before anything is written. */
    readonly onRemark?: (remark: ConversionRemark) => void;
  };

export type ConversionRemark =
  | CheckpointRemark
  /** The weights were found at `path`; the same network is at `others` as well. */
  | { readonly kind: 'chosen-weights'; readonly path: string; readonly others: readonly string[] };

/** Opens a new file of the model for writing. Nothing is final before its writer's `close`. */
export type OpenModelFile = (path: string, byteLength: number) => Promise<ShardWriter>;

/** A part of the checkpoint's file, and the number of the first shard that reads it. */
type PlannedExtent = FileExtent & { readonly shard: number };

/** `done` of `total` bytes of weights are written. */
export type ConversionProgress = {
  readonly network: string;
  readonly tensorName: string;
  readonly doneByteLength: number;
  readonly totalByteLength: number;
};

/**
 * Turns a PyTorch checkpoint into an ONNX graph and shards of weights, reading only the network's own tensors, one group
 * of tensors in memory at a time. The graph is written last. The caller stores the returned description.
 *
 * @throws DetectorError of the checkpoint's reader, `network-mismatch`, `options-invalid`; AbortError
 */
export async function convertCheckpoint(
  source: ByteSource,
  options: ConversionOptions,
  openFile: OpenModelFile,
  onProgress: (progress: ConversionProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ModelDescription> {
  const conversion = await openConversion(source, options, signal);
  const { network, totalByteLength } = conversion;
  let doneByteLength = 0;
  const onTensor = (tensorName: string, byteLength: number): void => {
    doneByteLength += byteLength;
    onProgress({ network, tensorName, doneByteLength, totalByteLength });
  };
  const written: ModelFile[] = [];
  for (const { path, byteLength } of conversion.shards) {
    const writer = await openFile(path, byteLength);
    written.push(await conversion.writeShard(written.length, writer, onTensor, signal));
  }
  return await conversion.finish(written, openFile);
}

/** An opened checkpoint and the shards that are made of it. The caller may pause between two shards. */
export type Conversion = Awaited<ReturnType<typeof openConversion>>;

/**
 * Opens a checkpoint and builds its graph. Of the file only the directory and the pickle are read.
 * @throws DetectorError of the checkpoint's reader, `network-mismatch`, `options-invalid`; AbortError
 */
export async function openConversion(source: ByteSource, options: ConversionOptions, signal?: AbortSignal) {
  const checkpoint = await openCheckpoint(source, signal);
  const { detector, network, stateDict, path, others } = chooseWeights(checkpoint, options, source.name);
  const { dtype, device } = options;
  const reader = createCheckedReader(checkpoint, stateDict, source.name);
  const { built, ...facts } = detector.build(stateDict, reader, { ...options, network });
  assertDescribable(facts);
  for (const remark of checkpoint.remarks) options.onRemark?.(remark);
  if (others.length > 0) options.onRemark?.({ kind: 'chosen-weights', path, others });
  const shards = layOutShards(built.externalGroups, SHARD_BASE_NAME, options.shardByteLength);
  const tensors = built.externalGroups.flatMap((group) => group.tensors);

  function shardAt(index: number): ShardLayout {
    const shard = shards[index];
    if (shard === undefined) throw new RangeError(`there is no shard ${String(index)}`);
    return shard;
  }

  /** The pass over a tensor that continues from this shard into the next one; null where there is none. */
  function cursorAfter(index: number): SourceCursor | null {
    const last = shardAt(index).groups.at(-1)?.group.cursor ?? null;
    return last !== null && firstGroup(shardAt(index + 1)).cursor === last ? last : null;
  }

  return {
    detector,
    /** Id of the network. */
    network,
    /** The shards in the order in which they are written. */
    shards,
    /** Bytes of all tensors in all shards. */
    totalByteLength: tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
    /**
     * The parts of the file that the shards from `firstShard` on read, in the order in which they are read first; each
     * part once, without overlaps.
     */
    extentsFrom: (firstShard: number): readonly PlannedExtent[] => {
      const extents = new Map<string, PlannedExtent>();
      for (const [index, { groups }] of shards.entries()) {
        if (index < firstShard) continue;
        for (const { key, rowStart } of groups.flatMap(({ group }) => group.reads)) {
          const info = stateDict.get(key);
          // The first read of a tensor gives its place in the order: later parts of the same pass follow it.
          if (info !== undefined && !extents.has(info.storageKey)) {
            extents.set(info.storageKey, { ...checkpoint.extentOf(info, rowStart), shard: index });
          }
        }
      }
      return [...extents.values()];
    },
    /**
     * Writes one shard. Shards must be written in order, from the first or from one that `restore` was called for.
     * @param onTensor called for each tensor that was written, with its length in bytes
     * @throws DetectorError of the checkpoint's reader; whatever the writer throws; AbortError
     */
    writeShard: async (
      index: number,
      writer: ShardWriter,
      onTensor?: (name: string, byteLength: number) => void,
      writeSignal?: AbortSignal,
    ): Promise<ModelFile> => {
      const shard = shardAt(index);
      const sha256 = await writeShard(shard, writer, onTensor, writeSignal);
      return { path: shard.path, byteLength: shard.byteLength, sha256 };
    },
    /**
     * The position from which a later run can go on behind this shard, which was written last. null: the next shard
     * begins with a tensor of its own. undefined: the next shard goes on with a tensor that can only be read as a
     * whole.
     */
    positionAfter: (index: number): SourcePosition | null | undefined => {
      const cursor = index + 1 < shards.length ? cursorAfter(index) : null;
      return cursor === null ? null : (cursor.save() ?? undefined);
    },
    /** Makes `index` the next shard to be written, from the position that an earlier run has kept. */
    restore: (index: number, position: SourcePosition | null): void => {
      if (position !== null) firstGroup(shardAt(index)).cursor?.restore(position);
    },
    /**
     * The first of the shards that hold a part of the same tensor: wrong bytes in one of these shards spoil all of
     * them.
     */
    firstShardOfTensor: (index: number): number => {
      let first = index;
      while (first > 0 && cursorAfter(first - 1) !== null) first -= 1;
      return first;
    },
    /**
     * A SHA-256 of the file's own statements about all tensors of a shard. Two files with the same statements make the
     * same shard.
     */
    identityOf: (index: number): Promise<string> => {
      const keys = shardAt(index).groups.flatMap(({ group }) => group.reads.map(({ key }) => key));
      const statements = keys.map((key) => {
        const info = stateDict.get(key);
        return `${key} ${info === undefined ? '' : checkpoint.identityOf(info)}`;
      });
      return sha256Of(new TextEncoder().encode(statements.join('\n')));
    },
    /** Writes the graph and describes the model. The caller stores the description. */
    finish: async (files: readonly ModelFile[], openFile: OpenModelFile): Promise<ModelDescription> => {
      const graphBytes = encodeModelGraph(detector, built, shards, { network, dtype, device });
      const { byteLength } = graphBytes;
      await writeWhole(await openFile(GRAPH_PATH, byteLength), graphBytes);
      return describeModel(detector, {
        ...facts,
        network,
        dtype,
        device,
        source: { name: source.name, byteLength: source.byteLength, sha256: null },
        graph: { path: GRAPH_PATH, byteLength, sha256: await sha256Of(graphBytes) },
        shards: files,
        tensors: shapesOf(built, stateDict),
      });
    },
  };
}

function firstGroup({ path, groups: [first] }: ShardLayout): ExternalGroup {
  if (first === undefined) throw new RangeError(`${path} is empty`);
  return first.group;
}

async function writeWhole(writer: ShardWriter, bytes: Uint8Array): Promise<void> {
  try {
    await writer.write(bytes);
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = await createSHA256();
  return hash.update(bytes).digest('hex');
}

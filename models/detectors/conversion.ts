import { createSHA256 } from 'hash-wasm';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { openCheckpoint } from '../checkpoint/read/checkpoint.ts';
import type { CheckpointRemark, FileExtent } from '../checkpoint/read/checkpoint.ts';
import { layOutShards, writeShard } from '../onnx/external-data.ts';
import type { ShardLayout, ShardWriter } from '../onnx/external-data.ts';
import type { SourcePosition } from '../onnx/graph-builder.ts';
import type { BuildOptions, Detector } from './detector.ts';
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
    /** Called once for each thing that is worth saying of the checkpoint, before anything is written. */
    readonly onRemark?: (remark: ConversionRemark) => void;
  };

export type ConversionRemark =
  | CheckpointRemark
  /** The same network was there at other keys as well. */
  | { readonly kind: 'chosen-weights'; readonly path: string; readonly others: readonly string[] };

/** Opens a new file of the model for writing. Nothing is final before its writer's `close`. */
export type OpenModelFile = (path: string, byteLength: number) => Promise<ShardWriter>;

/** A stretch of the file, and the first of the shards that read it. */
export type PlannedExtent = FileExtent & { readonly shard: number };

/** An opened checkpoint and what becomes of it, shard by shard: to be done at once, or with pauses between two shards. */
export type Conversion = {
  readonly detector: Detector;
  /** Id of the network. */
  readonly network: string;
  /** In the order in which they are written. */
  readonly shards: readonly { readonly path: string; readonly byteLength: number }[];
  /** Of all tensors in all shards. */
  readonly totalByteLength: number;
  /**
   * What of the file is read for the shards from `firstShard` on, in the order in which it is read first; each stretch
   * once, without overlaps.
   */
  readonly extentsFrom: (firstShard: number) => readonly PlannedExtent[];
  /**
   * Writes one shard. Shards must be written in order, from the first or from one that {@link restore} was called for.
   * @param onTensor called for each tensor that was written, with its length in bytes
   * @throws DetectorError of the checkpoint's reader; whatever the writer throws; AbortError
   */
  readonly writeShard: (
    index: number,
    writer: ShardWriter,
    onTensor?: (name: string, byteLength: number) => void,
    signal?: AbortSignal,
  ) => Promise<ModelFile>;
  /**
   * What has to be kept to go on behind the shard that was written last; null where the next one begins with a tensor of
   * its own, and undefined where it can't be begun by itself: a tensor that can only be read as a whole goes on in it.
   */
  readonly positionAfter: (index: number) => SourcePosition | null | undefined;
  /** The next shard to be written is `index`, with what was kept before it. */
  readonly restore: (index: number, position: SourcePosition | null) => void;
  /** The first of the shards that hold a part of the same tensor as this one: bad bytes of one spoil all of them. */
  readonly firstShardOfTensor: (index: number) => number;
  /**
   * What the file says of all tensors that a shard is made of, as a SHA-256: a shard that was made of a file which says
   * the same is that shard.
   */
  readonly identityOf: (index: number) => Promise<string>;
  /** Writes the graph and describes the model. The caller stores the description. */
  readonly finish: (files: readonly ModelFile[], openFile: OpenModelFile) => Promise<ModelDescription>;
};

/**
 * Opens a checkpoint and builds its graph. Of the file only the directory and the pickle are read.
 * @throws DetectorError of the checkpoint's reader, `network-mismatch`, `options-invalid`; AbortError
 */
export async function openConversion(
  source: ByteSource,
  options: ConversionOptions,
  signal?: AbortSignal,
): Promise<Conversion> {
  const checkpoint = await openCheckpoint(source, signal);
  const { detector, network, stateDict, path, others } = chooseWeights(checkpoint, options, source.name);
  const { dtype, device } = options;
  const reader = createCheckedReader(checkpoint, stateDict, source.name);
  const { built, ...facts } = detector.build(stateDict, reader, { ...options, network });
  assertDescribable(facts);
  for (const remark of checkpoint.remarks) options.onRemark?.(remark);
  if (others.length > 0) options.onRemark?.({ kind: 'chosen-weights', path, others });
  const shards = layOutShards(built.externalGroups, SHARD_BASE_NAME, options.shardByteLength);
  const tensorByteLengths = new Map(
    built.externalGroups.flatMap(({ tensors }) => tensors.map((tensor) => [tensor.name, tensor.byteLength])),
  );

  function extentsFrom(firstShard: number): readonly PlannedExtent[] {
    const extents = new Map<string, PlannedExtent>();
    for (let shard = firstShard; shard < shards.length; shard++) {
      const { groups } = shardAt(shards, shard);
      for (const { key, rowStart } of groups.flatMap(({ group }) => group.reads)) {
        const info = stateDict.get(key);
        // The first one that reads a tensor says where: later parts of the same pass follow it.
        if (info !== undefined && !extents.has(info.storageKey)) {
          extents.set(info.storageKey, { ...checkpoint.extentOf(info, rowStart), shard });
        }
      }
    }
    return [...extents.values()];
  }

  return {
    detector,
    network,
    shards,
    totalByteLength: [...tensorByteLengths.values()].reduce((sum, byteLength) => sum + byteLength, 0),
    extentsFrom,
    writeShard: async (index, writer, onTensor, writeSignal) => {
      const shard = shardAt(shards, index);
      const onWritten = (name: string): void => onTensor?.(name, tensorByteLengths.get(name) ?? 0);
      const sha256 = await writeShard(shard, writer, { onTensor: onWritten }, writeSignal);
      return { path: shard.path, byteLength: shard.byteLength, sha256 };
    },
    positionAfter: (index) => {
      const next = shards[index + 1];
      const cursor = next === undefined ? null : cursorAcross(shardAt(shards, index), next);
      return cursor === null ? null : (cursor.save() ?? undefined);
    },
    restore: (index, position) => {
      if (position !== null) firstGroup(shardAt(shards, index)).cursor?.restore(position);
    },
    firstShardOfTensor: (index) => {
      let first = index;
      while (first > 0 && cursorAcross(shardAt(shards, first - 1), shardAt(shards, first)) !== null) {
        first -= 1;
      }
      return first;
    },
    identityOf: (index) => {
      const keys = shardAt(shards, index).groups.flatMap(({ group }) => group.reads.map(({ key }) => key));
      const said = keys.map((key) => {
        const info = stateDict.get(key);
        return `${key} ${info === undefined ? '' : checkpoint.identityOf(info)}`;
      });
      return sha256Of(new TextEncoder().encode(said.join('\n')));
    },
    finish: async (files, openFile) => {
      const graphBytes = encodeModelGraph(detector, built, shards, { network, dtype, device });
      await writeWhole(await openFile(GRAPH_PATH, graphBytes.byteLength), graphBytes);
      return describeModel(detector, {
        ...facts,
        network,
        dtype,
        device,
        source: { name: source.name, byteLength: source.byteLength, sha256: null },
        graph: { path: GRAPH_PATH, byteLength: graphBytes.byteLength, sha256: await sha256Of(graphBytes) },
        shards: files,
        tensors: shapesOf(built, stateDict),
      });
    },
  };
}

/** The pass over one tensor that goes on from one shard into the next; null where there is none. */
function cursorAcross(shard: ShardLayout, next: ShardLayout): ShardLayout['groups'][0]['group']['cursor'] {
  const last = shard.groups.at(-1)?.group.cursor ?? null;
  return last !== null && firstGroup(next).cursor === last ? last : null;
}

function firstGroup(shard: ShardLayout): ShardLayout['groups'][0]['group'] {
  const [first] = shard.groups;
  if (first === undefined) throw new RangeError(`${shard.path} is empty`);
  return first.group;
}

function shardAt(shards: readonly ShardLayout[], index: number): ShardLayout {
  const shard = shards[index];
  if (shard === undefined) throw new RangeError(`there is no shard ${String(index)}`);
  return shard;
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

import { createSHA256 } from 'hash-wasm';
import { MICROSOFT_DOMAIN, OPSET_VERSION } from './graph-builder.ts';
import type { BuiltGraph, ExternalGroup } from './graph-builder.ts';
import { encodeModel } from './model-proto.ts';
import type { TensorProto } from './model-proto.ts';
import { graphInvalid } from './shape.ts';

/** Opset 20 belongs to IR version 9 (https://onnx.ai/onnx/intro/concepts.html, ONNX 1.15). */
const IR_VERSION = 9;
/** Cache line and SIMD friendly; a multiple of every element size. */
const ALIGNMENT = 64;
/**
 * The length of a shard, which is written, hashed, fetched again and mapped as a whole. A download that breaks off
 * loses one shard at most: 16 MiB are a quarter of the smallest network in fp16. ONNX Runtime Web copies badly beyond
 * 256 MB, which is far more. A larger initializer gets a shard of its own.
 */
const DEFAULT_SHARD_BYTE_LENGTH = 16 * 2 ** 20;

/** One file of weights. `groups` in the order in which they are produced and written. */
export type ShardLayout = {
  readonly path: string;
  readonly byteLength: number;
  readonly groups: readonly { readonly group: ExternalGroup; readonly offsets: readonly number[] }[];
};

/** Assigns every external tensor its shard and offset, filling shards in order. Paths are `<baseName>.data<i>`. */
export function layOutShards(
  groups: readonly ExternalGroup[],
  baseName: string,
  shardByteLength = DEFAULT_SHARD_BYTE_LENGTH,
): readonly ShardLayout[] {
  const shards: {
    path: string;
    byteLength: number;
    groups: { group: ExternalGroup; offsets: number[] }[];
  }[] = [];
  for (const group of groups) {
    const groupByteLength = group.tensors.reduce((sum, tensor) => sum + align(tensor.byteLength), 0);
    let shard = shards.at(-1);
    const isFull = shard !== undefined && shard.byteLength + groupByteLength > shardByteLength;
    if (shard === undefined || (shard.groups.length > 0 && isFull)) {
      shard = { path: `${baseName}.data${String(shards.length)}`, byteLength: 0, groups: [] };
      shards.push(shard);
    }
    const offsets: number[] = [];
    for (const tensor of group.tensors) {
      offsets.push(shard.byteLength);
      shard.byteLength += align(tensor.byteLength);
    }
    shard.groups.push({ group, offsets });
  }
  return shards;
}

/** The `.onnx` file: the graph with every external tensor's place filled in. */
export function encodeGraph(
  built: BuiltGraph,
  shards: readonly ShardLayout[],
  producer: { readonly name: string; readonly version: string },
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const external = shards.flatMap((shard) =>
    shard.groups.flatMap(({ group, offsets }) =>
      group.tensors.map((tensor, index): TensorProto => ({
        name: tensor.name,
        dtype: tensor.dtype,
        dims: tensor.dims,
        data: {
          kind: 'external',
          location: shard.path,
          offset: offsets[index]!,
          byteLength: tensor.byteLength,
        },
      })),
    ),
  );
  return encodeModel({
    irVersion: IR_VERSION,
    opsetImports: [
      { domain: '', version: OPSET_VERSION },
      { domain: MICROSOFT_DOMAIN, version: 1 },
    ],
    producerName: producer.name,
    producerVersion: producer.version,
    graph: { ...built.graph, initializers: [...built.graph.initializers, ...external] },
    metadata,
  });
}

/** Takes the bytes of a file. `close` makes the file final; `abort` leaves no file that looks final. */
export type ShardWriter = {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly abort: () => Promise<void>;
};

/**
 * Produces and writes one shard from beginning to end, one group in memory at a time.
 * @returns the lower-case hexadecimal SHA-256 of the shard
 * @throws DetectorError `graph-invalid` when a group produces other bytes than it announced; the errors of `produce`
 *   and of the writer; AbortError. In each case the writer's `abort` was called
 */
export async function writeShard(
  shard: ShardLayout,
  writer: ShardWriter,
  onTensor: (name: string, byteLength: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const hash = await createSHA256();
    for (const { group } of shard.groups) {
      signal?.throwIfAborted();
      const outputs = await group.produce(signal);
      for (const [index, tensor] of group.tensors.entries()) {
        const bytes = outputs[index];
        if (bytes?.byteLength !== tensor.byteLength) {
          const produced = bytes?.byteLength ?? 0;
          throw graphInvalid(`${tensor.name}: produced ${produced} bytes, announced ${tensor.byteLength}`);
        }
        const padding = new Uint8Array(align(bytes.byteLength) - bytes.byteLength);
        for (const part of [bytes, padding]) {
          hash.update(part);
          await writer.write(part);
        }
        onTensor(tensor.name, tensor.byteLength);
      }
    }
    await writer.close();
    return hash.digest('hex');
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function align(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

import { createSHA256 } from 'hash-wasm';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { TensorInfo } from '../checkpoint/read/checkpoint.ts';
import { encodeGraph, layOutShards } from '../onnx/external-data.ts';
import type { ShardLayout } from '../onnx/external-data.ts';
import type { BuiltGraph } from '../onnx/graph-builder.ts';
import type { Detector } from './detector.ts';
import type { ModelDescription, ModelFile } from './model-description.ts';
import type { WeightReader } from './parameters.ts';
import type { DetectorRegistry } from './registry.ts';

/** Shards are `model.data0` and so on. */
export const SHARD_BASE_NAME = 'model';

/** The `.onnx` file of a converted network. */
export function encodeModelGraph(
  { graphVersion }: Pick<Detector, 'graphVersion'>,
  built: BuiltGraph,
  shards: readonly ShardLayout[],
  form: Pick<ModelDescription, 'network' | 'dtype' | 'device'>,
): Uint8Array<ArrayBuffer> {
  const { network, dtype, device } = form;
  const producer = { name: 'TrueFrame', version: String(graphVersion) };
  return encodeGraph(built, shards, producer, { network, dtype, device });
}

/** Shapes of the tensors that a graph reads, from which it can be built again. */
export function shapesOf(
  { externalGroups }: BuiltGraph,
  stateDict: ReadonlyMap<string, Pick<TensorInfo, 'shape'>>,
): NonNullable<ModelDescription['tensors']> {
  const keys = new Set(externalGroups.flatMap(({ reads }) => reads.map(({ key }) => key)));
  return Object.fromEntries([...keys].map((key) => [key, stateDict.get(key)?.shape ?? []]));
}

/**
 * Builds the graph that belongs to a description. A folder from elsewhere may bring weights, but nothing that is run as
 * it is: its graph must equal the built one byte for byte.
 * @throws DetectorError `model-invalid` where the description's graph or shards are others than those that are built
 */
export async function rebuildGraph(
  description: ModelDescription,
  registry: DetectorRegistry,
): Promise<Uint8Array<ArrayBuffer>> {
  const { network, dtype, device, imageSize, tensors } = description;
  if (tensors === undefined) {
    throw new DetectorError(
      'model-invalid',
      'the model was converted by an earlier version: convert the checkpoint again',
    );
  }
  const detector = registry.get(description.detector);
  const { built, ...facts } = buildOf(detector, description, tensors);
  const shards = layOutAs(built.externalGroups, description.shards);
  const bytes = encodeModelGraph(detector, built, shards ?? [], { network, dtype, device });
  const hash = await createSHA256();
  const isSame =
    shards !== null &&
    facts.imageSize === imageSize &&
    JSON.stringify(facts.extraInputs) === JSON.stringify(description.extraInputs) &&
    hash.update(bytes).digest('hex') === description.graph.sha256;
  if (isSame) return bytes;
  throw new DetectorError(
    'model-invalid',
    'the graph is not the one that TrueFrame builds for these weights: convert the checkpoint again',
  );
}

/** Divides the groups, in order, into shards of these lengths; null where no division fits. */
function layOutAs(
  groups: BuiltGraph['externalGroups'],
  files: readonly ModelFile[],
): readonly ShardLayout[] | null {
  const shards: ShardLayout[] = [];
  let next = 0;
  for (const [index, { path, byteLength }] of files.entries()) {
    const first = next;
    let filled = 0;
    for (; next < groups.length && filled < byteLength; next++) {
      filled += lengthOf(groups.slice(next, next + 1));
    }
    const [shard] = layOutShards(groups.slice(first, next), SHARD_BASE_NAME, Infinity);
    if (shard?.byteLength !== byteLength || path !== `${SHARD_BASE_NAME}.data${String(index)}`) return null;
    shards.push({ ...shard, path });
  }
  return next === groups.length ? shards : null;
}

function lengthOf(groups: BuiltGraph['externalGroups']): number {
  return layOutShards(groups, SHARD_BASE_NAME, Infinity).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function buildOf(
  detector: Detector,
  { network, dtype, device, imageSize }: ModelDescription,
  tensors: NonNullable<ModelDescription['tensors']>,
): ReturnType<Detector['build']> {
  const stateDict = new Map(Object.entries(tensors).map(([key, shape]) => [key, describeTensor(shape)]));
  try {
    return detector.build(stateDict, NO_VALUES, { network, dtype, device, imageSize });
  } catch (cause) {
    if (!(cause instanceof DetectorError)) throw cause;
    throw new DetectorError('model-invalid', `the description is of no network: ${cause.message}`, { cause });
  }
}

function describeTensor(shape: readonly number[]): TensorInfo {
  const elementCount = shape.reduce((product, dim) => product * dim, 1);
  return {
    kind: 'tensor',
    dtype: 'float32',
    shape,
    strides: shape.map((_dim, axis) => shape.slice(axis + 1).reduce((product, dim) => product * dim, 1)),
    storageOffset: 0,
    storageKey: '',
    storageElementCount: elementCount,
    elementCount,
    byteLength: 4 * elementCount,
    isNegated: false,
  };
}

function refuse(): never {
  throw new DetectorError('internal', 'a graph that is built again has no values');
}

const NO_VALUES: WeightReader = { readFloat32: refuse, streamFloat32: refuse };

import { createSHA256 } from 'hash-wasm';
import { DetectorError } from '../../utils/errors.ts';
import type { ByteSource } from '../checkpoint/byte-source.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { encodeGraph, layOutShards, writeShard } from '../onnx/external-data.ts';
import type { ShardWriter } from '../onnx/external-data.ts';
import { buildNetwork } from './build-network.ts';
import type { GraphDevice, WeightDtype } from './conversion-options.ts';
import { describeModel, GRAPH_VERSION } from './model-description.ts';
import type { ModelDescription, ModelFile } from './model-description.ts';
import { detectNetwork } from './network-layout.ts';
import type { Network } from './network-layout.ts';

const GRAPH_PATH = 'model.onnx';
const SHARD_BASE_NAME = 'model';
const PRODUCER = { name: 'TrueFrame', version: String(GRAPH_VERSION) };

export type ConversionOptions = {
  /** null: whichever network the checkpoint holds. */
  readonly network: Network | null;
  readonly dtype: WeightDtype;
  readonly device: GraphDevice;
  /** ED only; null means the published 224. */
  readonly imageSize?: number | null;
  readonly shardByteLength?: number;
};

/** `done` of `total` bytes of weights are written. */
export type ConversionProgress = {
  readonly network: Network;
  readonly tensorName: string;
  readonly doneByteLength: number;
  readonly totalByteLength: number;
};

/** Opens a new file of the model for writing. Nothing is final before its writer's `close`. */
export type OpenModelFile = (path: string, byteLength: number) => Promise<ShardWriter>;

/**
 * Turns a PyTorch checkpoint into an ONNX graph and shards of weights, reading only what the network uses, one group
 * of tensors in memory at a time.
 * @returns the description of what was written; its source's sha256 is null, since the file was not read whole. The
 *   caller writes it, last.
 * @throws DetectorError of the checkpoint's reader, `network-mismatch`, `options-invalid`; AbortError
 */
export async function convertCheckpoint(
  source: ByteSource,
  options: ConversionOptions,
  openFile: OpenModelFile,
  onProgress: (progress: ConversionProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ModelDescription> {
  const checkpoint = await openCheckpoint(source, signal);
  const stateDict = checkpoint.stateDict();
  const network = options.network ?? detectNetwork(stateDict);
  if (network === null) {
    throw new DetectorError(
      'network-mismatch',
      `${source.name} holds ${String(stateDict.size)} tensors, but neither GenConViT's ED nor its VAE network`,
    );
  }
  const { layout, built } = buildNetwork(stateDict, checkpoint, { ...options, network });
  const shards = layOutShards(built.externalGroups, SHARD_BASE_NAME, options.shardByteLength);
  const tensorByteLengths = new Map(
    built.externalGroups.flatMap(({ tensors }) => tensors.map((tensor) => [tensor.name, tensor.byteLength])),
  );
  const totalByteLength = [...tensorByteLengths.values()].reduce((sum, byteLength) => sum + byteLength, 0);

  let doneByteLength = 0;
  const written: ModelFile[] = [];
  for (const shard of shards) {
    const writer = await openFile(shard.path, shard.byteLength);
    const onTensor = (tensorName: string): void => {
      doneByteLength += tensorByteLengths.get(tensorName) ?? 0;
      onProgress({ network, tensorName, doneByteLength, totalByteLength });
    };
    const sha256 = await writeShard(shard, writer, { onTensor }, signal);
    written.push({ path: shard.path, byteLength: shard.byteLength, sha256 });
  }

  const graphBytes = encodeGraph(built, shards, PRODUCER, {
    network,
    dtype: options.dtype,
    device: options.device,
  });
  const graphWriter = await openFile(GRAPH_PATH, graphBytes.byteLength);
  try {
    await graphWriter.write(graphBytes);
    await graphWriter.close();
  } catch (error) {
    await graphWriter.abort();
    throw error;
  }
  return describeModel({
    network,
    dtype: options.dtype,
    device: options.device,
    imageSize: layout.imageSize,
    latentSize: layout.latent === null ? null : layout.latent.dims.reduce((product, dim) => product * dim, 1),
    source: { name: source.name, byteLength: source.byteLength, sha256: null },
    graph: { path: GRAPH_PATH, byteLength: graphBytes.byteLength, sha256: await sha256Of(graphBytes) },
    shards: written,
  });
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = await createSHA256();
  return hash.update(bytes).digest('hex');
}

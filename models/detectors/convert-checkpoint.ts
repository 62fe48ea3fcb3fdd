import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { openConversion } from './conversion.ts';
import type { ConversionOptions, OpenModelFile } from './conversion.ts';
import type { ModelDescription, ModelFile } from './model-description.ts';

/** `done` of `total` bytes of weights are written. */
export type ConversionProgress = {
  readonly network: string;
  readonly tensorName: string;
  readonly doneByteLength: number;
  readonly totalByteLength: number;
};

/**
 * Turns a PyTorch checkpoint into an ONNX graph and shards of weights, reading only what the network uses, one group
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
  const written: ModelFile[] = [];
  for (const { path, byteLength } of conversion.shards) {
    const onTensor = (tensorName: string, tensorByteLength: number): void => {
      doneByteLength += tensorByteLength;
      onProgress({ network, tensorName, doneByteLength, totalByteLength });
    };
    written.push(
      await conversion.writeShard(written.length, await openFile(path, byteLength), onTensor, signal),
    );
  }
  return await conversion.finish(written, openFile);
}

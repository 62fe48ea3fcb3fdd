import { DetectorError } from '../../utils/domain/errors.ts';
import type { TensorInfo } from '../checkpoint/read/checkpoint.ts';
import { showForeign } from '../checkpoint/read/foreign-text.ts';
import { areFinite } from './parameters.ts';
import type { WeightReader } from './parameters.ts';

const FLOATS: readonly TensorInfo['dtype'][] = ['float32', 'float16', 'bfloat16', 'float64'];

/**
 * A reader that accepts only weights that a network can compute with: floating-point numbers, all of them finite. With
 * a NaN from a training run that diverged, the network would give every face the same score, or none.
 * @throws (from its functions) DetectorError `checkpoint-unsupported` that names the tensor
 */
export function createCheckedReader(
  reader: WeightReader,
  stateDict: ReadonlyMap<string, TensorInfo>,
  sourceName: string,
): WeightReader {
  const names = new Map([...stateDict].map(([name, info]) => [info, name]));

  function refuse(info: TensorInfo, what: string): DetectorError {
    const name = showForeign(names.get(info) ?? '');
    return new DetectorError('checkpoint-unsupported', `${sourceName}: "${name}" ${what}`);
  }
  function checkDtype(info: TensorInfo): void {
    if (!FLOATS.includes(info.dtype)) {
      throw refuse(info, `has weights of ${info.dtype}, which are no floating-point numbers`);
    }
  }
  function checkValues(info: TensorInfo, values: Float32Array): void {
    if (areFinite(values)) return;
    const place = values.findIndex((value) => !Number.isFinite(value));
    const what =
      info.dtype === 'float64' ? 'a number beyond float32, an infinite one or a NaN' : String(values[place]);
    throw refuse(info, `holds ${what}: the training has diverged, or the file is damaged`);
  }

  return {
    readFloat32: async (info, signal) => {
      checkDtype(info);
      const values = await reader.readFloat32(info, signal);
      checkValues(info, values);
      return values;
    },
    streamFloat32: async function* (info, rowsPerBlock, signal, from) {
      checkDtype(info);
      for await (const block of reader.streamFloat32(info, rowsPerBlock, signal, from)) {
        checkValues(info, block.values);
        yield block;
      }
    },
  };
}

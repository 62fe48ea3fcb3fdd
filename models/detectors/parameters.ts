import { DetectorError } from '../../utils/domain/errors.ts';
import type { RowBlock, RowPosition, TensorInfo } from '../checkpoint/read/checkpoint.ts';
import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';
import { cast, mul } from '../onnx/operators/elementwise.ts';
import { toFloat16 } from '../quantization/float16.ts';
import { quantizeInt8Rows } from '../quantization/int8.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';

/** The functions of an opened checkpoint that the graph's values come from: one tensor, or its rows in order. */
export type WeightReader = {
  readonly readFloat32: (info: TensorInfo, signal?: AbortSignal) => Promise<Float32Array<ArrayBuffer>>;
  readonly streamFloat32: (
    info: TensorInfo,
    rowsPerBlock: number,
    signal?: AbortSignal,
    from?: RowPosition | null,
  ) => AsyncGenerator<RowBlock>;
};

/**
 * Tensors with fewer elements stay float32 in `fp16`. They are a twelfth of ED's parameters and carry half of the error
 * (largest change of a logit .0035 without this, .0018 with it; models/README.md).
 */
const SMALL_ELEMENT_COUNT = 2 ** 19;

type Storage = 'float32' | 'float16' | 'int8';

/** Vectors (biases, norms) stay float32: they are a thousandth of the bytes, and an error in one changes every output. */
function storageOf(dims: readonly number[], dtype: WeightDtype): Storage {
  if (dtype === 'fp32' || dims.length < 2) return 'float32';
  const isSmall = dims.reduce((product, dim) => product * dim, 1) < SMALL_ELEMENT_COUNT;
  switch (dtype) {
    case 'fp16':
      return isSmall ? 'float32' : 'float16';
    case 'int8':
      return isSmall ? 'float16' : 'int8';
    case 'int4':
      return 'float16';
    default:
      return dtype satisfies never;
  }
}

/** A network's parameters as initializers of one graph. Each is made once, even if it is used several times. */
export type Parameters = ReturnType<typeof createParameters>;

/**
 * Creates the parameters of one graph.
 * @param dtype decides how a tensor is stored. Nodes widen other types to float32, in which the network computes.
 *   ONNX Runtime folds these nodes when it loads the graph
 */
export function createParameters(
  graph: GraphBuilder,
  stateDict: ReadonlyMap<string, TensorInfo>,
  reader: WeightReader,
  dtype: WeightDtype,
) {
  const made = new Map<string, unknown>();

  /** The values of `make`, which is called only the first time. */
  function once<T>(name: string, make: () => T): T {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  }
  /** The state_dict's entry. The key must be one that the layout checked. */
  function info(key: string): TensorInfo {
    const found = stateDict.get(key);
    if (found === undefined) throw new Error(`${key} is used by the graph but not part of the layout`);
    return found;
  }
  function stored(
    name: string,
    dims: readonly number[],
    keys: readonly string[],
    read: (signal?: AbortSignal) => Promise<Float32Array>,
  ): Value {
    const storage = storageOf(dims, dtype);
    const reads = keys.map((key) => ({ key }));
    if (storage !== 'int8') {
      const [value] = graph.externalInitializers([{ name, dtype: storage, dims }], reads, async (signal) => {
        const values = await read(signal);
        return [storage === 'float16' ? toFloat16(values, name) : asBytes(values)];
      }) as readonly [Value];
      return storage === 'float16' ? widen(graph, value) : value;
    }
    const rowCount = dims[0] ?? 1;
    const [value, scales] = graph.externalInitializers(
      [
        { name, dtype: 'int8', dims },
        { name: `${name}.scales`, dtype: 'float32', dims: [rowCount, ...dims.slice(1).map(() => 1)] },
      ],
      reads,
      async (signal) => {
        const quantized = quantizeInt8Rows(await read(signal), rowCount);
        return [asBytes(quantized.values), asBytes(quantized.scales)];
      },
    ) as readonly [Value, Value];
    return mul(graph, `${name}.scaled`, widen(graph, value), scales);
  }
  /** A tensor computed from others (a folded BatchNorm, a transposed matrix), in float32 before it is stored. */
  function computed<const Keys extends readonly string[]>(
    name: string,
    dims: readonly number[],
    keys: Keys,
    compute: (...tensors: { [Index in keyof Keys]: Float32Array }) => Float32Array,
  ): Value {
    return once(name, () =>
      stored(name, dims, keys, async (signal) => {
        const tensors: Float32Array[] = [];
        for (const key of keys) tensors.push(await reader.readFloat32(info(key), signal));
        // Each key gave one tensor, in order; the type system can't count a loop's rounds.
        const values = compute(...(tensors as { [Index in keyof Keys]: Float32Array }));
        if (!areFinite(values)) {
          throw new DetectorError(
            'checkpoint-unsupported',
            `${name}, computed from ${keys.join(', ')}, is not finite: the training has diverged, or the file is damaged`,
          );
        }
        return values;
      }),
    );
  }

  /** A tensor as the checkpoint has it. */
  const tensor = (key: string): Value => computed(key, info(key).shape, [key], (values) => values);

  return {
    dtype,
    reader,
    info,
    tensor,
    /** `<module>.weight` and `<module>.bias`, as the checkpoint has them. */
    affine: (module: string): readonly [Value, Value] => [
      tensor(`${module}.weight`),
      tensor(`${module}.bias`),
    ],
    computed,
    once,
  };
}

/** An initializer as float32: a Cast, which ONNX Runtime folds when it loads the graph. */
export function widen(graph: GraphBuilder, stored: Value): Value {
  return cast(graph, `${stored.name}.float32`, stored, 'float32');
}

/** The bytes in the same memory; float32 is little-endian on every platform that runs WebAssembly. */
export function asBytes(values: Float32Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Zero times any number that is not finite is NaN, which a sum keeps, so one branch is enough for all of them. The loop
 * is by index, since an iterator takes twelve times as long over the 345 million numbers of a large network (5.5 s
 * against 0.43 s).
 */
export function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let index = values.length - 1; index >= 0; index--) sum += values[index]! * 0;
  return sum === 0;
}

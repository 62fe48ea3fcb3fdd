/** Element types of PyTorch's storages that this reader takes. */
export type Dtype =
  'float32' | 'float16' | 'bfloat16' | 'float64' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** A storage as a pickle names it. Several tensors can be views of one. */
export type StorageInfo = {
  readonly kind: 'storage';
  readonly dtype: Dtype;
  /** Names the record (`data/<key>`). */
  readonly key: string;
  readonly elementCount: number;
};

/** A tensor as a pickle describes it: a view of a storage, proven to lie within it. Strides and offset in elements. */
export type TensorInfo = {
  readonly kind: 'tensor';
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly storageOffset: number;
  readonly storageKey: string;
  readonly storageElementCount: number;
  readonly elementCount: number;
  /** Bytes of the tensor's own elements in its own dtype, without gaps. */
  readonly byteLength: number;
};

/** A class or function that a pickle names without calling it. Only names on the allow-list come this far. */
export type GlobalName = { readonly kind: 'global'; readonly name: string };

/** What a pickle holds, as plain data. Dicts are Maps, so that `__proto__` is a key like any other. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PickleValue[]
  | ReadonlyMap<PickleKey, PickleValue>
  | TensorInfo
  | StorageInfo
  | GlobalName;

/** Keys of dicts. */
export type PickleKey = null | boolean | number | bigint | string;

/** Narrows a value of a pickle to a dict. */
export function isDict(value: PickleValue | undefined): value is ReadonlyMap<PickleKey, PickleValue> {
  return value instanceof Map;
}

/** Narrows a value of a pickle to a tensor. */
export function isTensor(value: PickleValue | undefined): value is TensorInfo {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

/** Whether the elements lie one after the other in row-major order. Strides of dimensions of size 1 mean nothing. */
export function isContiguous(info: TensorInfo): boolean {
  let expected = 1;
  for (let axis = info.shape.length - 1; axis >= 0; axis--) {
    const size = info.shape[axis]!;
    if (size !== 1 && info.strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

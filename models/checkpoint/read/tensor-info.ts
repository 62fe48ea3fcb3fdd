/** Element types of PyTorch's storages that this reader can read. */
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

/** Element types of PyTorch's storages that are not read. `untyped` counts bytes. */
export type UnreadDtype =
  'complex64' | 'complex128' | 'qint8' | 'quint8' | 'qint32' | 'quint4x2' | 'quint2x4' | 'untyped';

/** Bytes of one element of a storage. */
export const STORAGE_BYTES: Readonly<Record<Dtype | UnreadDtype, number>> = {
  ...DTYPE_BYTES,
  complex64: 8,
  complex128: 16,
  qint8: 1,
  quint8: 1,
  qint32: 4,
  quint4x2: 0.5,
  quint2x4: 0.25,
  untyped: 1,
};

/** A storage as a pickle describes it. Several tensors can be views of one. */
export type StorageInfo = {
  readonly kind: 'storage';
  readonly dtype: Dtype | UnreadDtype;
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
  /**
   * PyTorch's negation flag: the values are those of the storage with the other sign. Only floating-point dtypes have
   * it.
   */
  readonly isNegated: boolean;
};

/**
 * A class or function that a pickle names without calling it. It is never one of the names that pickle-names.ts
 * refuses.
 */
export type GlobalName = { readonly kind: 'global'; readonly name: string };

/** A value that the file would build with a call, or bytes. Its name is kept, and nothing else of it. */
export type OpaqueValue = { readonly kind: 'opaque'; readonly name: string };

/** A tensor of a kind whose values are not read. It is an error only if the network needs it. */
export type UnreadTensor = { readonly kind: 'unread-tensor'; readonly reason: string };

/** The value of a pickle, as plain data. Dicts are Maps, so that `__proto__` is a key like any other. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PickleValue[]
  | ReadonlyMap<PickleKey, PickleValue>
  | TensorInfo
  | UnreadTensor
  | StorageInfo
  | GlobalName
  | OpaqueValue;

/** Keys of dicts. An opaque one stands for a tuple or an object. */
export type PickleKey = null | boolean | number | bigint | string | OpaqueValue;

/** Narrows a value of a pickle to a dict. */
export function isDict(value: PickleValue | undefined): value is ReadonlyMap<PickleKey, PickleValue> {
  return value instanceof Map;
}

/** Narrows a value of a pickle to a tensor. */
export function isTensor(value: PickleValue | undefined): value is TensorInfo {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

/** Narrows a value of a pickle to a tensor that can't be read. */
export function isUnreadTensor(value: PickleValue | undefined): value is UnreadTensor {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'unread-tensor';
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

import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from './foreign-text.ts';
import { MAX_EXPANDED_ELEMENTS, MAX_TENSOR_DIMS } from './limits.ts';
import { storageClassOf } from './pickle-names.ts';
import {
  DTYPE_BYTES,
  type Dtype,
  type GlobalName,
  type PickleValue,
  type StorageInfo,
  type TensorInfo,
  type UnreadDtype,
  type UnreadTensor,
  isDict,
  isTensor,
  isUnreadTensor,
} from './tensor-info.ts';

/** Dtypes of storages, by the name of the class without `Storage`. */
const STORAGE_DTYPES: ReadonlyMap<string, Dtype | UnreadDtype> = new Map([
  ['Float', 'float32'],
  ['Half', 'float16'],
  ['BFloat16', 'bfloat16'],
  ['Double', 'float64'],
  ['Long', 'int64'],
  ['Int', 'int32'],
  ['Short', 'int16'],
  ['Char', 'int8'],
  ['Byte', 'uint8'],
  ['Bool', 'bool'],
  ['ComplexFloat', 'complex64'],
  ['ComplexDouble', 'complex128'],
  ['QInt8', 'qint8'],
  ['QUInt8', 'quint8'],
  ['QInt32', 'qint32'],
  ['QUInt4x2', 'quint4x2'],
  ['QUInt2x4', 'quint2x4'],
  ['Untyped', 'untyped'],
]);

/** Names of the dtypes that are read, in PyTorch. */
const DTYPE_NAMES: ReadonlyMap<string, Dtype> = new Map([
  ...(Object.keys(DTYPE_BYTES) as Dtype[]).map((dtype) => [`torch.${dtype}`, dtype] as const),
  ['torch.float', 'float32'],
  ['torch.half', 'float16'],
  ['torch.double', 'float64'],
  ['torch.long', 'int64'],
  ['torch.int', 'int32'],
  ['torch.short', 'int16'],
]);

const FLOATS: readonly Dtype[] = ['float32', 'float16', 'bfloat16', 'float64'];

/**
 * Classes whose tensors have the values that their arguments give. Any other class may use its values in another way.
 */
const PLAIN_TENSOR_CLASSES: ReadonlySet<string> = new Set([
  'torch.Tensor',
  'torch._tensor.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
]);

// Storage keys are counters in the zip format and addresses in the legacy one.
const STORAGE_KEY = /^\d{1,20}$/;

/**
 * The storage that a persistent id names: `('storage', class, key, location, numel)`, in the legacy format with a sixth
 * item, None. The location ("cpu", "cuda:0") has no meaning here. A legacy file of a whole model names its classes with their
 * source text, `('module', class, path, text)`: such an id is its class.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-unsupported`
 */
export function readPersistentId(id: PickleValue, where: string): StorageInfo | GlobalName {
  if (Array.isArray(id) && id.length === 4 && id[0] === 'module' && isGlobal(id[1] as PickleValue)) {
    return id[1] as GlobalName;
  }
  const [tag, storageClass, key, location, numel, view] = Array.isArray(id)
    ? (id as readonly PickleValue[])
    : [];
  if (!Array.isArray(id) || id.length < 5 || id.length > 6 || tag !== 'storage') {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: the persistent id is not ('storage', class, key, location, numel)`,
    );
  }
  if (view !== undefined && view !== null) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: a storage that is a view of another storage (PyTorch before 0.4)`,
    );
  }
  const className = isGlobal(storageClass) ? storageClass.name : undefined;
  const dtype =
    className === undefined ? undefined : STORAGE_DTYPES.get(storageClassOf(className) ?? className);
  if (dtype === undefined) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a storage class of torch, found ${className ?? describe(storageClass)}`,
    );
  }
  if (typeof key !== 'string' || !STORAGE_KEY.test(key)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a number as storage key, found ${describe(key)}`,
    );
  }
  if (typeof location !== 'string') {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a location, found ${describe(location)}`,
    );
  }
  return { kind: 'storage', dtype, key, elementCount: readCount(numel, `${where}: numel of storage ${key}`) };
}

/**
 * The tensor of `torch._utils._rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks,
 * metadata=None)`, and of its forerunner `_rebuild_tensor` with the first four arguments. It is checked to lie within
 * its storage before any memory is allocated.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-too-large`
 */
export function rebuildTensor(args: readonly PickleValue[], where: string): TensorInfo | UnreadTensor {
  if (args.length !== 4 && args.length !== 6 && args.length !== 7) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected 6 or 7 arguments, found ${args.length}`,
    );
  }
  const [storage, offset, size, stride, requiresGrad = false, hooks = null, metadata = null] = args;
  if (!isStorage(storage)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a storage, found ${describe(storage)}`,
    );
  }
  const view = readView(storage, { offset, size, stride }, where);
  checkGrad(requiresGrad, hooks, where);
  return finishTensor(storage.dtype, view, metadata, where);
}

/**
 * The tensor of `_rebuild_tensor_v3(storage, storage_offset, size, stride, requires_grad, backward_hooks, dtype,
 * metadata=None)`, whose dtype has no storage class of its own; the storage counts bytes.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-too-large`
 */
export function rebuildTensorV3(args: readonly PickleValue[], where: string): TensorInfo | UnreadTensor {
  const [storage, offset, size, stride, requiresGrad, hooks = null, dtypeValue, metadata = null] = args;
  if ((args.length !== 7 && args.length !== 8) || !isGlobal(dtypeValue)) {
    throw new DetectorError('checkpoint-malformed', `${where}: expected 7 or 8 arguments with a dtype`);
  }
  if (!isStorage(storage) || storage.dtype !== 'untyped') {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a storage of bytes, found ${describe(storage)}`,
    );
  }
  checkGrad(requiresGrad, hooks, where);
  const dtype = DTYPE_NAMES.get(dtypeValue.name);
  if (dtype === undefined) {
    return { kind: 'unread-tensor', reason: `a tensor of ${showForeign(dtypeValue.name)}` };
  }
  const elementCount = Math.floor(storage.elementCount / DTYPE_BYTES[dtype]);
  const view = readView({ ...storage, elementCount }, { offset, size, stride }, where);
  return finishTensor(dtype, view, metadata, where);
}

type ViewArguments = Readonly<Record<'offset' | 'size' | 'stride', PickleValue | undefined>>;
type View = Omit<TensorInfo, 'kind' | 'dtype' | 'byteLength' | 'isNegated'>;

function readView(storage: StorageInfo, { offset, size, stride }: ViewArguments, where: string): View {
  const storageOffset = readCount(offset, `${where}: storage_offset`);
  const shape = readCounts(size, `${where}: size`);
  const strides = readCounts(stride, `${where}: stride`);
  if (shape.length !== strides.length) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: ${shape.length} sizes, but ${strides.length} strides`,
    );
  }
  const text = `[${shape.join(', ')}] with strides [${strides.join(', ')}] from ${storageOffset}`;
  let elementCount = 1;
  let lastElement = storageOffset;
  for (const [axis, dim] of shape.entries()) {
    elementCount *= dim;
    lastElement += Math.max(dim - 1, 0) * strides[axis]!;
  }
  if (!Number.isSafeInteger(elementCount)) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: ${text} has more elements than can be counted`,
    );
  }
  if (elementCount > 0 && !(lastElement < storage.elementCount)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: ${text} reaches element ${lastElement} of storage ${storage.key}, which has ${storage.elementCount}`,
    );
  }
  if (elementCount > Math.max(storage.elementCount, MAX_EXPANDED_ELEMENTS)) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: ${text} expands ${storage.elementCount} stored elements to ${elementCount}`,
    );
  }
  return {
    shape,
    strides,
    storageOffset,
    storageKey: storage.key,
    storageElementCount: storage.elementCount,
    elementCount,
  };
}

/** Whether the tensor needs gradients, and the functions that get them. Neither changes the values. */
function checkGrad(requiresGrad: PickleValue | undefined, hooks: PickleValue, where: string): void {
  if (typeof requiresGrad !== 'boolean') {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: requires_grad: expected True or False, found ${describe(requiresGrad)}`,
    );
  }
  if (hooks !== null && typeof hooks !== 'object') {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: backward_hooks: expected a dict, found ${describe(hooks)}`,
    );
  }
}

/**
 * The last argument says how the values are to be read: PyTorch's conjugation and negation flags, and any later flag.
 */
function finishTensor(
  dtype: Dtype | UnreadDtype,
  view: View,
  metadata: PickleValue,
  where: string,
): TensorInfo | UnreadTensor {
  if (metadata !== null && !isDict(metadata)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: metadata: expected a dict, found ${describe(metadata)}`,
    );
  }
  let isNegated = false;
  for (const [flag, value] of metadata ?? []) {
    if (value === false || value === null) continue;
    if (flag !== 'neg' || value !== true) {
      return { kind: 'unread-tensor', reason: `a tensor with the flag ${describe(flag)}` };
    }
    isNegated = true;
  }
  if (!isReadable(dtype)) return { kind: 'unread-tensor', reason: `a tensor of ${dtype}` };
  if (isNegated && !FLOATS.includes(dtype)) {
    return { kind: 'unread-tensor', reason: `a tensor of ${dtype} with the negation flag` };
  }
  return { kind: 'tensor', dtype, ...view, byteLength: view.elementCount * DTYPE_BYTES[dtype], isNegated };
}

function isReadable(dtype: Dtype | UnreadDtype): dtype is Dtype {
  return Object.hasOwn(DTYPE_BYTES, dtype);
}

/**
 * The tensor of `torch._utils._rebuild_parameter(data, requires_grad, backward_hooks)` and of
 * `_rebuild_parameter_with_state`, which has attributes as a fourth argument: `data` itself.
 */
export function rebuildParameter(args: readonly PickleValue[], where: string): TensorInfo | UnreadTensor {
  const [data] = args;
  if ((args.length !== 3 && args.length !== 4) || !(isTensor(data) || isUnreadTensor(data))) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a tensor and two more arguments, found ${args.length} with ${describe(data)}`,
    );
  }
  return data;
}

/**
 * The tensor of `torch._tensor._rebuild_from_type_v2(function, type, arguments, state)`, which has attributes or is of
 * a subclass.
 * @param rebuild rebuilds the tensor of the function with that name
 */
export function rebuildFromType(
  args: readonly PickleValue[],
  where: string,
  rebuild: (name: string, values: readonly PickleValue[], where: string) => TensorInfo | UnreadTensor,
): TensorInfo | UnreadTensor {
  const [callable, type, values] = args;
  if (args.length !== 4 || !isGlobal(callable) || !isGlobal(type) || !isList(values)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a function, a type, arguments and a state, found ${args.length}`,
    );
  }
  const isNested = callable.name.includes('_rebuild_from_type');
  if (isNested || !PLAIN_TENSOR_CLASSES.has(type.name)) {
    return { kind: 'unread-tensor', reason: `a tensor of the class ${showForeign(type.name)}` };
  }
  return rebuild(callable.name, values, where);
}

function isList(value: PickleValue | undefined): value is readonly PickleValue[] {
  return Array.isArray(value);
}

function readCounts(value: PickleValue | undefined, where: string): readonly number[] {
  if (!Array.isArray(value)) {
    throw new DetectorError('checkpoint-malformed', `${where}: expected a tuple, found ${describe(value)}`);
  }
  const items = value as readonly PickleValue[];
  if (items.length > MAX_TENSOR_DIMS) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: ${items.length} dimensions, at most ${MAX_TENSOR_DIMS} are read`,
    );
  }
  return items.map((item) => readCount(item, where));
}

function readCount(value: PickleValue | undefined, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a number from 0 to 2^53 - 1, found ${describe(value)}`,
    );
  }
  return value;
}

function isStorage(value: PickleValue | undefined): value is StorageInfo {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'storage';
}

export function isGlobal(value: PickleValue | undefined): value is GlobalName {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'global';
}

/** A short description of a value, for messages. Foreign text is cut and its control characters are escaped. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'string') return `"${showForeign(value, 60)}"`;
  if (typeof value !== 'object') return String(value).slice(0, 60);
  if (Array.isArray(value)) return `a list or tuple of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (!('kind' in value)) return 'an object';
  switch (value.kind) {
    case 'global':
      return `a global ${showForeign(value.name)}`;
    case 'opaque':
      return `an object (${showForeign(value.name)})`;
    case 'unread-tensor':
      return value.reason;
    case 'tensor':
    case 'storage':
      return `a ${value.kind}`;
  }
}

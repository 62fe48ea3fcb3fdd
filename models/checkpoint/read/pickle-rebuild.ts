import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from './foreign-text.ts';
import { MAX_EXPANDED_ELEMENTS, MAX_TENSOR_DIMS } from './limits.ts';
import {
  DTYPE_BYTES,
  type Dtype,
  type PickleValue,
  type StorageInfo,
  type TensorInfo,
  isTensor,
} from './tensor-info.ts';

const STORAGE_DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['torch.FloatStorage', 'float32'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
]);

export const ORDERED_DICT = 'collections.OrderedDict';
export const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';
export const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter';

/** Every name a pickle may mention, by module and name. Nothing is looked up anywhere: these are strings. */
const ALLOWED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['collections', new Set(['OrderedDict'])],
  ['torch._utils', new Set(['_rebuild_tensor_v2', '_rebuild_parameter'])],
  ['torch', new Set([...STORAGE_DTYPES.keys()].map((name) => name.slice('torch.'.length)))],
]);

/** Whether a pickle may name this. Both parts are compared whole, so dotted names reach nothing. */
export function isAllowedGlobal(module: string, name: string): boolean {
  return ALLOWED.get(module)?.has(name) ?? false;
}

// Storage keys are counters in the zip format and addresses in the legacy one.
const STORAGE_KEY = /^\d{1,20}$/;

/**
 * The storage that a persistent id names: `('storage', class, key, location, numel)`, in the legacy format with a sixth
 * item, None. The location ("cpu", "cuda:0") has no meaning here.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-unsupported`
 */
export function readPersistentId(id: PickleValue, where: string): StorageInfo {
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
  const dtype = className === undefined ? undefined : STORAGE_DTYPES.get(className);
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
 * What `torch._utils._rebuild_tensor_v2(storage, storage_offset, size, stride, requires_grad, backward_hooks,
 * metadata=None)` describes, proven to lie within its storage before anybody allocates anything.
 * @throws DetectorError `checkpoint-malformed`, `checkpoint-too-large`
 */
export function rebuildTensor(args: readonly PickleValue[], where: string): TensorInfo {
  if (args.length !== 6 && args.length !== 7) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected 6 or 7 arguments, found ${args.length}`,
    );
  }
  const [storage, offsetValue, size, stride] = args;
  if (!isStorage(storage)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a storage, found ${describe(storage)}`,
    );
  }
  const storageOffset = readCount(offsetValue, `${where}: storage_offset`);
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
    kind: 'tensor',
    dtype: storage.dtype,
    shape,
    strides,
    storageOffset,
    storageKey: storage.key,
    storageElementCount: storage.elementCount,
    elementCount,
    byteLength: elementCount * DTYPE_BYTES[storage.dtype],
  };
}

/** What `torch._utils._rebuild_parameter(data, requires_grad, backward_hooks)` describes: the tensor itself. */
export function rebuildParameter(args: readonly PickleValue[], where: string): TensorInfo {
  const [data] = args;
  if (args.length !== 3 || !isTensor(data)) {
    throw new DetectorError(
      'checkpoint-malformed',
      `${where}: expected a tensor and two more arguments, found ${args.length} with ${describe(data)}`,
    );
  }
  return data;
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

function isGlobal(value: PickleValue | undefined): value is Extract<PickleValue, { kind: 'global' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'global';
}

/** A value in a few words, for messages. Foreign text is cut and its control characters are escaped. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'string') return `"${showForeign(value, 60)}"`;
  if (typeof value !== 'object') return String(value).slice(0, 60);
  if (Array.isArray(value)) return `a list or tuple of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  return 'kind' in value ? `a ${value.kind}${value.kind === 'global' ? ` ${value.name}` : ''}` : 'an object';
}

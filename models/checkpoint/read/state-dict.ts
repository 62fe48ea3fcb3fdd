import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from './foreign-text.ts';
import { describe } from './pickle-rebuild.ts';
import { MAX_TENSOR_PATH_CHARACTERS } from './limits.ts';
import {
  type PickleKey,
  type PickleValue,
  type TensorInfo,
  isDict,
  isTensor,
  isUnreadTensor,
} from './tensor-info.ts';

/**
 * The keys under which training scripts put the state_dict beside other values. The first one is that of a published
 * train.py.
 */
const WRAPPER_KEYS = ['state_dict', 'model_state_dict'] as const;

/** torch.nn.DataParallel puts the network into an attribute of this name. */
const DATA_PARALLEL_PREFIX = 'module.';

/** A dict of named tensors somewhere in a checkpoint. */
export type StateDict = {
  /** Keys and indices that lead to it, joined with `/`; empty for the checkpoint itself. */
  readonly path: string;
  /** In the file's order. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Descriptions of the dict's tensors that can't be read. */
  readonly unread: ReadonlyMap<string, string>;
};

/** Training scripts put the weights at most this deep, as in `models/<name>/state_dict`. */
const MAX_DEPTH = 3;

/**
 * Every dict that holds tensors by names: the weights, averages of them, an optimizer's state. A dict that occurs twice
 * is listed at its first place.
 */
export function listStateDicts(root: PickleValue): readonly StateDict[] {
  const found: StateDict[] = [];
  const visited = new Set<PickleValue>();
  const visit = (value: PickleValue, path: string, depth: number): void => {
    if (!(isDict(value) || Array.isArray(value)) || visited.has(value)) return;
    visited.add(value);
    const tensors = new Map<string, TensorInfo>();
    const unread = new Map<string, string>();
    for (const [key, item] of (value as ReadonlyMap<PickleKey, PickleValue>).entries()) {
      if (typeof key === 'string' && isTensor(item)) tensors.set(key, item);
      else if (typeof key === 'string' && isUnreadTensor(item)) unread.set(key, item.reason);
    }
    if (tensors.size + unread.size > 0) found.push({ path, tensors, unread });
    if (depth === MAX_DEPTH) return;
    for (const [key, item] of (value as ReadonlyMap<PickleKey, PickleValue>).entries()) {
      // A key with a long name belongs to weights, which contain no further dicts.
      const name = typeof key === 'object' ? describe(key) : String(key).slice(0, MAX_TENSOR_PATH_CHARACTERS);
      visit(item, path === '' ? name : `${path}/${name}`, depth + 1);
    }
  };
  visit(root, '', 0);
  return found;
}

/**
 * The weights of a checkpoint by PyTorch's names, in the file's order: from a plain state_dict, or from one that a
 * training script wrapped with its epoch and optimizer. A `module.` before every key is removed.
 * @throws DetectorError `checkpoint-unsupported` when there is no state_dict, more than one, or a value in it that is
 *   not a tensor
 */
export function findStateDict(root: PickleValue, where: string): ReadonlyMap<string, TensorInfo> {
  if (!isDict(root)) {
    const isObject = typeof root === 'object' && root !== null && 'kind' in root && root.kind === 'opaque';
    const hint = isObject ? ': a whole model was saved, with its class; save model.state_dict() instead' : '';
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: expected a state_dict, found ${describe(root)}${hint}`,
    );
  }
  const wrappers = WRAPPER_KEYS.filter((key) => isDict(root.get(key)));
  if (wrappers.length > 1) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: both ${wrappers.join(' and ')} are there; which one is meant?`,
    );
  }
  const [wrapper] = wrappers;
  const inner = wrapper === undefined ? root : root.get(wrapper);
  const dict = isDict(inner) ? inner : root;
  return withoutPrefix(readTensors(dict, wrapper === undefined ? where : `${where}: ${wrapper}`), where);
}

function readTensors(
  dict: ReadonlyMap<PickleKey, PickleValue>,
  where: string,
): ReadonlyMap<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  for (const [key, value] of dict) {
    if (typeof key !== 'string' || !isTensor(value)) {
      throw new DetectorError(
        'checkpoint-unsupported',
        `${where}: expected a state_dict (names and tensors), found ${describe(value)} under ${describe(key)}`,
      );
    }
    tensors.set(key, value);
  }
  if (tensors.size === 0) {
    throw new DetectorError('checkpoint-unsupported', `${where}: the state_dict is empty`);
  }
  return tensors;
}

function withoutPrefix(
  tensors: ReadonlyMap<string, TensorInfo>,
  where: string,
): ReadonlyMap<string, TensorInfo> {
  const prefixed = [...tensors.keys()].filter((key) => key.startsWith(DATA_PARALLEL_PREFIX));
  if (prefixed.length === 0) return tensors;
  if (prefixed.length < tensors.size) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: "${showForeign(prefixed[0] ?? '')}" begins with "${DATA_PARALLEL_PREFIX}", but ${tensors.size - prefixed.length} of ${tensors.size} keys do not`,
    );
  }
  return new Map([...tensors].map(([key, info]) => [key.slice(DATA_PARALLEL_PREFIX.length), info]));
}

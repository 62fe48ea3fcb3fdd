import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from './foreign-text.ts';
import { describe } from './pickle-rebuild.ts';
import { type PickleKey, type PickleValue, type TensorInfo, isDict, isTensor } from './tensor-info.ts';

/** Under which keys training scripts put the state_dict beside other things; the first is the one that a published train.py uses. */
const WRAPPER_KEYS = ['state_dict', 'model_state_dict'] as const;

/** torch.nn.DataParallel puts the network into an attribute of this name. */
const DATA_PARALLEL_PREFIX = 'module.';

/**
 * The weights of a checkpoint by PyTorch's names, in the file's order: from a plain state_dict or from one that a
 * training script wrapped with its epoch and optimizer. A `module.` before every key is taken off.
 *
 * @throws DetectorError `checkpoint-unsupported` when there is no state_dict, more than one, or something in it that is
 *   not a tensor
 */
export function findStateDict(root: PickleValue, where: string): ReadonlyMap<string, TensorInfo> {
  if (!isDict(root)) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: expected a state_dict, found ${describe(root)}`,
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

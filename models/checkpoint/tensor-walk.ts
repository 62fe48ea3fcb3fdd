import { DetectorError } from '../../utils/errors.ts';
import { MAX_NESTING, MAX_TENSORS } from './limits.ts';
import { type PickleKey, type PickleValue, type TensorInfo, isDict, isTensor } from './tensor-info.ts';

/** A list or dict that is being walked, and the key of the entry that is at hand. */
type Level = { readonly entries: Iterator<readonly [PickleKey, PickleValue]>; key: PickleKey };

/**
 * Every tensor below `root`, in the order of the file, by the path that leads to it: keys of dicts and indices of lists
 * joined with `/`. Without recursion, and a list or dict that is shared is entered once, from the first path that leads
 * to it: sixty tuples that each hold the previous one twice are sixty steps, not 2^60.
 *
 * @throws DetectorError `checkpoint-too-large` below {@link MAX_NESTING} levels; `checkpoint-unsupported` when two
 *   tensors have the same path
 */
export function collectTensors(root: PickleValue, where: string): ReadonlyMap<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  const visited = new Set<PickleValue>();
  const levels: Level[] = [];

  function enter(value: PickleValue): void {
    if (isTensor(value)) {
      addTensor(tensors, levels.map(({ key }) => String(key)).join('/'), value, where);
      return;
    }
    if (!(isDict(value) || Array.isArray(value)) || visited.has(value)) return;
    visited.add(value);
    if (levels.length >= MAX_NESTING) {
      throw new DetectorError(
        'checkpoint-too-large',
        `${where}: values are nested more than ${MAX_NESTING} deep`,
      );
    }
    // A list's keys are its indices.
    const entries = (value as ReadonlyMap<PickleKey, PickleValue>).entries();
    levels.push({ entries, key: null });
  }

  enter(root);
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const next = level.entries.next();
    if (next.done === true) {
      levels.pop();
    } else {
      const [key, value] = next.value;
      level.key = key;
      enter(value);
    }
  }
  return tensors;
}

function addTensor(tensors: Map<string, TensorInfo>, path: string, info: TensorInfo, where: string): void {
  if (tensors.has(path)) {
    throw new DetectorError('checkpoint-unsupported', `${where}: two tensors are called "${path}"`);
  }
  // One tensor can be mentioned many times through the memo.
  if (tensors.size >= MAX_TENSORS) {
    throw new DetectorError('checkpoint-too-large', `${where}: more than ${MAX_TENSORS} tensors`);
  }
  tensors.set(path, info);
}

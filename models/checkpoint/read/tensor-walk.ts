import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from './foreign-text.ts';
import { MAX_NESTING, MAX_TENSORS, MAX_TENSOR_PATH_CHARACTERS } from './limits.ts';
import { type PickleKey, type PickleValue, type TensorInfo, isDict, isTensor } from './tensor-info.ts';

/**
 * The keys that lead to the value, joined with `/`; null if they are longer than {@link MAX_TENSOR_PATH_CHARACTERS}.
 */
type Path = string | null;

/** A list or dict that is being walked. */
type Level = { readonly entries: Iterator<readonly [PickleKey, PickleValue]>; readonly path: Path };

/**
 * Every tensor below `root`, in the order of the file, by the path that leads to it: keys of dicts and indices of lists
 * joined with `/`. The walk has no recursion, and enters a shared list or dict once, at the first path that leads to
 * it: sixty tuples that each hold the previous one twice are sixty steps, not 2^60.
 * @throws DetectorError `checkpoint-too-large` below {@link MAX_NESTING} levels, and for a tensor whose path is
 *   longer than {@link MAX_TENSOR_PATH_CHARACTERS}; `checkpoint-unsupported` when two tensors have the same path
 */
export function collectTensors(root: PickleValue, where: string): ReadonlyMap<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  const visited = new Set<PickleValue>();
  const levels: Level[] = [];
  /** Keys that are objects have no text of their own. */
  let unnamedCount = 0;

  function enter(value: PickleValue, path: Path): void {
    if (isTensor(value)) {
      addTensor(tensors, path, value, where);
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
    levels.push({ entries, path });
  }

  enter(root, '');
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const next = level.entries.next();
    if (next.done === true) {
      levels.pop();
    } else {
      const [key, value] = next.value;
      const name = typeof key === 'object' && key !== null ? `#${++unnamedCount}` : String(key);
      enter(value, levels.length === 1 ? shortPath(name) : join(level.path, name));
    }
  }
  return tensors;
}

function join(parent: Path, key: string): Path {
  // Checked before they are put together: a thousand keys of a megabyte are longer than a string can be.
  if (parent === null || shortPath(key) === null) return null;
  return shortPath(`${parent}/${key}`);
}

function shortPath(path: string): Path {
  return path.length > MAX_TENSOR_PATH_CHARACTERS ? null : path;
}

function addTensor(tensors: Map<string, TensorInfo>, path: Path, info: TensorInfo, where: string): void {
  if (path === null) {
    throw new DetectorError(
      'checkpoint-too-large',
      `${where}: a tensor's name is longer than ${MAX_TENSOR_PATH_CHARACTERS} characters`,
    );
  }
  if (tensors.has(path)) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${where}: two tensors are called "${showForeign(path)}"`,
    );
  }
  // One tensor can be mentioned many times through the memo.
  if (tensors.size >= MAX_TENSORS) {
    throw new DetectorError('checkpoint-too-large', `${where}: more than ${MAX_TENSORS} tensors`);
  }
  tensors.set(path, info);
}

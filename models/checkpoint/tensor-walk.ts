import { DetectorError } from '../../utils/errors.ts';
import { MAX_NESTING, MAX_TENSORS } from './limits.ts';
import { type PickleKey, type PickleValue, type TensorInfo, isDict, isTensor } from './tensor-info.ts';

type Step = { readonly parent: Step | undefined; readonly key: PickleKey; readonly depth: number };

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
  const pending: { value: PickleValue; step: Step | undefined }[] = [{ value: root, step: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, step } = next;
    if (isTensor(value)) {
      const path = pathOf(step);
      if (tensors.has(path))
        throw new DetectorError('checkpoint-unsupported', `${where}: two tensors are called "${path}"`);
      // One tensor can be mentioned many times through the memo.
      if (tensors.size >= MAX_TENSORS)
        throw new DetectorError('checkpoint-too-large', `${where}: more than ${String(MAX_TENSORS)} tensors`);
      tensors.set(path, value);
      continue;
    }
    if (!(isDict(value) || Array.isArray(value)) || visited.has(value)) continue;
    visited.add(value);
    const depth = (step?.depth ?? 0) + 1;
    if (depth > MAX_NESTING)
      throw new DetectorError(
        'checkpoint-too-large',
        `${where}: values are nested more than ${String(MAX_NESTING)} deep`,
      );
    // Last first, because the pending ones are taken from the end.
    for (const [key, child] of [...(value as ReadonlyMap<PickleKey, PickleValue>).entries()].reverse()) {
      if (typeof child === 'object' && child !== null)
        pending.push({ value: child, step: { parent: step, key, depth } });
    }
  }
  return tensors;
}

function pathOf(step: Step | undefined): string {
  const parts: string[] = [];
  // At most MAX_NESTING steps.
  for (let current = step; current !== undefined; current = current.parent)
    parts.unshift(String(current.key));
  return parts.join('/');
}

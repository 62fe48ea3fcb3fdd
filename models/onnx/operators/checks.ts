import { DetectorError } from '../../../utils/domain/errors.ts';
import type { Value } from '../graph-builder.ts';
import type { OnnxDtype } from '../model-proto.ts';
import { formatShape } from '../shape.ts';

/** @throws DetectorError `graph-invalid` that names the node, what it wants and what it got. */
export function expectRank(node: string, what: string, value: Value, rank: number): void {
  if (value.shape.length !== rank) {
    throw new DetectorError(
      'graph-invalid',
      `${node}: ${what} ${value.name} has shape ${formatShape(value.shape)}, expected ${String(rank)} dimensions`,
    );
  }
}

/** @throws DetectorError `graph-invalid` when the value's element type is another. */
export function expectDtype(node: string, what: string, value: Value, dtype: OnnxDtype): void {
  if (value.dtype !== dtype) {
    throw new DetectorError(
      'graph-invalid',
      `${node}: ${what} ${value.name} is ${value.dtype}, expected ${dtype}`,
    );
  }
}

/** @throws DetectorError `graph-invalid` when the two sizes differ. */
export function expectSize(node: string, what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new DetectorError(
      'graph-invalid',
      `${node}: ${what} has size ${String(found)}, expected ${String(expected)}`,
    );
  }
}

/** The only output of a node that has one. */
export function single(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined) throw new DetectorError('graph-invalid', 'the node has no output');
  return value;
}

import { DetectorError } from '../../../utils/domain/errors.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { addDims, divideDim, fixedElementCount, formatShape, isSameShape } from '../shape.ts';
import type { Shape } from '../shape.ts';
import { expectDtype, single } from './checks.ts';

/** Axes in a new order: output axis i is input axis permutation[i]. */
export function transpose(
  graph: GraphBuilder,
  name: string,
  x: Value,
  permutation: readonly number[],
): Value {
  const isPermutation =
    permutation.length === x.shape.length &&
    [...permutation].sort((a, b) => a - b).every((axis, index) => axis === index);
  if (!isPermutation) {
    throw new DetectorError(
      'graph-invalid',
      `${name}: [${permutation.join(', ')}] does not permute ${formatShape(x.shape)}`,
    );
  }
  return single(
    graph.node({
      name,
      opType: 'Transpose',
      inputs: [x],
      attributes: { perm: { kind: 'ints', value: permutation } },
      outputs: [{ dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis] ?? 1) }],
    }),
  );
}

/** [N, a, b, …] → [N, a·b·…], row-major. */
export function flatten(graph: GraphBuilder, name: string, x: Value): Value {
  return single(
    graph.node({
      name,
      opType: 'Flatten',
      inputs: [x],
      attributes: { axis: { kind: 'int', value: 1 } },
      outputs: [{ dtype: x.dtype, shape: [x.shape[0] ?? 1, fixedElementCount(x.shape.slice(1), name)] }],
    }),
  );
}

/** [N, a·b·…] → [N, ...dims]; the batch stays as it is. */
export function unflatten(graph: GraphBuilder, name: string, x: Value, dims: readonly number[]): Value {
  const found = fixedElementCount(x.shape.slice(1), name);
  if (fixedElementCount(dims, name) !== found) {
    throw new DetectorError(
      'graph-invalid',
      `${name}: ${String(found)} elements do not fill ${formatShape(dims)}`,
    );
  }
  const shape = BigInt64Array.from([-1, ...dims], BigInt);
  const target = graph.constant(`${name}.shape`, 'int64', [shape.length], new Uint8Array(shape.buffer));
  return single(
    graph.node({
      name,
      opType: 'Reshape',
      inputs: [x, target],
      outputs: [{ dtype: x.dtype, shape: [x.shape[0] ?? 1, ...dims] }],
    }),
  );
}

/** Joins along `axis`; all other dimensions must agree. */
export function concat(graph: GraphBuilder, name: string, values: readonly Value[], axis: number): Value {
  const [first, ...rest] = values;
  if (first === undefined) throw new DetectorError('graph-invalid', `${name}: nothing to concatenate`);
  let shape: Shape = first.shape;
  for (const value of rest) {
    expectDtype(name, 'input', value, first.dtype);
    const others = (candidate: Shape): Shape => candidate.filter((_dim, index) => index !== axis);
    if (!isSameShape(others(value.shape), others(shape))) {
      throw new DetectorError(
        'graph-invalid',
        `${name}: ${formatShape(value.shape)} and ${formatShape(shape)} differ beside axis ${String(axis)}`,
      );
    }
    shape = shape.map((dim, index) => (index === axis ? addDims(dim, value.shape[axis] ?? 1) : dim));
  }
  return single(
    graph.node({
      name,
      opType: 'Concat',
      inputs: values,
      attributes: { axis: { kind: 'int', value: axis } },
      outputs: [{ dtype: first.dtype, shape }],
    }),
  );
}

/** `parts` equal pieces along `axis`, called `<name>.0`, `<name>.1`, … */
export function splitEqually(
  graph: GraphBuilder,
  name: string,
  x: Value,
  axis: number,
  parts: number,
): readonly Value[] {
  const shape = x.shape.map((dim, index) => (index === axis ? divideDim(dim, parts) : dim));
  return graph.node({
    name,
    opType: 'Split',
    inputs: [x],
    attributes: { axis: { kind: 'int', value: axis }, num_outputs: { kind: 'int', value: parts } },
    outputs: Array.from({ length: parts }, (_unused, index) => ({
      name: `${name}.${String(index)}`,
      dtype: x.dtype,
      shape,
    })),
  });
}

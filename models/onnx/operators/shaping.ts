import type { GraphBuilder, Value } from '../graph-builder.ts';
import { addDims, divideDim, fixedElementCount, formatShape, graphInvalid, isSameShape } from '../shape.ts';
import type { Shape } from '../shape.ts';
import { addNode, expectDtype } from './checks.ts';

/**
 * Puts the axes into a new order: output axis i is input axis permutation[i].
 * @throws DetectorError `graph-invalid` unless `permutation` names each axis of `x` once
 */
export function transpose(
  graph: GraphBuilder,
  name: string,
  x: Value,
  permutation: readonly number[],
): Value {
  const isPermutation =
    permutation.length === x.shape.length &&
    permutation.toSorted((a, b) => a - b).every((axis, index) => axis === index);
  if (!isPermutation) {
    throw graphInvalid(`${name}: [${permutation.join(', ')}] does not permute ${formatShape(x.shape)}`);
  }
  return addNode(graph, {
    name,
    opType: 'Transpose',
    inputs: [x],
    attributes: { perm: { kind: 'ints', value: permutation } },
    shape: permutation.map((axis) => x.shape[axis] ?? 1),
  });
}

/** [N, a, b, …] → [N, a·b·…], row-major. */
export function flatten(graph: GraphBuilder, name: string, x: Value): Value {
  return addNode(graph, {
    name,
    opType: 'Flatten',
    inputs: [x],
    attributes: { axis: { kind: 'int', value: 1 } },
    shape: [x.shape[0] ?? 1, fixedElementCount(x.shape.slice(1), name)],
  });
}

/**
 * [N, a·b·…] → [N, ...dims]; the batch stays as it is.
 * @throws DetectorError `graph-invalid` unless `dims` have as many elements
 */
export function unflatten(graph: GraphBuilder, name: string, x: Value, dims: readonly number[]): Value {
  const found = fixedElementCount(x.shape.slice(1), name);
  if (fixedElementCount(dims, name) !== found) {
    throw graphInvalid(`${name}: ${found} elements do not fill ${formatShape(dims)}`);
  }
  const target = BigInt64Array.from([-1, ...dims], BigInt);
  const shape = graph.constant(`${name}.shape`, 'int64', [target.length], new Uint8Array(target.buffer));
  return addNode(graph, {
    name,
    opType: 'Reshape',
    inputs: [x, shape],
    shape: [x.shape[0] ?? 1, ...dims],
  });
}

/**
 * Joins the values along `axis`.
 * @throws DetectorError `graph-invalid` without a value, or unless element types and all other dimensions agree
 */
export function concat(graph: GraphBuilder, name: string, values: readonly Value[], axis: number): Value {
  const [first, ...rest] = values;
  if (first === undefined) throw graphInvalid(`${name}: nothing to concatenate`);
  let { shape } = first;
  for (const value of rest) {
    expectDtype(name, 'input', value, first.dtype);
    const others = (candidate: Shape): Shape => candidate.toSpliced(axis, 1);
    if (!isSameShape(others(value.shape), others(shape))) {
      throw graphInvalid(
        `${name}: ${formatShape(value.shape)} and ${formatShape(shape)} differ beside axis ${axis}`,
      );
    }
    shape = shape.with(axis, addDims(shape[axis] ?? 1, value.shape[axis] ?? 1));
  }
  return addNode(graph, {
    name,
    opType: 'Concat',
    inputs: values,
    attributes: { axis: { kind: 'int', value: axis } },
    shape,
  });
}

/**
 * Splits `x` along `axis` into `parts` equal pieces, called `<name>.0`, `<name>.1`, …
 * @throws DetectorError `graph-invalid` if the dimension does not divide
 */
export function splitEqually(
  graph: GraphBuilder,
  name: string,
  x: Value,
  axis: number,
  parts: number,
): readonly Value[] {
  const shape = x.shape.with(axis, divideDim(x.shape[axis] ?? 1, parts));
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

import type { GraphBuilder, NodeSpec, Value } from '../graph-builder.ts';
import type { OnnxDtype } from '../model-proto.ts';
import { fixedDim, formatShape, graphInvalid } from '../shape.ts';
import type { Shape } from '../shape.ts';

/** @throws DetectorError `graph-invalid` that names the node, the value and both ranks. */
export function expectRank(node: string, what: string, value: Value, rank: number): void {
  if (value.shape.length === rank) return;
  throw graphInvalid(
    `${node}: ${what} ${value.name} has shape ${formatShape(value.shape)}, expected ${rank} dimensions`,
  );
}

/** @throws DetectorError `graph-invalid` when the value's element type is another. */
export function expectDtype(node: string, what: string, value: Value, dtype: OnnxDtype): void {
  if (value.dtype === dtype) return;
  throw graphInvalid(`${node}: ${what} ${value.name} is ${value.dtype}, expected ${dtype}`);
}

/** @throws DetectorError `graph-invalid` when the two sizes differ. */
export function expectSize(node: string, what: string, found: number, expected: number): void {
  if (found !== expected) throw graphInvalid(`${node}: ${what} has size ${found}, expected ${expected}`);
}

/** @throws DetectorError `graph-invalid` unless the value has `length` elements along its first axis. */
export function expectLength(node: string, what: string, value: Value, length: number): void {
  expectSize(node, what, fixedDim(value.shape, 0, node), length);
}

/** Adds a node with one output, whose element type is the first input's unless `dtype` says another. */
export function addNode(
  graph: GraphBuilder,
  {
    dtype,
    shape,
    ...spec
  }: Omit<NodeSpec, 'outputs'> & { readonly dtype?: OnnxDtype; readonly shape: Shape },
): Value {
  const [output] = graph.node({ ...spec, outputs: [{ dtype: dtype ?? spec.inputs[0]!.dtype, shape }] });
  return output!;
}

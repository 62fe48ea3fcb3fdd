import { DetectorError } from '../../utils/domain/errors.ts';

/** A dimension that is known only when the session is made or run: `factor` times the named size. */
export type SymbolicDim = { readonly symbol: string; readonly factor: number };
type Dim = number | SymbolicDim;
/** Dimensions outermost first, as in ONNX. `[]` is a scalar. */
export type Shape = readonly Dim[];

/** A dimension called `symbol`, for example the batch. */
export function symbolicDim(symbol: string): SymbolicDim {
  return { symbol, factor: 1 };
}

export function graphInvalid(message: string): DetectorError {
  return new DetectorError('graph-invalid', message);
}

function isSameDim(a: Dim, b: Dim): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.symbol === b.symbol && a.factor === b.factor;
}

export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => isSameDim(dim, b[axis]!));
}

/** `[2*batch, 96, 56, 56]`: for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.map(formatDim).join(', ')}]`;
}

/** `2*batch`: for messages and as ONNX's dim_param. */
export function formatDim(dim: Dim): string {
  if (typeof dim === 'number') return String(dim);
  return dim.factor === 1 ? dim.symbol : `${String(dim.factor)}*${dim.symbol}`;
}

/** a + b, where both are numbers or multiples of one symbol. @throws DetectorError `graph-invalid` otherwise. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a !== 'number' && typeof b !== 'number' && a.symbol === b.symbol) {
    return { symbol: a.symbol, factor: a.factor + b.factor };
  }
  throw graphInvalid(`cannot add dimensions ${formatDim(a)} and ${formatDim(b)}`);
}

/** dim / parts. @throws DetectorError `graph-invalid` when it does not divide. */
export function divideDim(dim: Dim, parts: number): Dim {
  const size = typeof dim === 'number' ? dim : dim.factor;
  if (size % parts !== 0) throw graphInvalid(`${formatDim(dim)} does not divide into ${parts} equal parts`);
  return typeof dim === 'number' ? size / parts : { symbol: dim.symbol, factor: size / parts };
}

/** The number at `axis`. @throws DetectorError `graph-invalid` when it is symbolic or missing. */
export function fixedDim(shape: Shape, axis: number, what: string): number {
  const dim = shape[axis];
  if (typeof dim === 'number') return dim;
  throw graphInvalid(`${what}: dimension ${axis} of ${formatShape(shape)} must be a number`);
}

/** Product of dimensions that must all be numbers. */
export function fixedElementCount(shape: Shape, what: string): number {
  return shape.reduce<number>((product, _dim, axis) => product * fixedDim(shape, axis, what), 1);
}

/** ONNX's multidirectional broadcasting (https://onnx.ai/onnx/repo-docs/Broadcasting.html). */
export function broadcastShapes(a: Shape, b: Shape, what: string): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_unused, axis): Dim => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (isSameDim(left, right) || right === 1) return left;
    if (left === 1) return right;
    throw graphInvalid(`${what}: ${formatShape(a)} and ${formatShape(b)} do not broadcast`);
  });
}

import { formatDim } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * The dozen messages of onnx.proto that a network needs, as plain data, and their encoder. Field numbers are
 * those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 9, the one of opset 20).
 */

/** Element types that our graphs use: the number of TensorProto.DataType, and the bytes of one element. */
const DTYPES = {
  float32: { number: 1, byteLength: 4 },
  uint8: { number: 2, byteLength: 1 },
  int8: { number: 3, byteLength: 1 },
  int64: { number: 7, byteLength: 8 },
  float16: { number: 10, byteLength: 2 },
} as const;
export type OnnxDtype = keyof typeof DTYPES;

/** The number of an element type in TensorProto.DataType. */
export function dataTypeOf(dtype: OnnxDtype): number {
  return DTYPES[dtype].number;
}

/** Bytes of a tensor of these dims. */
export function byteLengthOf(dtype: OnnxDtype, dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, DTYPES[dtype].byteLength);
}

export type AttributeValue =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] };

export type NodeProto = {
  readonly name: string;
  readonly opType: string;
  /** `''` is ONNX's own domain, `com.microsoft` that of ONNX Runtime's contrib operators. */
  readonly domain: string;
  /** `''` leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
};

export type TensorProto = {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly dims: readonly number[];
  readonly data:
    | { readonly kind: 'raw'; readonly bytes: Uint8Array }
    /**
     * The data lie in a file beside the graph: `location` is relative to it, `offset` and `byteLength` are in bytes.
     */
    | {
        readonly kind: 'external';
        readonly location: string;
        readonly offset: number;
        readonly byteLength: number;
      };
};

export type ValueInfoProto = { readonly name: string; readonly dtype: OnnxDtype; readonly shape: Shape };

export type GraphProto = {
  readonly name: string;
  readonly docString: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  /** Inferred types of the values between inputs and outputs: viewers show them on the edges. */
  readonly valueInfos: readonly ValueInfoProto[];
};

type ModelProto = {
  readonly irVersion: number;
  readonly opsetImports: readonly { readonly domain: string; readonly version: number }[];
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graph: GraphProto;
  readonly metadata: Readonly<Record<string, string>>;
};

const DATA_LOCATION_EXTERNAL = 1;

/** The bytes of a `.onnx` file. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  return concatBytes([
    varint(1, model.irVersion),
    text(2, model.producerName),
    text(3, model.producerVersion),
    message(7, encodeGraph(model.graph)),
    ...model.opsetImports.map(({ domain, version }) => message(8, [text(1, domain), varint(2, version)])),
    ...encodeEntries(14, model.metadata),
  ]);
}

function encodeGraph(graph: GraphProto): readonly Uint8Array[] {
  return [
    ...graph.nodes.map((node) => message(1, encodeNode(node))),
    text(2, graph.name),
    ...graph.initializers.map((tensor) => message(5, encodeTensor(tensor))),
    text(10, graph.docString),
    ...graph.inputs.map((value) => message(11, encodeValueInfo(value))),
    ...graph.outputs.map((value) => message(12, encodeValueInfo(value))),
    ...graph.valueInfos.map((value) => message(13, encodeValueInfo(value))),
  ];
}

function encodeNode(node: NodeProto): readonly Uint8Array[] {
  return [
    ...node.inputs.map((input) => text(1, input)),
    ...node.outputs.map((output) => text(2, output)),
    text(3, node.name),
    text(4, node.opType),
    ...Object.entries(node.attributes).map(([name, attribute]) =>
      message(5, [text(1, name), ...encodeAttribute(attribute)]),
    ),
    ...(node.domain === '' ? [] : [text(7, node.domain)]),
  ];
}

/** The value, and its type in field 20. */
function encodeAttribute(attribute: AttributeValue): readonly Uint8Array[] {
  switch (attribute.kind) {
    case 'float':
      return [float(2, attribute.value), varint(20, 1)];
    case 'int':
      return [varint(3, attribute.value), varint(20, 2)];
    case 'string':
      return [text(4, attribute.value), varint(20, 3)];
    case 'ints':
      return [packedVarints(8, attribute.value), varint(20, 7)];
    default:
      return attribute satisfies never;
  }
}

function encodeTensor({ name, dtype, dims, data }: TensorProto): readonly Uint8Array[] {
  const head = [packedVarints(1, dims), varint(2, dataTypeOf(dtype)), text(8, name)];
  if (data.kind === 'raw') return [...head, delimited(9, data.bytes)];
  // https://onnx.ai/onnx/repo-docs/ExternalData.html: offset and length are decimal strings.
  const { location, offset, byteLength } = data;
  const place = encodeEntries(13, { location, offset: String(offset), length: String(byteLength) });
  return [...head, ...place, varint(14, DATA_LOCATION_EXTERNAL)];
}

function encodeValueInfo({ name, dtype, shape }: ValueInfoProto): readonly Uint8Array[] {
  const dims = shape.map((dim) =>
    message(1, [typeof dim === 'number' ? varint(1, dim) : text(2, formatDim(dim))]),
  );
  return [text(1, name), message(2, [message(1, [varint(1, dataTypeOf(dtype)), message(2, dims)])])];
}

function encodeEntries(field: number, entries: Readonly<Record<string, string>>): readonly Uint8Array[] {
  return Object.entries(entries).map(([key, value]) => message(field, [text(1, key), text(2, value)]));
}

/*
 * The protocol buffer wire format (https://protobuf.dev/programming-guides/encoding/), just the wire types that
 * onnx.proto uses. A nested message is encoded before the message around it, which needs its length.
 */

const WIRE_VARINT = 0;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;
const UTF8 = new TextEncoder();

/** int32, int64 and enum fields. */
function varint(field: number, value: number): Uint8Array {
  return concatBytes([tag(field, WIRE_VARINT), varintBytes(value)]);
}

/** A 32-bit IEEE 754 number. */
function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concatBytes([tag(field, WIRE_FIXED32), bytes]);
}

function text(field: number, value: string): Uint8Array {
  return delimited(field, UTF8.encode(value));
}

/** repeated int64, packed as proto3 does. */
function packedVarints(field: number, values: readonly number[]): Uint8Array {
  return message(field, values.map(varintBytes));
}

/** A message within a message. */
function message(field: number, fields: readonly Uint8Array[]): Uint8Array {
  return delimited(field, concatBytes(fields));
}

function delimited(field: number, payload: Uint8Array): Uint8Array {
  return concatBytes([tag(field, WIRE_LENGTH_DELIMITED), varintBytes(payload.byteLength), payload]);
}

function tag(field: number, wireType: number): Uint8Array {
  return varintBytes((field << 3) | wireType);
}

/** A varint: two's complement over 64 bits when negative. */
function varintBytes(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  // At most ten rounds: 64 bits in groups of seven.
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function concatBytes(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

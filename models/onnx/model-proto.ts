import { createProtobufWriter } from './protobuf-writer.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import { formatDim } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * The dozen messages of onnx.proto that a network needs, as plain data, and their encoder. Field numbers are
 * those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 9, the one of opset 20).
 */

/** Element types that our graphs use, with the numbers of TensorProto.DataType. */
export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
} as const;
export type OnnxDtype = keyof typeof DATA_TYPE;

export const DTYPE_BYTE_LENGTH: Readonly<Record<OnnxDtype, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  float16: 2,
};

export type AttributeValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
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

export type TensorData =
  | { readonly kind: 'raw'; readonly bytes: Uint8Array }
  /** In a file beside the graph: `location` relative to it, `offset` and `byteLength` in bytes. */
  | {
      readonly kind: 'external';
      readonly location: string;
      readonly offset: number;
      readonly byteLength: number;
    };

export type TensorProto = {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly dims: readonly number[];
  readonly data: TensorData;
};

export type ValueInfoProto = { readonly name: string; readonly dtype: OnnxDtype; readonly shape: Shape };

export type GraphProto = {
  readonly name: string;
  readonly docString: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  /** Inferred types of what lies between: viewers show them on the edges. */
  readonly valueInfos: readonly ValueInfoProto[];
};

export type ModelProto = {
  readonly irVersion: number;
  readonly opsetImports: readonly { readonly domain: string; readonly version: number }[];
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graph: GraphProto;
  readonly metadata: Readonly<Record<string, string>>;
};

const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;
const DATA_LOCATION_EXTERNAL = 1;

/** The bytes of a `.onnx` file. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const writer = createProtobufWriter();
  writer.varint(1, model.irVersion);
  writer.string(2, model.producerName);
  writer.string(3, model.producerVersion);
  writer.message(7, (inner) => {
    writeGraph(inner, model.graph);
  });
  for (const opset of model.opsetImports) {
    writer.message(8, (inner) => {
      inner.string(1, opset.domain);
      inner.varint(2, opset.version);
    });
  }
  writeEntries(writer, 14, model.metadata);
  return writer.finish();
}

function writeGraph(writer: ProtobufWriter, graph: GraphProto): void {
  for (const node of graph.nodes) {
    writer.message(1, (inner) => {
      writeNode(inner, node);
    });
  }
  writer.string(2, graph.name);
  for (const tensor of graph.initializers) {
    writer.message(5, (inner) => {
      writeTensor(inner, tensor);
    });
  }
  writer.string(10, graph.docString);
  writeValueInfos(writer, 11, graph.inputs);
  writeValueInfos(writer, 12, graph.outputs);
  writeValueInfos(writer, 13, graph.valueInfos);
}

function writeNode(writer: ProtobufWriter, node: NodeProto): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name);
  writer.string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.message(5, (inner) => {
      writeAttribute(inner, name, attribute);
    });
  }
  if (node.domain !== '') writer.string(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, name: string, attribute: AttributeValue): void {
  writer.string(1, name);
  switch (attribute.kind) {
    case 'float':
      writer.float(2, attribute.value);
      break;
    case 'int':
      writer.varint(3, attribute.value);
      break;
    case 'string':
      writer.string(4, attribute.value);
      break;
    case 'ints':
      writer.packedVarints(8, attribute.value);
      break;
    default:
      attribute satisfies never;
  }
  writer.varint(20, ATTRIBUTE_TYPE[attribute.kind]);
}

function writeTensor(writer: ProtobufWriter, tensor: TensorProto): void {
  writer.packedVarints(1, tensor.dims);
  writer.varint(2, DATA_TYPE[tensor.dtype]);
  writer.string(8, tensor.name);
  if (tensor.data.kind === 'raw') {
    writer.bytes(9, tensor.data.bytes);
    return;
  }
  // https://onnx.ai/onnx/repo-docs/ExternalData.html: offset and length are decimal strings.
  writeEntries(writer, 13, {
    location: tensor.data.location,
    offset: String(tensor.data.offset),
    length: String(tensor.data.byteLength),
  });
  writer.varint(14, DATA_LOCATION_EXTERNAL);
}

function writeValueInfos(writer: ProtobufWriter, field: number, values: readonly ValueInfoProto[]): void {
  for (const value of values) {
    writer.message(field, (info) => {
      info.string(1, value.name);
      info.message(2, (type) => {
        type.message(1, (tensorType) => {
          tensorType.varint(1, DATA_TYPE[value.dtype]);
          tensorType.message(2, (shape) => {
            for (const dim of value.shape) {
              shape.message(1, (dimension) => {
                if (typeof dim === 'number') dimension.varint(1, dim);
                else dimension.string(2, formatDim(dim));
              });
            }
          });
        });
      });
    });
  }
}

function writeEntries(
  writer: ProtobufWriter,
  field: number,
  entries: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of Object.entries(entries)) {
    writer.message(field, (inner) => {
      inner.string(1, key);
      inner.string(2, value);
    });
  }
}

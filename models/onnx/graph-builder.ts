import { byteLengthOf } from './model-proto.ts';
import type {
  AttributeValue,
  GraphProto,
  NodeProto,
  OnnxDtype,
  TensorProto,
  ValueInfoProto,
} from './model-proto.ts';
import { formatShape, graphInvalid } from './shape.ts';
import type { Shape } from './shape.ts';

/** ONNX Runtime Web's WebGPU kernels cover 20; at 22 ConvTranspose, MaxPool and GlobalAveragePool fall to the CPU. */
export const OPSET_VERSION = 20;
/** ONNX Runtime's contrib operators (MatMulNBits, DynamicQuantizeMatMul) have one version. */
export const MICROSOFT_DOMAIN = 'com.microsoft';

/** A tensor in a graph: a graph input, an initializer or a node's output. */
export type Value = { readonly name: string; readonly dtype: OnnxDtype; readonly shape: Shape };

/** An initializer whose bytes lie outside the graph. */
export type ExternalTensor = {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly dims: readonly number[];
  readonly byteLength: number;
};

/** One read of a group from the checkpoint: a tensor by its key, or a part of its rows. */
export type SourceRead = { readonly key: string; readonly rowStart?: number };

/**
 * One pass over a large tensor that several groups share. Its position can be saved between two groups, and a later run
 * continues from there.
 */
export type SourceCursor = {
  /**
   * The present position; null before the first group and behind the last, and where the checkpoint can't be read from
   * the middle.
   */
  readonly save: () => SourcePosition | null;
  /** Sets the position. The next group that is produced must be the one that begins there. */
  readonly restore: (position: SourcePosition) => void;
};

/** A position in plain numbers: a row, its byte in the record, and the CRC-32 of all bytes before. */
export type SourcePosition = { readonly row: number; readonly offset: number; readonly checksum: number };

/**
 * Initializers that come from one reading of the checkpoint (a quantised matrix, its scales and its corrected bias).
 * They are written one after another. `produce` is called once, and groups are produced in the order in which they were
 * added, so that a group may continue reading where the group before it stopped.
 */
export type ExternalGroup = {
  readonly tensors: readonly ExternalTensor[];
  /** Little-endian bytes for each of `tensors`, in their order. */
  readonly produce: (signal?: AbortSignal) => Promise<readonly Uint8Array[]>;
  /** The reads in their order. */
  readonly reads: readonly SourceRead[];
  /** The pass that this group shares with others: one object for all of them. null for a group that shares none. */
  readonly cursor: SourceCursor | null;
};

export type NodeSpec = {
  readonly name: string;
  readonly opType: string;
  readonly domain?: string;
  /** `null` leaves an optional input out. */
  readonly inputs: readonly (Value | null)[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** `name` defaults to the node's, with `.1`, `.2` … for further outputs. */
  readonly outputs: readonly { readonly name?: string; readonly dtype: OnnxDtype; readonly shape: Shape }[];
};

export type BuiltGraph = {
  /** The graph without the entries of its external initializers: their places are decided later. */
  readonly graph: GraphProto;
  readonly externalGroups: readonly ExternalGroup[];
};

export type GraphBuilder = ReturnType<typeof createGraphBuilder>;

/**
 * Collects a graph. The operator functions (operators/*.ts) infer shapes and call `node`, so that a wrong shape throws
 * at the line that caused it.
 * @throws DetectorError `graph-invalid` for a name used twice or a value of another graph
 */
export function createGraphBuilder(name: string, docString = '') {
  const values = new Map<string, Value>();
  const nodeNames = new Set<string>();
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const externalGroups: ExternalGroup[] = [];
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const valueInfos: ValueInfoProto[] = [];

  function define(valueName: string, dtype: OnnxDtype, shape: Shape): Value {
    if (values.has(valueName)) throw graphInvalid(`the value ${valueName} exists already`);
    const value: Value = { name: valueName, dtype, shape };
    values.set(valueName, value);
    return value;
  }
  function known(value: Value, user: string): Value {
    if (values.get(value.name) === value) return value;
    throw graphInvalid(`${user}: ${value.name} is not a value of graph ${name}`);
  }

  return {
    input: (valueName: string, dtype: OnnxDtype, shape: Shape): Value => {
      const value = define(valueName, dtype, shape);
      inputs.push(value);
      return value;
    },
    /** Makes a value a graph output under its own name. */
    output: (value: Value): void => {
      outputs.push(known(value, 'output'));
    },
    /** A small initializer inside the graph (shapes, axes, zero points). */
    constant: (valueName: string, dtype: OnnxDtype, dims: readonly number[], bytes: Uint8Array): Value => {
      const expected = byteLengthOf(dtype, dims);
      if (bytes.byteLength !== expected) {
        const wanted = `${dtype} ${formatShape(dims)} takes ${expected} bytes`;
        throw graphInvalid(`${valueName}: ${wanted}, not ${bytes.byteLength}`);
      }
      initializers.push({ name: valueName, dtype, dims, data: { kind: 'raw', bytes } });
      return define(valueName, dtype, dims);
    },
    /** Adds initializers with external data, see {@link ExternalGroup}. */
    externalInitializers: (
      tensors: readonly Omit<ExternalTensor, 'byteLength'>[],
      reads: readonly SourceRead[],
      produce: ExternalGroup['produce'],
      cursor: SourceCursor | null = null,
    ): readonly Value[] => {
      externalGroups.push({
        tensors: tensors.map((tensor) => ({
          ...tensor,
          byteLength: byteLengthOf(tensor.dtype, tensor.dims),
        })),
        produce,
        reads,
        cursor,
      });
      return tensors.map((tensor) => define(tensor.name, tensor.dtype, tensor.dims));
    },
    /** Adds a node and returns its outputs. Nodes must be added in an order in which they can run. */
    node: (spec: NodeSpec): readonly Value[] => {
      if (nodeNames.has(spec.name)) throw graphInvalid(`the node ${spec.name} exists already`);
      nodeNames.add(spec.name);
      const made = spec.outputs.map((output, index) =>
        define(
          output.name ?? (index === 0 ? spec.name : `${spec.name}.${String(index)}`),
          output.dtype,
          output.shape,
        ),
      );
      nodes.push({
        name: spec.name,
        opType: spec.opType,
        domain: spec.domain ?? '',
        inputs: spec.inputs.map((value) => (value === null ? '' : known(value, spec.name).name)),
        outputs: made.map((value) => value.name),
        attributes: spec.attributes ?? {},
      });
      valueInfos.push(...made);
      return made;
    },
    finish: (): BuiltGraph => {
      if (outputs.length === 0) throw graphInvalid(`graph ${name} has no output`);
      const outputNames = new Set(outputs.map((output) => output.name));
      return {
        graph: {
          name,
          docString,
          nodes,
          initializers,
          inputs,
          outputs,
          valueInfos: valueInfos.filter((value) => !outputNames.has(value.name)),
        },
        externalGroups,
      };
    },
  };
}

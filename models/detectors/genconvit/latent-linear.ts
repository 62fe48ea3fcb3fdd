import type { RowPosition } from '../../checkpoint/read/checkpoint.ts';
import type { ExternalTensor, GraphBuilder, SourceCursor, Value } from '../../onnx/graph-builder.ts';
import { blockLayoutSizes, dynamicQuantizeMatMul, linear, matMulNBits } from '../../onnx/operators/linear.ts';
import type { BlockLayout } from '../../onnx/operators/linear.ts';
import { concat } from '../../onnx/operators/shaping.ts';
import { toFloat16 } from '../../quantization/float16.ts';
import { createInt4Blocks, quantizeInt4Blocks } from '../../quantization/int4-blocks.ts';
import { createInt8Columns, quantizeInt8Columns } from '../../quantization/int8.ts';
import { asBytes, widen } from '../parameters.ts';
import type { Parameters } from '../parameters.ts';

/**
 * WebGPU's default limit for one binding is 128 MiB, so the 1.26 GB matrix is cut along its outputs into parts that
 * stay below it even when float16 weights are widened to float32 at load.
 */
const MAX_PART_BYTE_LENGTH = 120 * 2 ** 20;
/** Part boundaries and reading blocks are multiples of this many outputs: 64 rows of the published matrix are 6.4 MB. */
const ROWS_PER_BLOCK = 64;
const MIN_PARTS = 4;
const INT4_BLOCK_SIZE = 32;

type Part = { readonly name: string; readonly rowStart: number; readonly rowCount: number };

/** One form in which a part's matrix [rowCount, inFeatures] is stored. */
type PartForm = {
  /** `name` comes behind the part's own name. */
  readonly tensors: readonly Omit<ExternalTensor, 'byteLength'>[];
  /** Called for each pass over the part: `add` takes a block of rows and its first row within the part. */
  readonly begin: () => {
    readonly add: (values: Float32Array<ArrayBuffer>, row: number) => void;
    readonly finish: () => readonly Uint8Array[];
  };
  /** The node over the stored tensors, in their order. */
  readonly apply: (
    graph: GraphBuilder,
    name: string,
    x: Value,
    stored: readonly Value[],
    bias: Value,
  ) => Value;
};

/**
 * The VAE's mu layer, PyTorch's nn.Linear of 25088 → 12544 in the published network. It becomes several nodes along its
 * outputs: x [N, K] → [N, M], called `name`. The checkpoint's matrix is read once, in blocks of rows, in every dtype.
 */
export function latentLinear(graph: GraphBuilder, parameters: Parameters, name: string, x: Value): Value {
  const [weightKey, biasKey] = [`${name}.weight`, `${name}.bias`];
  const [outFeatures = 0, inFeatures = 0] = parameters.info(weightKey).shape;
  const rows = openRows(parameters, weightKey);
  const parts = splitRows(name, outFeatures, inFeatures).map((part) => {
    const { rowStart, rowCount } = part;
    const form = FORMS[parameters.dtype](rowCount, inFeatures, part.name);
    const values = graph.externalInitializers(
      [
        ...form.tensors.map((tensor) => ({ ...tensor, name: `${part.name}.${tensor.name}` })),
        { name: `${part.name}.bias`, dtype: 'float32', dims: [rowCount] },
      ],
      // The matrix comes first, since ranges are fetched ahead in this order.
      [{ key: weightKey, rowStart }, { key: biasKey }],
      async (signal) => {
        const target = form.begin();
        await rows.forEachBlock(part, signal, target.add);
        const bias = await parameters.reader.readFloat32(parameters.info(biasKey), signal);
        return [...target.finish(), asBytes(bias.slice(rowStart, rowStart + rowCount))];
      },
      rows,
    );
    return form.apply(graph, part.name, x, values.slice(0, -1), values.at(-1)!);
  });
  return concat(graph, name, parts, 1);
}

const FORMS: Readonly<
  Record<Parameters['dtype'], (rowCount: number, inFeatures: number, name: string) => PartForm>
> = {
  fp32: (rowCount, inFeatures) => ({
    tensors: [{ name: 'weight', dtype: 'float32', dims: [rowCount, inFeatures] }],
    begin: () => {
      const matrix = new Float32Array(rowCount * inFeatures);
      return {
        add: (values, row) => matrix.set(values, row * inFeatures),
        finish: () => [asBytes(matrix)],
      };
    },
    apply: (graph, name, x, [matrix], bias) => linear(graph, name, x, matrix!, bias),
  }),
  fp16: (rowCount, inFeatures, partName) => ({
    tensors: [{ name: 'weight', dtype: 'float16', dims: [rowCount, inFeatures] }],
    begin: () => {
      const bytes = new Uint8Array(2 * rowCount * inFeatures);
      return {
        add: (values, row) => bytes.set(toFloat16(values, partName), 2 * row * inFeatures),
        finish: () => [bytes],
      };
    },
    apply: (graph, name, x, [matrix], bias) => linear(graph, name, x, widen(graph, matrix!), bias),
  }),
  int8: (rowCount, inFeatures) => ({
    tensors: [
      { name: 'weight', dtype: 'int8', dims: [inFeatures, rowCount] },
      { name: 'scales', dtype: 'float32', dims: [rowCount] },
    ],
    begin: () => {
      const columns = createInt8Columns(inFeatures, rowCount);
      return {
        add: (values, row) => quantizeInt8Columns(columns, values, inFeatures, row),
        finish: () => [asBytes(columns.matrix), asBytes(columns.scales)],
      };
    },
    apply: (graph, name, x, [matrix, scales], bias) =>
      dynamicQuantizeMatMul(graph, name, x, matrix!, scales!, bias),
  }),
  int4: (rowCount, inFeatures) => {
    const layout: BlockLayout = { bits: 4, blockSize: INT4_BLOCK_SIZE, inFeatures };
    const { blocksPerRow, bytesPerBlock, zeroPointBytesPerRow } = blockLayoutSizes(layout);
    return {
      tensors: [
        { name: 'weight', dtype: 'uint8', dims: [rowCount, blocksPerRow, bytesPerBlock] },
        { name: 'scales', dtype: 'float32', dims: [rowCount * blocksPerRow] },
        { name: 'zero_points', dtype: 'uint8', dims: [rowCount * zeroPointBytesPerRow] },
      ],
      begin: () => {
        const blocks = createInt4Blocks(inFeatures, rowCount, INT4_BLOCK_SIZE);
        return {
          add: (values, row) => quantizeInt4Blocks(blocks, values, row),
          finish: () => [blocks.packed, asBytes(blocks.scales), blocks.zeroPoints],
        };
      },
      apply: (graph, name, x, [packed, scales, zeroPoints], bias) =>
        matMulNBits(graph, name, x, packed!, scales!, zeroPoints!, bias, layout),
    };
  },
};

/** Equal parts, except for the last, in multiples of the reading block. */
function splitRows(name: string, outFeatures: number, inFeatures: number): readonly Part[] {
  const count = Math.max(MIN_PARTS, Math.ceil((outFeatures * inFeatures * 4) / MAX_PART_BYTE_LENGTH));
  const rowsPerPart = Math.max(
    ROWS_PER_BLOCK,
    Math.ceil(outFeatures / count / ROWS_PER_BLOCK) * ROWS_PER_BLOCK,
  );
  return Array.from({ length: Math.ceil(outFeatures / rowsPerPart) }, (_unused, index) => {
    const rowStart = index * rowsPerPart;
    return {
      name: `${name}.part${String(index)}`,
      rowStart,
      rowCount: Math.min(rowsPerPart, outFeatures - rowStart),
    };
  });
}

type RowReader = SourceCursor & {
  /** Calls `use` for each block of the part with its place within the part. Parts must be asked for in order. */
  readonly forEachBlock: (
    part: Part,
    signal: AbortSignal | undefined,
    use: (values: Float32Array<ArrayBuffer>, row: number) => void,
  ) => Promise<void>;
};

/** One pass over a matrix's rows for all parts, so that its record is read and checked once. */
function openRows(parameters: Parameters, key: string): RowReader {
  let blocks: ReturnType<Parameters['reader']['streamFloat32']> | null = null;
  /** The first row that no block has contained yet. */
  let nextRow = 0;
  let position: RowPosition | null = null;

  function open(from: RowPosition | null, signal: AbortSignal | undefined): void {
    blocks = parameters.reader.streamFloat32(parameters.info(key), ROWS_PER_BLOCK, signal, from);
    nextRow = from?.row ?? 0;
  }

  return {
    forEachBlock: async (part, signal, use) => {
      // The first part begins anew, so that a second attempt after a failure reads from the beginning.
      if (part.rowStart === 0) open(null, signal);
      else if (blocks === null) open(position, signal);
      const partEnd = part.rowStart + part.rowCount;
      while (nextRow < partEnd) {
        const next = await blocks?.next();
        if (
          next === undefined ||
          next.done === true ||
          next.value.rowStart !== nextRow ||
          nextRow < part.rowStart
        ) {
          throw new Error(`${part.name}: rows of ${key} were asked for out of order`);
        }
        use(next.value.values, nextRow - part.rowStart);
        nextRow += next.value.rowCount;
        position = next.value.next;
      }
      // Behind the last row the reader checks the record's CRC-32.
      if (partEnd === parameters.info(key).shape[0]) {
        await blocks?.next();
        position = null;
      }
    },
    save: () => position,
    restore: (restored) => {
      blocks = null;
      position = restored;
    },
  };
}

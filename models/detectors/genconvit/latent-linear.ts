import type { RowPosition } from '../../checkpoint/read/checkpoint.ts';
import type { GraphBuilder, SourceCursor, SourceRead, Value } from '../../onnx/graph-builder.ts';
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

/**
 * The VAE's mu layer, PyTorch's nn.Linear of 25088 → 12544 in the published network, as several nodes along its
 * outputs: x [N, K] → [N, M], called `name`. The checkpoint's matrix is read once, in blocks of rows, whatever dtype it
 * ends up in.
 */
export function latentLinear(graph: GraphBuilder, parameters: Parameters, name: string, x: Value): Value {
  const weightKey = `${name}.weight`;
  const [outFeatures = 0, inFeatures = 0] = parameters.info(weightKey).shape;
  const rows = openRows(parameters, weightKey);
  const makePart = PART_BUILDERS[parameters.dtype];
  const parts = splitRows(name, outFeatures, inFeatures).map((part) =>
    makePart({ graph, parameters, rows, weightKey, biasKey: `${name}.bias`, inFeatures }, part, x),
  );
  return concat(graph, name, parts, 1);
}

type PartContext = {
  readonly graph: GraphBuilder;
  readonly parameters: Parameters;
  readonly rows: RowReader;
  readonly weightKey: string;
  readonly biasKey: string;
  readonly inFeatures: number;
};

const PART_BUILDERS: Readonly<
  Record<Parameters['dtype'], (context: PartContext, part: Part, x: Value) => Value>
> = {
  fp32: (context, part, x) => floatPart(context, part, x, false),
  fp16: (context, part, x) => floatPart(context, part, x, true),
  int8: int8Part,
  int4: int4Part,
};

function floatPart(context: PartContext, part: Part, x: Value, isHalf: boolean): Value {
  const { graph, inFeatures } = context;
  const [stored, bias] = graph.externalInitializers(
    [
      {
        name: `${part.name}.weight`,
        dtype: isHalf ? 'float16' : 'float32',
        dims: [part.rowCount, inFeatures],
      },
      { name: `${part.name}.bias`, dtype: 'float32', dims: [part.rowCount] },
    ],
    readsOf(context, part),
    async (signal) => {
      const bytes = new Uint8Array(part.rowCount * inFeatures * (isHalf ? 2 : 4));
      await context.rows.forEachBlock(part, signal, (values, row) => {
        const block = isHalf ? toFloat16(values, part.name) : asBytes(values);
        bytes.set(block, row * inFeatures * (isHalf ? 2 : 4));
      });
      return [bytes, await readBias(context, part, signal)];
    },
    context.rows,
  ) as readonly [Value, Value];
  return linear(graph, part.name, x, isHalf ? widen(graph, stored) : stored, bias);
}

function int8Part(context: PartContext, part: Part, x: Value): Value {
  const { graph, inFeatures } = context;
  const [matrix, scales, bias] = graph.externalInitializers(
    [
      { name: `${part.name}.weight`, dtype: 'int8', dims: [inFeatures, part.rowCount] },
      { name: `${part.name}.scales`, dtype: 'float32', dims: [part.rowCount] },
      { name: `${part.name}.bias`, dtype: 'float32', dims: [part.rowCount] },
    ],
    readsOf(context, part),
    async (signal) => {
      const columns = createInt8Columns(inFeatures, part.rowCount);
      await context.rows.forEachBlock(part, signal, (values, row) => {
        quantizeInt8Columns(columns, values, inFeatures, row);
      });
      return [asBytes(columns.matrix), asBytes(columns.scales), await readBias(context, part, signal)];
    },
    context.rows,
  ) as readonly [Value, Value, Value];
  return dynamicQuantizeMatMul(graph, part.name, x, matrix, scales, bias);
}

function int4Part(context: PartContext, part: Part, x: Value): Value {
  const { graph, inFeatures } = context;
  const layout: BlockLayout = { bits: 4, blockSize: INT4_BLOCK_SIZE, inFeatures };
  const sizes = blockLayoutSizes(layout);
  const [packed, scales, zeroPoints, bias] = graph.externalInitializers(
    [
      {
        name: `${part.name}.weight`,
        dtype: 'uint8',
        dims: [part.rowCount, sizes.blocksPerRow, sizes.bytesPerBlock],
      },
      { name: `${part.name}.scales`, dtype: 'float32', dims: [part.rowCount * sizes.blocksPerRow] },
      {
        name: `${part.name}.zero_points`,
        dtype: 'uint8',
        dims: [part.rowCount * sizes.zeroPointBytesPerRow],
      },
      { name: `${part.name}.bias`, dtype: 'float32', dims: [part.rowCount] },
    ],
    readsOf(context, part),
    async (signal) => {
      const blocks = createInt4Blocks(inFeatures, part.rowCount, INT4_BLOCK_SIZE);
      await context.rows.forEachBlock(part, signal, (values, row) => {
        quantizeInt4Blocks(blocks, values, row);
      });
      return [
        blocks.packed,
        asBytes(blocks.scales),
        blocks.zeroPoints,
        await readBias(context, part, signal),
      ];
    },
    context.rows,
  ) as readonly [Value, Value, Value, Value];
  return matMulNBits(graph, part.name, x, packed, scales, zeroPoints, bias, layout);
}

/** Equal parts, apart from the last, in multiples of the reading block. */
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

/** One pass over a matrix's rows that goes on from part to part, so that its record is read and checked once. */
function openRows(parameters: Parameters, key: string): RowReader {
  let blocks: ReturnType<Parameters['reader']['streamFloat32']> | null = null;
  /** The first row that no block has given yet. */
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
      const [outFeatures] = parameters.info(key).shape;
      // Draining the reader is what checks the record's CRC-32.
      if (partEnd === outFeatures) {
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

/** The matrix first: what is fetched beforehand is fetched in this order. */
function readsOf({ weightKey, biasKey }: PartContext, { rowStart }: Part): readonly SourceRead[] {
  return [{ key: weightKey, rowStart }, { key: biasKey }];
}

async function readBias(context: PartContext, part: Part, signal?: AbortSignal): Promise<Uint8Array> {
  const bias = await context.parameters.reader.readFloat32(context.parameters.info(context.biasKey), signal);
  return asBytes(bias.slice(part.rowStart, part.rowStart + part.rowCount));
}

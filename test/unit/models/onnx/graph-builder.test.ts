import { onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { encodeGraph, layOutShards, writeShard } from '../../../../models/onnx/external-data.ts';
import { createGraphBuilder } from '../../../../models/onnx/graph-builder.ts';
import type { GraphBuilder, Value } from '../../../../models/onnx/graph-builder.ts';
import { conv, convTranspose, maxPool } from '../../../../models/onnx/operators/convolution.ts';
import { add, layerNormalization } from '../../../../models/onnx/operators/elementwise.ts';
import { dynamicQuantizeMatMul, linear, matMul } from '../../../../models/onnx/operators/linear.ts';
import {
  concat,
  flatten,
  splitEqually,
  transpose,
  unflatten,
} from '../../../../models/onnx/operators/shaping.ts';
import { symbolicDim } from '../../../../models/onnx/shape.ts';

const batch = symbolicDim('batch');

function weight(graph: GraphBuilder, name: string, dims: readonly number[]): Value {
  const byteLength = dims.reduce((product, dim) => product * dim, 4);
  return graph.constant(name, 'float32', dims, new Uint8Array(byteLength));
}

describe('shape inference', () => {
  it.each([
    [{ stride: 1, padding: 1 }, 8, 3, [8, 8]],
    [{ stride: 2, padding: 1 }, 8, 3, [4, 4]],
    [{ stride: 4, padding: 0 }, 8, 4, [2, 2]],
    [{ stride: 2, padding: 0 }, 7, 2, [3, 3]],
  ])('a convolution with %o over side %i and kernel %i gives %o', (options, side, kernel, spatial) => {
    const graph = createGraphBuilder('g');
    const x = graph.input('x', 'float32', [batch, 3, side, side]);
    const y = conv(
      graph,
      'c',
      x,
      weight(graph, 'w', [5, 3, kernel, kernel]),
      weight(graph, 'b', [5]),
      options,
    );
    expect(y.shape).toEqual([batch, 5, ...spatial]);
  });

  it('follows transposed convolution, pooling, flattening and back', () => {
    const graph = createGraphBuilder('g');
    const x = graph.input('x', 'float32', [batch, 4, 6, 6]);
    const up = convTranspose(graph, 't', x, weight(graph, 'w', [4, 2, 2, 2]), weight(graph, 'b', [2]), {
      stride: 2,
    });
    expect(up.shape).toEqual([batch, 2, 12, 12]);
    const flat = flatten(graph, 'f', maxPool(graph, 'p', up, 2));
    expect(flat.shape).toEqual([batch, 72]);
    expect(unflatten(graph, 'u', flat, [2, 6, 6]).shape).toEqual([batch, 2, 6, 6]);
  });

  it('counts a batch that is joined and split', () => {
    const graph = createGraphBuilder('g');
    const a = graph.input('a', 'float32', [batch, 4]);
    const b = graph.input('b', 'float32', [batch, 4]);
    const both = concat(graph, 'both', [a, b], 0);
    expect(both.shape).toEqual([{ symbol: 'batch', factor: 2 }, 4]);
    expect(splitEqually(graph, 's', both, 0, 2).map((part) => part.shape)).toEqual([
      [batch, 4],
      [batch, 4],
    ]);
    expect(concat(graph, 'side', [a, b], 1).shape).toEqual([batch, 8]);
  });

  const mistakes: Record<string, (graph: GraphBuilder) => unknown> = {
    'channels that do not fit a convolution': (graph) =>
      conv(
        graph,
        'node',
        graph.input('x', 'float32', [batch, 3, 8, 8]),
        weight(graph, 'w', [5, 4, 3, 3]),
        weight(graph, 'b', [5]),
      ),
    'a kernel that is larger than its input': (graph) =>
      conv(
        graph,
        'node',
        graph.input('x', 'float32', [batch, 3, 2, 2]),
        weight(graph, 'w', [5, 3, 4, 4]),
        weight(graph, 'b', [5]),
      ),
    'a bias of another length': (graph) =>
      linear(
        graph,
        'node',
        graph.input('x', 'float32', [batch, 3]),
        weight(graph, 'w', [5, 3]),
        weight(graph, 'b', [4]),
      ),
    'inner dimensions that differ': (graph) =>
      matMul(graph, 'node', graph.input('x', 'float32', [batch, 7, 3]), weight(graph, 'w', [4, 5])),
    'an integer product of float weights': (graph) =>
      dynamicQuantizeMatMul(
        graph,
        'node',
        graph.input('x', 'float32', [batch, 4]),
        weight(graph, 'w', [4, 5]),
        weight(graph, 's', [5]),
        weight(graph, 'b', [5]),
      ),
    'a norm over other channels': (graph) =>
      layerNormalization(
        graph,
        'node',
        graph.input('x', 'float32', [batch, 3]),
        weight(graph, 's', [4]),
        weight(graph, 'b', [4]),
        1e-6,
      ),
    'a sum that does not broadcast': (graph) =>
      add(graph, 'node', graph.input('x', 'float32', [batch, 3]), weight(graph, 'w', [2])),
    'two batches of different names': (graph) =>
      add(
        graph,
        'node',
        graph.input('x', 'float32', [batch, 3]),
        graph.input('y', 'float32', [symbolicDim('other'), 3]),
      ),
    'a permutation with an axis twice': (graph) =>
      transpose(graph, 'node', graph.input('x', 'float32', [batch, 3]), [0, 0]),
    'an odd batch cut in two': (graph) =>
      splitEqually(graph, 'node', graph.input('x', 'float32', [3, 4]), 0, 2),
  };
  it.each(Object.entries(mistakes))('%s is an error at the line that made it', (_what, make) => {
    let thrown: unknown;
    try {
      make(createGraphBuilder('g'));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'DetectorError', code: 'graph-invalid' });
    expect((thrown as Error).stack).toContain('graph-builder.test.ts');
  });

  it('refuses a name twice, a value of another graph, and a graph without output', () => {
    const graph = createGraphBuilder('g');
    const x = graph.input('x', 'float32', [1, 2]);
    flatten(graph, 'f', x);
    expect(() => flatten(graph, 'f', x)).toThrow(/exists already/);
    expect(() => graph.input('f', 'float32', [1])).toThrow(/exists already/);
    const stranger = createGraphBuilder('h').input('x', 'float32', [1, 2]);
    expect(() => flatten(graph, 'f2', stranger)).toThrow(/not a value of graph g/);
    expect(() => graph.finish()).toThrow(/no output/);
  });
});

describe('the written model', () => {
  async function writeExample(): Promise<{ model: Uint8Array; shards: Map<string, Uint8Array> }> {
    const graph = createGraphBuilder('example', 'a text');
    const x = graph.input('x', 'float32', [batch, 3, 4, 4]);
    const makeWeights = (name: string, dims: readonly number[], first: number): Value => {
      const [value] = graph.externalInitializers([{ name, dtype: 'float32', dims }], [], () => {
        const length = dims.reduce((product, dim) => product * dim, 1);
        return Promise.resolve([new Uint8Array(Float32Array.from({ length }, (_, i) => first + i).buffer)]);
      });
      return value!;
    };
    const y = conv(graph, 'conv', x, makeWeights('w', [2, 3, 1, 1], 1), makeWeights('b', [2], -1), {
      stride: 2,
    });
    graph.output(flatten(graph, 'out', y));
    const built = graph.finish();
    const layout = layOutShards(built.externalGroups, 'm', 64);
    const shards = new Map<string, Uint8Array>();
    for (const shard of layout) {
      const bytes: number[] = [];
      await writeShard(shard, {
        write: (part) => Promise.resolve(void bytes.push(...part)),
        close: () => Promise.resolve(void shards.set(shard.path, Uint8Array.from(bytes))),
        abort: () => Promise.resolve(),
      });
    }
    return { model: encodeGraph(built, layout, { name: 'test', version: '7' }, { key: 'value' }), shards };
  }

  it('reads back with the reference protobuf decoder', async () => {
    const { model, shards } = await writeExample();
    const decoded = onnx.ModelProto.toObject(onnx.ModelProto.decode(model), { longs: Number });
    expect(decoded).toMatchObject({
      irVersion: 9,
      producerName: 'test',
      producerVersion: '7',
      opsetImport: [
        { domain: '', version: 20 },
        { domain: 'com.microsoft', version: 1 },
      ],
      metadataProps: [{ key: 'key', value: 'value' }],
      graph: {
        name: 'example',
        docString: 'a text',
        node: [
          {
            name: 'conv',
            opType: 'Conv',
            input: ['x', 'w', 'b'],
            output: ['conv'],
            attribute: [
              { name: 'kernel_shape', type: 7, ints: [1, 1] },
              { name: 'strides', ints: [2, 2] },
              { name: 'pads', ints: [0, 0, 0, 0] },
              { name: 'group', type: 2, i: 1 },
            ],
          },
          { opType: 'Flatten', input: ['conv'], output: ['out'] },
        ],
        initializer: [
          {
            name: 'w',
            dims: [2, 3, 1, 1],
            dataType: 1,
            dataLocation: 1,
            externalData: [
              { key: 'location', value: 'm.data0' },
              { key: 'offset', value: '0' },
              { key: 'length', value: '24' },
            ],
          },
          { name: 'b', externalData: [{ value: 'm.data1' }, { value: '0' }, { value: '8' }] },
        ],
        input: [
          {
            name: 'x',
            type: {
              tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'batch' }, { dimValue: 3 }, {}, {}] } },
            },
          },
        ],
        output: [{ name: 'out' }],
        valueInfo: [{ name: 'conv' }],
      },
    });
    const weights = shards.get('m.data0')!.slice(0, 24);
    expect(Array.from(new Float32Array(weights.buffer))).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...shards.values()].map((bytes) => bytes.byteLength)).toEqual([64, 64]);
  });

  it('tells the writer to abort, and says so, when a group gives other bytes than it announced', async () => {
    const graph = createGraphBuilder('g');
    graph.externalInitializers([{ name: 'w', dtype: 'float32', dims: [4] }], [], () =>
      Promise.resolve([new Uint8Array(12)]),
    );
    const x = graph.input('x', 'float32', [1, 4]);
    graph.output(x);
    const [shard] = layOutShards(graph.finish().externalGroups, 'm');
    const calls: string[] = [];
    const note = (name: string) => () => Promise.resolve(void calls.push(name));
    await expect(
      writeShard(shard!, {
        write: note('write'),
        close: note('close'),
        abort: note('abort'),
      }),
    ).rejects.toMatchObject({ code: 'graph-invalid', message: 'w: produced 12 bytes, announced 16' });
    expect(calls).toEqual(['abort']);
  });
});

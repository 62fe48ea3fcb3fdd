import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../../../../../models/detectors/genconvit/build-network.ts';
import type { WEIGHT_DTYPES } from '../../../../../utils/domain/model.ts';
import {
  detectNetwork,
  readNetworkLayout,
} from '../../../../../models/detectors/genconvit/network-layout.ts';
import { LARGE, networkKeys, PUBLISHED, TINY } from '../../../../fixtures/checkpoints/network-keys.ts';
import type { NetworkSizes } from '../../../../fixtures/checkpoints/network-sizes.ts';
import { syntheticStateDict } from '../../../../fixtures/networks/synthetic-model.ts';

type Shapes = Map<string, { shape: readonly number[] }>;

function shapesOf(network: 'ed' | 'vae', sizes: NetworkSizes): Shapes {
  return new Map(networkKeys(network, sizes).map(({ key, shape }) => [key, { shape }]));
}

function complaint(network: 'ed' | 'vae', change: (shapes: Shapes) => void): unknown {
  const shapes = shapesOf(network, TINY);
  change(shapes);
  try {
    readNetworkLayout(network, shapes, TINY.imageSize);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('readNetworkLayout', () => {
  it.each(['ed', 'vae'] as const)('takes exactly the live keys of the published %s', (network) => {
    const { tensors } = readNetworkLayout(network, shapesOf(network, PUBLISHED));
    const live = networkKeys(network, PUBLISHED).filter((info) => info.live);
    expect(new Map(tensors)).toEqual(new Map(live.map(({ key, shape }) => [key, shape])));
  });

  it('reads convnext_large as it reads convnext_tiny', () => {
    for (const network of ['ed', 'vae'] as const) {
      const layout = readNetworkLayout(network, shapesOf(network, LARGE));
      expect(layout.depths).toEqual([3, 3, 27, 3]);
      expect(layout.widths).toEqual([192, 384, 768, 1536]);
      expect(layout.imageSize).toBe(224);
    }
  });

  it("finds the VAE's image and reconstruction sizes in its latent layer", () => {
    const layout = readNetworkLayout('vae', shapesOf('vae', PUBLISHED));
    expect([layout.imageSize, layout.reconstructionSize]).toEqual([224, 112]);
    expect(layout.latent).toEqual({ inFeatures: 25088, dims: [256, 7, 7] });
  });

  it.each<[string, 'ed' | 'vae', (shapes: Shapes) => void, RegExp]>([
    [
      'a missing key',
      'ed',
      (shapes) => shapes.delete('backbone.stages.2.blocks.0.mlp.fc1.bias'),
      /missing backbone\.stages\.2\.blocks\.0\.mlp\.fc1\.bias/,
    ],
    [
      'a missing key that sizes hang on',
      'vae',
      (shapes) => shapes.delete('encoder.mu.weight'),
      /missing encoder\.mu\.weight/,
    ],
    [
      'a whole stage that is missing',
      'ed',
      (shapes) => {
        for (const key of [...shapes.keys()]) if (key.startsWith('backbone.stages.3.')) shapes.delete(key);
      },
      /missing backbone\.stages\.3\.blocks\.0/,
    ],
    [
      'a surplus key',
      'ed',
      (shapes) => shapes.set('backbone.stages.0.extra', { shape: [3] }),
      /surplus backbone\.stages\.0\.extra/,
    ],
    [
      'a surplus key that would write over the terminal',
      'ed',
      (shapes) => shapes.set('\u001b[2Jevil\n\u009b\u202e', { shape: [3] }),
      /surplus \\u001b\[2Jevil\\n\\u\{9b\}\\u\{202e\}/,
    ],
    [
      "the other network's dead key",
      'ed',
      (shapes) => shapes.set('fc3.weight', { shape: [3] }),
      /surplus fc3\.weight/,
    ],
    [
      'a misshapen key',
      'vae',
      (shapes) => shapes.set('fc2.weight', { shape: [3, 20] }),
      /misshapen fc2\.weight is \[3, 20\], expected \[2, \d+\]/,
    ],
    [
      'a latent that is no square',
      'vae',
      (shapes) => {
        const [rows = 0, columns = 0] = shapes.get('encoder.mu.weight')!.shape;
        shapes.set('encoder.mu.weight', { shape: [rows, columns + 1] });
      },
      /misshapen encoder\.mu\.weight/,
    ],
    [
      'a block number that would exhaust memory',
      'ed',
      (shapes) => shapes.set('backbone.stages.0.blocks.999999.gamma', { shape: [1] }),
      /1000000 blocks in one stage/,
    ],
  ])('names %s', (_what, network, change, message) => {
    const error = complaint(network, change);
    expect(error).toMatchObject({ name: 'DetectorError', code: 'network-mismatch' });
    expect((error as Error).message).toMatch(message);
  });

  it('refuses an image size that no convolution stack of this depth takes', () => {
    expect(() => readNetworkLayout('ed', shapesOf('ed', TINY), 100)).toThrow(/100 is no multiple of 32/);
    expect(() => readNetworkLayout('vae', shapesOf('vae', TINY), 224)).toThrow(
      /its image size is 64, not 224/,
    );
  });

  it('tells the networks apart, and from anything else', () => {
    expect(detectNetwork(shapesOf('ed', TINY))).toBe('ed');
    expect(detectNetwork(shapesOf('vae', TINY))).toBe('vae');
    expect(detectNetwork(new Map([['fc.weight', { shape: [1] }]]))).toBeNull();
  });

  it.each([
    ['ed', 'backbone.stem.0.weight'],
    ['ed', 'encoder.features.0.weight'],
    ['vae', 'encoder.mu.weight'],
    ['vae', 'convnext_backbone.stem.0.weight'],
  ] as const)('knows the %s network without its %s, so that the missing key can be named', (network, key) => {
    const shapes = new Map(shapesOf(network, TINY));
    shapes.delete(key);
    expect(detectNetwork(shapes)).toBe(network);
    expect(() => readNetworkLayout(network, shapes, 64)).toThrow(`missing ${key}`);
  });
});

describe('buildNetwork', () => {
  function build(
    network: 'ed' | 'vae',
    dtype: (typeof WEIGHT_DTYPES)[number],
    device: 'wasm' | 'webgpu',
    sizes = TINY,
  ): ReturnType<typeof buildNetwork> {
    const { stateDict, reader } = syntheticStateDict(network, sizes);
    return buildNetwork(stateDict, reader, { network, dtype, device, imageSize: sizes.imageSize });
  }

  it('reads nothing before its groups are produced, and dead tensors never', async () => {
    const { stateDict, reader } = syntheticStateDict('vae', TINY);
    const keyOf = new Map([...stateDict].map(([key, info]) => [info, key]));
    const read = new Set<string>();
    const { built, layout } = buildNetwork(
      stateDict,
      {
        readFloat32: (info, signal) => {
          read.add(keyOf.get(info)!);
          return reader.readFloat32(info, signal);
        },
        streamFloat32: (info, rows, signal) => {
          read.add(keyOf.get(info)!);
          return reader.streamFloat32(info, rows, signal);
        },
      },
      { network: 'vae', dtype: 'fp32', device: 'wasm' },
    );
    expect(read.size).toBe(0);
    for (const group of built.externalGroups) await group.produce();
    expect([...read].sort()).toEqual([...layout.tensors.keys()].sort());
  });

  it('uses one set of backbone initializers for both passes', () => {
    for (const network of ['ed', 'vae'] as const) {
      const { built } = build(network, 'fp32', 'wasm');
      const names = built.externalGroups.flatMap(({ tensors }) => tensors.map(({ name }) => name));
      expect(names.filter((name) => name.endsWith('stem.0.weight'))).toHaveLength(1);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('doubles the batch once in ED, and splits it again', () => {
    const { built } = build('ed', 'fp32', 'webgpu');
    const operators = built.graph.nodes.map(({ opType }) => opType);
    expect(operators.filter((operator) => operator === 'Split')).toHaveLength(1);
    // Stem, three downsamplings, and one depthwise and two pointwise convolutions for each block.
    const blocks = TINY.depths.reduce((sum, depth) => sum + depth, 0);
    expect(operators.filter((operator) => operator === 'Conv')).toHaveLength(5 + 4 + 3 * blocks);
  });

  it('cuts the latent layer into at least four nodes below the binding limit of WebGPU', () => {
    for (const [dtype, device] of [
      ['int4', 'webgpu'],
      ['fp16', 'webgpu'],
      ['fp32', 'webgpu'],
      ['int8', 'wasm'],
    ] as const) {
      const { built } = build('vae', dtype, device, PUBLISHED);
      const parts = built.graph.nodes.filter(
        ({ name, opType }) => /^encoder\.mu\.part\d+$/.test(name) && opType !== 'Cast',
      );
      expect(parts.length).toBeGreaterThanOrEqual(4);
      for (const { tensors } of built.externalGroups) {
        for (const { dims } of tensors) {
          // The length as float32, to which half-precision weights are widened at load.
          const elements = dims.reduce((product, dim) => product * dim, 1);
          if (dtype !== 'int4' && dtype !== 'int8') expect(elements * 4).toBeLessThanOrEqual(128 * 2 ** 20);
        }
      }
    }
  });

  it('multiplies with integers in int8 and with packed blocks in int4', () => {
    const operators = (built: ReturnType<typeof build>['built']): Set<string> =>
      new Set(built.graph.nodes.map(({ opType }) => opType));
    expect(operators(build('ed', 'int8', 'wasm').built)).toContain('DynamicQuantizeMatMul');
    expect(operators(build('vae', 'int4', 'webgpu').built)).toContain('MatMulNBits');
  });

  it('refuses what has no kernel or no layer, and says what to use', () => {
    expect(() => build('ed', 'int8', 'webgpu')).toThrow(/int8 runs on WASM only.*fp16/);
    expect(() => build('ed', 'int4', 'webgpu')).toThrow(/int4 is for the VAE.*fp16 or int8/);
  });
});

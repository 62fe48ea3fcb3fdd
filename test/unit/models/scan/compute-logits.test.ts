import { describe, expect, it } from 'vitest';
import { computeLogits } from '../../../../models/scan/compute-logits.ts';
import type { LoadedNetwork } from '../../../../models/scan/compute-logits.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import type { Device, TensorValue } from '../../../../models/runtime/session.ts';

const SIDE = 2;

/** A network whose FAKE logit is the first value of each face, and which records the dims it was fed. */
function createNetwork(
  device: Device,
  real = 0,
): LoadedNetwork & { readonly fedDims: (readonly number[])[] } {
  const fedDims: (readonly number[])[] = [];
  const run = (feeds: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> => {
    const { dims, data } = feeds.image!;
    fedDims.push(dims);
    const count = dims[0]!;
    const logits = Float32Array.from({ length: 2 * count }, (_, index) =>
      index % 2 === 0 ? data[(index / 2) * 3 * SIDE * SIDE]! : real,
    );
    return Promise.resolve({ logits: { dims: [count, 2], data: logits } });
  };
  const release = (): Promise<void> => Promise.resolve();
  return {
    session: { device, inputNames: ['image'], outputNames: ['logits'], run, release },
    detector: GENCONVIT,
    facts: { network: 'ed', imageSize: SIDE, extraInputs: {} },
    fedDims,
  };
}

function face(red: number): RgbImage {
  return { data: new Uint8Array(3 * SIDE * SIDE).fill(red), width: SIDE, height: SIDE, channels: 3 };
}

describe('computeLogits', () => {
  it('gives each face its own row, in order, on runs of one size for each device', async () => {
    const faces = [10, 60, 110, 160, 210].map(face);
    const onWasm = createNetwork('wasm');
    const onGpu = createNetwork('webgpu');
    const rows = await computeLogits(onWasm, faces);
    expect(await computeLogits(onGpu, faces)).toEqual(rows);
    expect(rows.map(([fake]) => fake)).toEqual(rows.map(([fake]) => fake).toSorted((a, b) => a! - b!));
    expect(new Set(rows.map(([fake]) => fake)).size).toBe(5);
    expect(onWasm.fedDims).toEqual(Array(5).fill([1, 3, SIDE, SIDE]));
    expect(onGpu.fedDims).toEqual(Array(2).fill([4, 3, SIDE, SIDE]));
  });

  it('refuses a face of another size', async () => {
    const large: RgbImage = { data: new Uint8Array(27), width: 3, height: 3, channels: 3 };
    await expect(computeLogits(createNetwork('wasm'), [large])).rejects.toThrow(/takes 2×2.*found 3×3/);
  });

  it.each([NaN, Infinity])('refuses a logit of %s, which would come out as a verdict', async (real) => {
    await expect(computeLogits(createNetwork('wasm', real), [face(1)])).rejects.toMatchObject({
      code: 'runtime-failed',
    });
  });
});

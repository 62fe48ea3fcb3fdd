import { beforeAll, describe, expect, test } from 'vitest';
import { loadOrtForNode } from '../../../../models/runtime/load-ort-node.ts';
import { createNetworkSession, type OrtModule } from '../../../../models/runtime/session.ts';
import { isDetectorError } from '../../../../utils/domain/errors.ts';
import {
  convLayerNormGeluMatMul,
  externalMatMul,
  matMulInteger,
} from '../../../fixtures/networks/toy-graphs.ts';

let ort: OrtModule;
beforeAll(() => {
  ort = loadOrtForNode();
});

describe('a session on WASM in Node', () => {
  test('multiplies by a matrix that lies in external data', async () => {
    const files = externalMatMul(2, 3, Float32Array.of(1, 2, 3, 10, 20, 30));
    const session = await createNetworkSession(ort, files, { device: 'wasm' });
    expect([session.inputNames, session.outputNames]).toEqual([['input'], ['output']]);
    const { output } = await session.run({ input: { dims: [1, 2], data: Float32Array.of(1, 0.5) } });
    expect(output).toEqual({ dims: [1, 3], data: Float32Array.of(6, 12, 18) });
    await session.release();
  });

  test('takes a shard as a Blob', async () => {
    const matrix = Float32Array.of(1, 2, 3, 10, 20, 30);
    const { graph } = externalMatMul(2, 3, matrix);
    const files = { graph, externalData: [{ path: 'model.data0', data: new Blob([matrix]) }] };
    const session = await createNetworkSession(ort, files, { device: 'wasm' });
    const { output } = await session.run({ input: { dims: [1, 2], data: Float32Array.of(2, 1) } });
    expect(output?.data).toEqual(Float32Array.of(12, 24, 36));
    await session.release();
  });

  test('fetches the asked outputs only', async () => {
    const { files, feeds } = convLayerNormGeluMatMul();
    const session = await createNetworkSession(ort, files, { device: 'wasm' });
    expect(Object.keys(await session.run(feeds, ['activated']))).toEqual(['activated']);
    expect(Object.keys(await session.run(feeds))).toEqual(['output', 'activated']);
    await session.release();
  });

  test('runs integer operators whose tensors stay inside the graph', async () => {
    const { files, feeds } = matMulInteger();
    const session = await createNetworkSession(ort, files, { device: 'wasm' });
    const { output } = await session.run(feeds);
    // [0, 1, 2, 4.25] × ([[9, 1], [2, 3], [4, 5], [6, 7]] − 4); steps of 4.25/255 are off by half a step at most.
    expect(output?.data[0]).toBeCloseTo(6.5, 1);
    expect(output?.data[1]).toBeCloseTo(13.75, 1);
    await session.release();
  });

  test('overlapping runs of two sessions give each its own result', async () => {
    const doubling = await createNetworkSession(ort, externalMatMul(1, 1, Float32Array.of(2)), {
      device: 'wasm',
    });
    const tripling = await createNetworkSession(ort, externalMatMul(1, 1, Float32Array.of(3)), {
      device: 'wasm',
    });
    const feeds = (value: number) => ({ input: { dims: [1, 1], data: Float32Array.of(value) } });
    const results = await Promise.all(
      [1, 2, 3].flatMap((value) => [doubling.run(feeds(value)), tripling.run(feeds(value))]),
    );
    expect(results.map(({ output }) => output?.data[0])).toEqual([2, 3, 4, 6, 6, 9]);
    await Promise.all([doubling.release(), tripling.release()]);
  });

  test('a failed run is a runtime-failed error with its cause, and the next run succeeds', async () => {
    const session = await createNetworkSession(ort, externalMatMul(2, 1, Float32Array.of(1, 1)), {
      device: 'wasm',
      logSeverity: 'fatal',
    });
    const wrong = session.run({ input: { dims: [1, 3], data: new Float32Array(3) } });
    await expect(wrong).rejects.toSatisfy(
      (error) => isDetectorError(error, 'runtime-failed') && error.cause instanceof Error,
    );
    const { output } = await session.run({ input: { dims: [1, 2], data: Float32Array.of(3, 4) } });
    expect(output?.data).toEqual(Float32Array.of(7));
    await session.release();
  });

  test('a missing shard is a runtime-failed error that names it', async () => {
    const { graph } = externalMatMul(2, 1, Float32Array.of(1, 1));
    await expect(
      createNetworkSession(ort, { graph, externalData: [] }, { device: 'wasm', logSeverity: 'fatal' }),
    ).rejects.toThrow(/could not be loaded on wasm: .*model\.data0/s);
  });

  test('bytes that are no model are a runtime-failed error', async () => {
    const files = { graph: Uint8Array.of(1, 2, 3), externalData: [] };
    await expect(
      createNetworkSession(ort, files, { device: 'wasm', logSeverity: 'fatal' }),
    ).rejects.toSatisfy((error) => isDetectorError(error, 'runtime-failed'));
  });
});

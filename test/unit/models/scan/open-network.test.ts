import { beforeEach, expect, test, vi } from 'vitest';
import type { OpenedModel } from '../../../../models/store/model-store.ts';
import type { NetworkSession } from '../../../../models/runtime/session.ts';
import type { RequestedGpu } from '../../../../models/runtime/webgpu-device.ts';
import type { DeviceCheck } from '../../../../models/store/device-checks.ts';

/** A replacement of the runtime: logits by device, and the sessions that were made. */
const stage = vi.hoisted(() => ({
  logits: { wasm: [0, 0], webgpu: [0, 0] },
  milliseconds: { wasm: 8, webgpu: 1 },
  open: [] as { readonly device: string; isReleased: boolean }[],
  checks: new Map<string, unknown>(),
  now: 0,
}));

vi.mock('../../../../models/runtime/load-ort-browser.ts', () => ({
  loadOrtForBrowser: () => Promise.resolve({}),
}));
vi.mock('../../../../models/runtime/webgpu-device.ts', () => ({
  requestGpu: (): Promise<Partial<RequestedGpu>> =>
    Promise.resolve({
      device: { lost: new Promise(() => undefined) } as GPUDevice,
      adapter: {
        vendor: 'x',
        architecture: '',
        description: '',
        isFallbackAdapter: false,
      } as RequestedGpu['adapter'],
    }),
}));
vi.mock('../../../../models/runtime/session.ts', () => ({
  threadCount: () => 1,
  createNetworkSession: (
    _ort: unknown,
    _files: unknown,
    { device }: { readonly device: 'wasm' | 'webgpu' },
  ) => {
    const session = { device, isReleased: false };
    stage.open.push(session);
    return Promise.resolve({
      ...session,
      release: () => {
        // ONNX Runtime throws this at a second release.
        if (session.isReleased) return Promise.reject(new Error('invalid session id'));
        session.isReleased = true;
        return Promise.resolve();
      },
    });
  },
}));
vi.mock('../../../../models/store/device-checks.ts', () => ({
  readDeviceCheck: (key: string) => Promise.resolve(stage.checks.get(key) ?? null),
  writeDeviceCheck: (key: string, check: DeviceCheck) => {
    stage.checks.set(key, check);
    return Promise.resolve();
  },
}));
vi.mock('../../../../models/scan/compute-logits.ts', () => ({
  FACES_PER_RUN: { wasm: 1, webgpu: 1 },
  computeLogits: ({ session }: { readonly session: NetworkSession }) => {
    stage.now += stage.milliseconds[session.device];
    return Promise.resolve([stage.logits[session.device]]);
  },
}));
const { createNetworkOpener } = await import('../../../../models/scan/open-network.ts');

const MODEL = {
  description: { dtype: 'fp16', imageSize: 4 },
  files: { graph: new Uint8Array(), externalData: [] },
} as unknown as OpenedModel;
const stillOpen = (): readonly string[] =>
  stage.open.filter(({ isReleased }) => !isReleased).map(({ device }) => device);

beforeEach(() => {
  stage.logits = { wasm: [1, -1], webgpu: [1, -1] };
  stage.milliseconds = { wasm: 8, webgpu: 1 };
  stage.open = [];
  stage.checks.clear();
  vi.spyOn(performance, 'now').mockImplementation(() => stage.now);
});

test.each<[string, Partial<typeof stage>, string]>([
  ['a graphics card that is right and faster', {}, 'webgpu'],
  ['one that is slower', { milliseconds: { wasm: 1, webgpu: 8 } }, 'wasm'],
  ['one that computes something else', { logits: { wasm: [1, -1], webgpu: [1.5, -1] } }, 'wasm'],
  ['one whose scores would differ by 1e-3', { logits: { wasm: [1, -1], webgpu: [1.005, -1] } }, 'wasm'],
  ['one whose scores differ by less', { logits: { wasm: [1, -1], webgpu: [1.003, -1] } }, 'webgpu'],
  ['one that computes no number', { logits: { wasm: [1, -1], webgpu: [Number.NaN, 0] } }, 'wasm'],
])('of %s it takes what is right and faster, and remembers it', async (_what, change, device) => {
  Object.assign(stage, change);
  const opener = createNetworkOpener();
  expect((await opener.open('m', MODEL)).device).toBe(device);
  expect(stillOpen()).toEqual([device]);
  const count = stage.open.length;
  expect((await opener.open('m', MODEL)).device).toBe(device);
  expect(stage.open.length).toBe(count + 1);
});

test('a network that fails its self-test judges nothing, not even the first time', async () => {
  stage.logits = { wasm: [1e9, 0], webgpu: [1e9, 0] };
  const opener = createNetworkOpener();
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(opener.open('m', MODEL)).rejects.toMatchObject({ code: 'runtime-failed' });
    await expect(opener.open('m', MODEL)).rejects.toThrow(
      /has not passed its self-test: a logit of 1\.00e\+9/,
    );
  }
  expect(stillOpen()).toEqual([]);
});

test('the self-test of such a network gives its answer, leaves nothing open, and calls no card missing', async () => {
  stage.logits = { wasm: [Infinity, 0], webgpu: [1, -1] };
  const answer = await createNetworkOpener().test('m', MODEL);
  expect(answer).toMatchObject({ device: null, wasm: { kind: 'failed' }, webgpu: { kind: 'not-tested' } });
  expect(stillOpen()).toEqual([]);
});

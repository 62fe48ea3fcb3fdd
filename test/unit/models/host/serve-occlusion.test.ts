import { expect, test } from 'vitest';
import type { HostPort } from '../../../../models/host/content-port.ts';
import { serveOcclusion } from '../../../../models/host/serve-occlusion.ts';
import type { OcclusionDeps } from '../../../../models/host/serve-occlusion.ts';
import { DetectorError } from '../../../../utils/domain/errors.ts';
import type { OcclusionMap, OcclusionState } from '../../../../utils/domain/occlusion.ts';

const MAP: OcclusionMap = {
  grid: 7,
  score: 0.8,
  changes: [],
  faithfulness: { patches: 10, named: 0.4, random: [0.1] },
};
const MODEL = { modelId: 'ed', networks: ['ed'], dtype: 'fp32', device: 'wasm', isDemo: false } as const;
const PICTURE = {} as ImageData;

/** The states that a page gets. `ask` and `close` are the page's actions. */
function serve(deps: Partial<OcclusionDeps>) {
  const states: OcclusionState[] = [];
  let hear: (message: unknown) => void = () => undefined;
  let close = (): void => undefined;
  const port: HostPort = {
    name: 'occlusion',
    onMessage: { addListener: (listener) => void (hear = listener) },
    onDisconnect: { addListener: (listener) => void (close = listener) },
    postMessage: (state) => void states.push(state as OcclusionState),
    disconnect: () => undefined,
  };
  serveOcclusion(port, {
    findModels: (modelId) => Promise.resolve([modelId]),
    explain: () => Promise.resolve({ map: MAP, model: MODEL }),
    ...deps,
  });
  return { states, ask: (modelId = 'ed') => hear({ picture: PICTURE, modelId }), close: () => close() };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test('a page gets the progress and then the map, judged by the report’s own networks', async () => {
  const asked: unknown[] = [];
  const { states, ask } = serve({
    findModels: (modelId) => Promise.resolve(modelId.split('+')),
    explain: (job, onProgress) => {
      asked.push(job);
      onProgress(4, 56);
      return Promise.resolve({ map: MAP, model: MODEL });
    },
  });
  ask('ed+vae');
  // One port makes one map.
  ask('ed');
  await settled();
  expect(asked).toEqual([{ picture: PICTURE, modelIds: ['ed', 'vae'] }]);
  expect(states).toEqual([
    { kind: 'working', done: 4, all: 56 },
    { kind: 'finished', map: MAP, model: MODEL },
  ]);
});

test('networks that are not installed any more, and a failure, are said by name', async () => {
  const gone = serve({ findModels: () => Promise.resolve(null) });
  gone.ask();
  const failing = serve({ explain: () => Promise.reject(new DetectorError('runtime-failed', 'no memory')) });
  failing.ask();
  await settled();
  expect(gone.states).toEqual([{ kind: 'failed', code: 'model-missing' }]);
  expect(failing.states).toEqual([{ kind: 'failed', code: 'runtime-failed' }]);
});

test('a page that closes the port cancels the work, and hears nothing more', async () => {
  let signal: AbortSignal | undefined;
  const { states, ask, close } = serve({
    explain: (_job, onProgress, given) => {
      signal = given;
      return new Promise((_resolve, reject) => {
        given.addEventListener('abort', () => {
          onProgress(8, 56);
          reject(given.reason as Error);
        });
      });
    },
  });
  ask();
  await settled();
  close();
  await settled();
  expect(signal?.aborted).toBe(true);
  expect(states).toEqual([]);
});

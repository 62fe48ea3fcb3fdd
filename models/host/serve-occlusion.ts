import { isDetectorError } from '../../utils/domain/errors.ts';
import type { OcclusionRequest, OcclusionState } from '../../utils/domain/occlusion.ts';
import type { HostPort } from './content-port.ts';
import type { EngineClient } from './engine-client.ts';

export type OcclusionDeps = {
  /** The ids of a report's networks; null where one is not installed any more. */
  readonly findModels: (modelId: string) => Promise<readonly string[] | null>;
  readonly explain: EngineClient['occlusion'];
};

/** Answers one request of the extension's own pages for a map. The closing of the port cancels it. */
export function serveOcclusion(port: HostPort, deps: OcclusionDeps): void {
  const closed = new AbortController();
  let hasStarted = false;
  const say = (state: OcclusionState): void => {
    if (!closed.signal.aborted) port.postMessage(state);
  };
  const serve = async ({ picture, modelId }: OcclusionRequest): Promise<void> => {
    const modelIds = await deps.findModels(modelId);
    if (modelIds === null) {
      say({ kind: 'failed', code: 'model-missing' });
      return;
    }
    const onProgress = (done: number, all: number): void => say({ kind: 'working', done, all });
    say({ kind: 'finished', ...(await deps.explain({ picture, modelIds }, onProgress, closed.signal)) });
  };
  port.onDisconnect.addListener(() => closed.abort());
  port.onMessage.addListener((received) => {
    if (hasStarted) return;
    hasStarted = true;
    serve(received as OcclusionRequest).catch((error: unknown) =>
      say({ kind: 'failed', code: isDetectorError(error) ? error.code : 'internal' }),
    );
  });
}

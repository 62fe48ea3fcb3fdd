import type { Device, TensorValue } from '../../../models/runtime/session.ts';
import type { GpuAdapterSummary } from '../../../models/runtime/webgpu-device.ts';

/** What the harness asks of the Worker. The model's bytes come from the harness's own server, by URL. */
export type RunRequest = {
  graphUrl: string;
  externalData: readonly { path: string; url: string }[];
  device: Device;
  feeds: Readonly<Record<string, TensorValue>>;
  outputNames: readonly string[] | undefined;
  disableCpuFallback: boolean;
  /** Hides JavaScript Promise Integration, as in browsers that lack it. */
  withoutJspi: boolean;
};

export type RunReply =
  | {
      ok: true;
      outputs: Record<string, TensorValue>;
      /** With `webgpu` only. */
      adapter: GpuAdapterSummary | undefined;
      /** Names of ONNX Runtime's files that the Worker fetched. */
      runtimeFiles: string[];
      /** Milliseconds to create the session, and for its one run. */
      createMs: number;
      runMs: number;
    }
  | { ok: false; message: string };

export type HarnessWindow = typeof globalThis & { runModel: (request: RunRequest) => Promise<RunReply> };

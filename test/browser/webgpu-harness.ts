import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { Device, ModelFiles, TensorValue } from '../../models/runtime/session.ts';
import { REPOSITORY } from '../support/build-once.ts';
import { launchChromium } from '../support/chromium.ts';
import { startLoopbackServer, type LoopbackServer } from '../support/loopback-server.ts';
import { startRefusingProxy } from '../support/refusing-proxy.ts';
import { testPageFolder } from '../support/test-pages.ts';
import type { HarnessWindow, RunReply, RunRequest } from './webgpu-page/protocol.ts';

export type ModelRun = {
  files: ModelFiles;
  device: Device;
  feeds: Readonly<Record<string, TensorValue>>;
  /** Default: all outputs. */
  outputNames?: readonly string[];
  /** With `webgpu`, default true: a node without a GPU kernel fails the run instead of running on the CPU. */
  disableCpuFallback?: boolean;
  /** Runs as in a browser without JavaScript Promise Integration. */
  withoutJspi?: boolean;
};

export type ModelRunResult = Extract<RunReply, { ok: true }>;

export type WebGpuHarness = {
  /**
   * Runs a model once in a Worker of a page in Chromium, through the product's own runtime code.
   *
   * @throws Error with the Worker's message where the model cannot be loaded or run there.
   */
  runInChromium: (run: ModelRun) => Promise<ModelRunResult>;
  /** The page whose Workers run the models. */
  page: Page;
  /** Hosts beyond loopback that the browser has tried to reach so far. */
  foreignHosts: () => string[];
  close: () => Promise<void>;
};

/**
 * Serves the built page on the loopback interface with ONNX Runtime's files under /ort/, and starts Chromium with the
 * software WebGPU adapter. The adapter computes correctly but slowly, so networks must be tiny.
 */
export async function startWebGpuHarness(): Promise<WebGpuHarness> {
  const server = await startLoopbackServer({
    '/': testPageFolder('webgpu'),
    '/ort/': resolve(REPOSITORY, 'node_modules/onnxruntime-web/dist'),
  });
  const proxy = await startRefusingProxy();
  const { context, close } = await launchChromium({ proxyAddress: proxy.address });
  const page = await context.newPage();
  await page.goto(`${server.origin}/index.html`);

  return {
    runInChromium: async (run) => {
      const request = publish(server, run);
      const reply = await page.evaluate(
        (message) => (globalThis as HarnessWindow).runModel(message),
        request,
      );
      server.withdrawAll();
      if (!reply.ok) throw new Error(reply.message);
      return reply;
    },
    page,
    foreignHosts: proxy.attempts,
    close: async () => {
      await close();
      await proxy.close();
      await server.close();
    },
  };
}

/** Model bytes go over HTTP, as they are; only names, feeds and outputs pass through Playwright. */
function publish(server: LoopbackServer, run: ModelRun): RunRequest {
  const {
    files,
    device,
    feeds,
    outputNames,
    disableCpuFallback = device === 'webgpu',
    withoutJspi = false,
  } = run;
  return {
    graphUrl: server.publish(files.graph),
    externalData: files.externalData.map(({ path, data }) => ({ path, url: server.publish(data) })),
    device,
    feeds,
    outputNames,
    disableCpuFallback,
    withoutJspi,
  };
}

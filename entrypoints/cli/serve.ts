import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { storedSha256Of } from '../../models/store/model-store.ts';
import { runCommand } from './command-line.ts';
import { removeLeftFolders } from './left-folders.ts';
import { chooseModelFolders } from './model-folders.ts';
import type { ModelFolder } from './model-folders.ts';
import { createServeEngine } from './serve/engine.ts';
import type { EngineState } from './serve/engine.ts';
import { createMemoryStore, createRedisStore } from './serve/job-stores.ts';
import { parseServeOptions, USAGE } from './serve/options.ts';
import type { ServeOptions } from './serve/options.ts';
import { createQueueEngine } from './serve/queue-engine.ts';
import { createServer } from './serve/server.ts';
import type { ServedModel } from './serve/server.ts';

/** Servers of several computers may share the folder of a queue: each cleans up after its own. */
const FOLDER_PREFIX = `trueframe-serve-${hostname()}-`;

await runCommand(USAGE, async (args, signal) => {
  const options = await parseServeOptions(args, process.env);
  const models = await chooseModelFolders(options.modelFolders, { network: undefined, dtype: null });
  const model = await describeModels(models, options);
  const parent = options.queue?.videos ?? tmpdir();
  // A server that was killed has left its videos.
  await removeLeftFolders(FOLDER_PREFIX, parent);
  const folder = await mkdtemp(join(parent, `${FOLDER_PREFIX}${process.pid}-`));
  try {
    await serve({ options, models, model, folder }, signal);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

type Serving = {
  readonly options: ServeOptions;
  readonly models: readonly ModelFolder[];
  readonly model: ServedModel;
  readonly folder: string;
};

/** Serves until the signal aborts. Requests that run then have the grace time. */
async function serve({ options, models, model, folder }: Serving, signal: AbortSignal): Promise<void> {
  const { queue, device, jobs } = options;
  const { version } = JSON.parse(
    await readFile(resolve(import.meta.dirname, '../../package.json'), 'utf8'),
  ) as { readonly version: string };
  const onState = (state: EngineState): void => {
    process.stderr.write(`engine ${state.kind}${state.kind === 'down' ? `: ${state.reason}` : ''}\n`);
  };
  const engine =
    queue === null
      ? createServeEngine({ models, device, jobs, onState })
      : await createQueueEngine({ ...queue, models, device, onState });
  const jobStore = queue === null ? createMemoryStore() : createRedisStore(queue.address);
  const stopping = new AbortController();
  const app = await createServer({
    options,
    engine,
    models,
    model,
    version,
    jobStore,
    folder,
    stopping: stopping.signal,
  });
  try {
    const address = await app.listen({ host: options.host, port: options.port });
    const reach = options.token === null ? ', on loopback only: there is no --token-file' : '';
    process.stderr.write(`listening on ${address}${reach}\n`);
    if (!signal.aborted) {
      await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }));
    }
    process.stderr.write('stopping\n');
    setTimeout(() => stopping.abort(), options.limits.graceSeconds * 1000).unref();
  } finally {
    await app.close();
    await engine.close();
    jobStore.close();
  }
}

async function describeModels(
  models: readonly ModelFolder[],
  { device }: ServeOptions,
): Promise<ServedModel> {
  const sha256s = await Promise.all(models.map(({ description }) => storedSha256Of(description)));
  const unique = (words: readonly string[]): string => [...new Set(words)].join('+');
  return {
    id: models.map(({ modelId }) => modelId).join('+'),
    networks: models.map(({ description }) => description.network),
    dtype: unique(models.map(({ description }) => description.dtype)),
    device: device ?? unique(models.map(({ description }) => description.device)),
    sha256: sha256s.join('+'),
  };
}

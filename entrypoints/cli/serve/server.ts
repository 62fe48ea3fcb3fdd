import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlannedVideo } from '../../../utils/domain/evaluation.ts';
import type { ModelFolder } from '../model-folders.ts';
import type { EngineState, ServeEngine } from './engine.ts';
import type { JobStore } from './job-stores.ts';
import { createJobs, describeError } from './jobs.ts';
import { createMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { dropPage, errorPage, PAGE_POLICY } from './pages.ts';
import { isLoopback } from './options.ts';
import type { ServeOptions } from './options.ts';
import { answerOf, chooseModels } from './predict-request.ts';
import type { PredictAnswer } from './predict-request.ts';
import { receiveVideo } from './receive-video.ts';
import type { ReceivedVideo } from './receive-video.ts';
import { ServeError } from './serve-error.ts';

/** A request's JSON: an address and three settings. */
const MAX_JSON_BYTES = 64 * 1024;
/** Headers of browsers and proxies have a few kilobytes. */
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_MILLISECONDS = 10_000;
const HTML = 'text/html; charset=utf-8';
/** A client that still sends when it is refused gets so long to read the answer. */
const REFUSED_MILLISECONDS = 1000;
/** A busy server is free again when its next video has ended. */
const RETRY_AFTER_SECONDS = 5;
/** The video, and a field for each setting with room for a client's own. */
const FORM_LIMITS = { files: 1, fields: 16, parts: 17, fieldSize: 4096, fieldNameSize: 100 };

export type ServedModel = {
  readonly id: string;
  readonly networks: readonly string[];
  readonly dtype: string;
  readonly device: string;
  readonly sha256: string;
};

export type ServerDeps = {
  readonly options: ServeOptions;
  readonly engine: ServeEngine;
  readonly models: readonly ModelFolder[];
  readonly model: ServedModel;
  /** Of TrueFrame. */
  readonly version: string;
  readonly jobStore: JobStore;
  /** A private folder, for the videos of running requests. */
  readonly folder: string;
  /** Ends the running requests with 503. */
  readonly stopping: AbortSignal;
};

/** The routes of the original's server, and those beside them. Nothing listens before the caller says so. */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const { options, engine, models, folder, stopping } = deps;
  const { limits } = options;
  const jobs = createJobs(deps.jobStore);
  const metrics = createMetrics(engine);
  let admitted = 0;

  const app = Fastify({
    bodyLimit: MAX_JSON_BYTES,
    requestTimeout: limits.requestSeconds * 1000,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_MILLISECONDS },
    // Connections without a request end with the server.
    forceCloseConnections: 'idle',
  });
  await app.register(multipart, { limits: { ...FORM_LIMITS, fileSize: limits.maxBytes + 1 } });
  // The body itself is the video: it is read where it is wanted.
  app.addContentTypeParser(/^(video\/|application\/octet-stream)/, (_request, payload, done) =>
    done(null, payload),
  );

  app.addHook('onRequest', (request, _reply, done) => {
    const isOpen = request.routeOptions.url === '/healthcheck';
    done(
      refuseForeign(request, options) ?? (isOpen ? null : refuseWithoutToken(request, options)) ?? undefined,
    );
  });
  app.addHook('onResponse', (request, reply, done) => {
    done();
    metrics.observe(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
    if (request.raw.complete) return;
    setTimeout(() => request.raw.destroy(), REFUSED_MILLISECONDS).unref();
  });
  app.setErrorHandler(async (error: unknown, request, reply) => {
    const failure = asServeError(error);
    if (failure.statusCode >= 500 && failure.code === 'internal') {
      process.stderr.write(`${request.method} ${request.routeOptions.url ?? ''}: ${describeBug(error)}\n`);
    }
    if (failure.retryAfterSeconds !== null) reply.header('retry-after', failure.retryAfterSeconds);
    const { code, message } = describeError(failure);
    // The rest of an upload that is refused is not read.
    if (!request.raw.complete) reply.header('connection', 'close');
    reply.code(failure.statusCode);
    return wantsPage(request)
      ? await sendPage(reply, errorPage(code, message))
      : await reply.send({ error: { code, message } });
  });
  app.setNotFoundHandler(() => {
    throw new ServeError(404, 'not-found', 'there is no such address');
  });

  app.get('/healthcheck', async (_request, reply) => {
    const state = engine.state();
    const isHealthy = state.kind === 'ready' && !stopping.aborted;
    const reason = stopping.aborted ? 'stopping' : state.kind === 'down' ? state.reason : state.kind;
    return await reply.code(isHealthy ? 200 : 503).send({
      healthy: isHealthy,
      ...(!isHealthy && { reason }),
      model: withDevice(deps.model, state),
      version: deps.version,
      queue: { waiting: engine.waiting(), running: engine.running() },
    });
  });
  app.get('/', async (_request, reply) => await sendPage(reply, dropPage()));
  app.get('/metrics', async (_request, reply) => {
    return await reply.type(metrics.contentType).send(await metrics.read());
  });
  const api = describeApi(deps.version, limits);
  app.get('/openapi.json', () => api);

  /** Room for one more request. @returns what gives it back. @throws ServeError 429, 503 */
  function admit(): () => void {
    const state = engine.state();
    if (stopping.aborted) throw new ServeError(503, 'stopping', 'the server stops');
    if (state.kind !== 'ready') {
      const reason = state.kind === 'down' ? state.reason : 'the engine starts';
      throw new ServeError(503, 'engine-ended', reason, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    if (admitted >= state.jobs + limits.maxWaiting) {
      throw new ServeError(429, 'busy', `${admitted} requests wait or run`, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    admitted += 1;
    return () => {
      admitted -= 1;
    };
  }

  async function judge(
    received: ReceivedVideo,
    onFrame: (framesScanned: number) => void,
    signal: AbortSignal,
  ): Promise<PredictAnswer> {
    const { num_frames: frames = Math.min(15, limits.maxFrames) } = received.settings;
    if (frames > limits.maxFrames) {
      throw new ServeError(400, 'request-invalid', `num_frames: at most ${limits.maxFrames}`);
    }
    const chosen = chooseModels(models, received.settings);
    const served = {
      video: videoOf(received.name),
      stamp: { byteLength: null, modifiedAt: null },
      url: null,
      frameNumbers: null,
      settings: {
        framesAsked: frames,
        sampling: 'linspace' as const,
        modelIds: chosen.map(({ modelId }) => modelId),
      },
    };
    const judged = await engine.judge(served, { files: [received.path], onFrame }, signal);
    return answerOf(judged, options.threshold);
  }

  app.post('/predict', async (request, reply) => {
    const release = admit();
    const own = await mkdtemp(join(folder, 'request-'));
    const leave = async (): Promise<void> => {
      release();
      await rm(own, { recursive: true, force: true, maxRetries: 3 });
    };
    let isLeftToJob = false;
    try {
      const late = AbortSignal.timeout(limits.requestSeconds * 1000);
      const limited = AbortSignal.any([late, stopping]);
      const gone = whenGone(reply);
      const signal = AbortSignal.any([limited, gone]);
      try {
        if (isAsync(request) && !hasBodyOfVideo(request)) {
          isLeftToJob = true;
          return await answerLater(async (onFrame, cancel) => {
            const either = AbortSignal.any([limited, cancel]);
            const received = await receiveVideo(request, { folder: own, options }, either);
            return await judge(received, onFrame, either);
          });
        }
        const received = await receiveVideo(request, { folder: own, options }, signal);
        if (!isAsync(request)) {
          const answer = await judge(received, () => undefined, signal);
          if (!wantsPage(request)) return answer;
          // The document has a policy of its own.
          return await reply.type(HTML).send(await engine.renderReport(answer.report, received.name));
        }
        isLeftToJob = true;
        return await answerLater((onFrame, cancel) =>
          judge(received, onFrame, AbortSignal.any([limited, cancel])),
        );
      } catch (error) {
        throw whyEnded(error, { late, stopping, gone });
      }

      async function answerLater(work: Parameters<typeof jobs.start>[0]): Promise<FastifyReply> {
        const id = jobs.start(async (onFrame, cancel) => {
          try {
            return await work(onFrame, cancel);
          } catch (error) {
            throw whyEnded(error, { late, stopping, gone: null });
          } finally {
            await leave();
          }
        });
        const location = `/jobs/${id}`;
        reply.header('location', location).header('preference-applied', 'respond-async');
        return await reply.code(202).send({ job: location });
      }
    } finally {
      if (!isLeftToJob) await leave();
    }
  });
  app.get<{ Params: { id: string } }>('/jobs/:id', async (request) => {
    const state = await jobs.get(request.params.id);
    if (state === null) throw new ServeError(404, 'not-found', 'there is no such job');
    return state;
  });
  app.delete<{ Params: { id: string } }>('/jobs/:id', async (request, reply) => {
    if (!jobs.cancel(request.params.id)) throw new ServeError(404, 'not-found', 'there is no such job');
    return await reply.code(204).send();
  });
  return app;
}

/** A converted network has a device that it is shaped for; where it runs, its self-test says. */
function withDevice(model: ServedModel, state: EngineState): ServedModel {
  const devices = state.kind === 'ready' ? [...new Set(state.devices)].join('+') : '';
  return devices === '' ? model : { ...model, device: devices };
}

/** A page of another site must not use a server of this machine: neither by its address nor by a name that leads to it. */
function refuseForeign({ headers }: FastifyRequest, { host, token }: ServeOptions): ServeError | null {
  const { host: asked = '', origin } = headers;
  const name = URL.parse(`http://${asked}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const isForeignName = token === null && isLoopback(host) && name !== 'localhost' && !isLoopback(name);
  const isForeignPage = origin !== undefined && URL.parse(origin)?.host !== asked;
  if (!isForeignName && !isForeignPage) return null;
  return new ServeError(403, 'foreign', 'the request is of another site');
}

/** The time that a comparison takes says nothing about the token. */
function refuseWithoutToken({ headers }: FastifyRequest, { token }: ServeOptions): ServeError | null {
  if (token === null) return null;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))) return null;
  return new ServeError(401, 'token-missing', 'the request needs the header Authorization: Bearer TOKEN');
}

/** RFC 7240. */
function isAsync({ headers }: FastifyRequest): boolean {
  return /(^|,)\s*respond-async\s*(;|,|$)/i.test([headers.prefer ?? []].flat().join());
}

function hasBodyOfVideo({ headers }: FastifyRequest): boolean {
  return !/^application\/json\b/i.test(headers['content-type'] ?? '');
}

/** A person's browser that has sent the form. */
function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.startsWith('text/html') === true;
}

async function sendPage(reply: FastifyReply, page: string): Promise<FastifyReply> {
  return await reply.header('content-security-policy', PAGE_POLICY).type(HTML).send(page);
}

/** Aborts when the client leaves before its answer. */
function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function whyEnded(
  error: unknown,
  {
    late,
    stopping,
    gone,
  }: { readonly late: AbortSignal; readonly stopping: AbortSignal; readonly gone: AbortSignal | null },
): unknown {
  if (stopping.aborted) return new ServeError(503, 'stopping', 'the server stops', { cause: error });
  if (late.aborted) {
    return new ServeError(503, 'late', 'the request has taken longer than this server allows', {
      cause: error,
    });
  }
  // The client does not read this answer; the metrics count it.
  const isGone = gone?.aborted === true;
  return isGone ? new ServeError(400, 'client-gone', 'the client has left', { cause: error }) : error;
}

function asServeError(error: unknown): ServeError {
  if (error instanceof ServeError) return error;
  const { statusCode, message, code } = error as { statusCode?: number; message: string; code?: string };
  // Fastify's own refusals: JSON that is none, a body or form beyond its limits, an unknown content type.
  if (statusCode !== undefined && statusCode < 500) {
    return new ServeError(statusCode, code ?? 'request-invalid', message, { cause: error });
  }
  return new ServeError(500, 'internal', 'the server has failed', { cause: error });
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function videoOf(name: string): PlannedVideo {
  return { path: name, name, klass: 'uncategorized', trueLabel: null, compression: null };
}

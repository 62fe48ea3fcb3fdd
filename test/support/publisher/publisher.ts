import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './publisher-answers.ts';
import type { AnswerDeps } from './publisher-answers.ts';
import { createBehaviourState } from './publisher-behaviour.ts';
import type { Behaviour } from './publisher-behaviour.ts';
import { createThrottle } from './publisher-body.ts';
import { describeFile } from './publisher-files.ts';
import type { FileContent, PublishedFile } from './publisher-files.ts';
import { createRequestLog } from './publisher-log.ts';
import type { ServedRequest } from './publisher-log.ts';
import { createLinkSigner } from './signed-links.ts';

/** A stand-in on the loopback interface for the publisher of the checkpoints: a hub, and the CDN behind it. */
export type Publisher = {
  /** `http://localhost:PORT`. The files lie at the paths of `files`. */
  readonly hubOrigin: string;
  /** `http://127.0.0.1:OTHER_PORT`: another origin, to which the hub redirects. */
  readonly cdnOrigin: string;
  /** Every request that came, in order. */
  readonly log: readonly ServedRequest[];
  /** Forgets the log, the bytes sent and the most requests; what is open stays open. */
  readonly clearLog: () => void;
  /**
   * Bytes of files that the CDN sent since the start or `clearLog`. If a client closed its connection, that is a few
   * hundred kilobytes more than it read: they were in the connection's buffers.
   */
  readonly sentByteLength: () => number;
  /** The most requests that were open at one time, on both hosts together. */
  readonly maxOpenRequests: () => number;
  /**
   * Changes the behaviour from now on; fields that are not named keep their values.
   * @throws TypeError, RangeError for a value that is no behaviour; Error for a file that is not there
   */
  readonly behave: (change: Partial<Behaviour>) => void;
  /** Closes every connection. Calling it again does nothing. */
  readonly close: () => Promise<void>;
};

export type PublisherOptions = {
  /**
   * The files by path: `/<owner>/<name>/resolve/<revision>/<file>`. Files on disk are streamed, never held in memory.
   */
  readonly files: Readonly<Record<string, FileContent>>;
  /** Ports of the hub and of the CDN, to start again on the ports of a former server. Default: free ones. */
  readonly port?: number;
  readonly cdnPort?: number;
  readonly behaviour?: Partial<Behaviour>;
};

const FILE_PATH = /^(\/[^/?#]+\/[^/?#]+\/resolve\/[^/?#]+\/)[^?#]+$/;
/**
 * Longer than any test holds a connection: if a server closed a connection at the wrong moment, that would be an
 * unintended fault.
 */
const KEEP_ALIVE_MILLISECONDS = 120_000;

/** @throws TypeError for a path or a behaviour that is none; Error for a file that is not there, or a port in use */
export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const files = new Map<string, PublishedFile>();
  const revisions = new Set<string>();
  for (const [path, content] of Object.entries(options.files)) {
    const [, revision] = FILE_PATH.exec(path) ?? [];
    if (revision === undefined) {
      throw new TypeError(`expected /<owner>/<name>/resolve/<revision>/<file>, found ${path}`);
    }
    files.set(path, describeFile(content, 0));
    revisions.add(revision);
  }
  const log = createRequestLog();
  const behaviour = createBehaviourState();
  let changedFile: { path: string; file: PublishedFile } | null = null;
  let changeCount = 0;
  const running = new Set<Promise<void>>();

  function behave(change: Partial<Behaviour>): void {
    const changed = change.changedFile;
    if (changed && !files.has(changed.path)) throw new TypeError(`no file is published at ${changed.path}`);
    const file = changed ? describeFile(changed.content, changeCount + 1) : null;
    behaviour.change(change);
    if (changed !== undefined) changedFile = changed && file && { path: changed.path, file };
    if (file !== null) changeCount += 1;
    if (change.refuseConnections === true) {
      hub.closeAllConnections();
      cdn.closeAllConnections();
    }
  }

  function startServer(host: 'hub' | 'cdn'): Server {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, (request, response) => {
      const run = serve(host, request, response)
        .catch((error: unknown) => {
          // No behaviour leads here. It is a fault of this server, and the test that meets it should show it.
          console.error(error);
          response.destroy();
        })
        .finally(() => running.delete(run));
      running.add(run);
    });
    server.on('connection', (socket) => {
      if (behaviour.current().refuseConnections) socket.destroy();
    });
    return server;
  }

  async function serve(
    host: 'hub' | 'cdn',
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const [rawPath = '', ...query] = (request.url ?? '').split('?');
    const path = decodePath(rawPath);
    const notes = log.open(host, request.method ?? '', path, request.headers.range);
    const connection = new AbortController();
    response.on('close', () => {
      notes.finished();
      connection.abort();
    });
    await answer(
      {
        host,
        request,
        response,
        path,
        query: new URLSearchParams(query.join('?')),
        notes,
        closed: connection.signal,
      },
      deps,
    );
  }

  const hub = startServer('hub');
  const cdn = startServer('cdn');

  const deps: AnswerDeps = {
    originOf: (host) =>
      host === 'hub' ? `http://localhost:${portOf(hub)}` : `http://127.0.0.1:${portOf(cdn)}`,
    behaviour,
    links: createLinkSigner(),
    throttle: createThrottle(() => behaviour.current().bytesPerSecond),
    find: (path) => (changedFile?.path === path ? changedFile.file : files.get(path)),
    hasRevision: (prefix) => revisions.has(prefix),
  };

  async function close(): Promise<void> {
    await Promise.all([closeServer(hub), closeServer(cdn)]);
    await Promise.all(running);
  }

  behave(options.behaviour ?? {});
  try {
    // The hub is started last, since it redirects to the CDN.
    await listen(cdn, options.cdnPort);
    await listen(hub, options.port);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    hubOrigin: deps.originOf('hub'),
    cdnOrigin: deps.originOf('cdn'),
    log: log.entries,
    clearLog: log.clear,
    sentByteLength: log.sentByteLength,
    maxOpenRequests: log.maxOpenRequests,
    behave,
    close,
  };
}

/** A path that is not well encoded is that of no file. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function listen(server: Server, port = 0): Promise<void> {
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', listening);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((closed) => {
    // An error only means that the server does not run.
    server.close(() => closed());
    server.closeAllConnections();
  });
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

export type LoopbackServer = {
  /** `http://localhost:PORT`: a secure context, so WebGPU is there. */
  origin: string;
  /** Serves the bytes at a new path, which it returns. */
  publish: (bytes: Uint8Array | Blob) => string;
  /** Forgets all published bytes. */
  withdrawAll: () => void;
  close: () => Promise<void>;
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  // WebAssembly.instantiateStreaming demands this type.
  '.wasm': 'application/wasm',
};

/** Serves folders (by URL prefix, the longest wins) and bytes from memory on a free port of 127.0.0.1. */
export async function startLoopbackServer(
  folders: Readonly<Record<string, string>>,
): Promise<LoopbackServer> {
  const published = new Map<string, Uint8Array | Blob>();
  let publishedCount = 0;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(404, { 'content-type': 'text/plain' }).end(String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const bytes = published.get(path);
    if (bytes !== undefined) {
      response.end(bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : bytes);
      return;
    }
    const file = locate(folders, path);
    const { size } = await stat(file);
    response.writeHead(200, {
      'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
      'content-length': size,
    });
    await pipeline(createReadStream(file), response);
  }

  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    publish: (bytes) => {
      const path = `/published/${publishedCount++}`;
      published.set(path, bytes);
      return path;
    },
    withdrawAll: () => published.clear(),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The file that a path stands for; an error if the path leads out of its folder. */
function locate(folders: Readonly<Record<string, string>>, path: string): string {
  const prefix = Object.keys(folders)
    .filter((candidate) => path.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  const folder = prefix === undefined ? undefined : folders[prefix];
  if (prefix === undefined || folder === undefined) throw new Error(`nothing is served at ${path}`);
  const file = resolve(folder, path.slice(prefix.length));
  if (!file.startsWith(`${folder}${sep}`)) throw new Error(`${path} leads out of its folder`);
  return file;
}

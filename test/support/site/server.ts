import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname, resolve, sep } from 'node:path';
import type { AddressInfo } from 'node:net';

/** A web site on the loopback interface, for tests and the demo. */
export type Site = {
  /** `http://localhost:PORT`: a secure context, so WebCodecs and WebGPU are there. */
  readonly origin: string;
  /** Requested paths in order, so that a test can tell the page's own requests from others. */
  readonly requestedPaths: readonly string[];
  /** Headers of the same requests. */
  readonly requestHeaders: readonly IncomingHttpHeaders[];
  readonly close: () => Promise<void>;
};

export type SiteContent = {
  /** Whole HTML documents by path: `{'/': '<!doctype html>…'}`; and scripts and drawings, whose paths end so. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Folders by path prefix: `{'/videos/': '.output/videos'}`. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Whether files may be read by pages of other origins: `Access-Control-Allow-Origin: *`. */
  readonly isCors?: boolean;
  /** Paths that are never answered, as by a server that hangs. */
  readonly silentPaths?: readonly string[];
  /** Addresses to which the server redirects paths. */
  readonly redirects?: Readonly<Record<string, string>>;
  /** Whether files are given only to pages that send a referrer, as hosts do that allow no links from elsewhere. */
  readonly wantsReferrer?: boolean;
  /** false: files are sent whole for any requested range, as simple servers do. */
  readonly hasRanges?: boolean;
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript',
  '.wasm': 'application/wasm',
  '.webm': 'video/webm',
};

/**
 * Serves pages and folders on a free port of the loopback interface, with `Range` as video players use it.
 * TypeScript files are served with their types stripped, so that a test's page can import them.
 */
export async function startSite(content: SiteContent): Promise<Site> {
  const { pages = {}, folders = {}, isCors = false, hasRanges = true, silentPaths = [] } = content;
  const { redirects = {}, wantsReferrer = false } = content;
  const requestedPaths: string[] = [];
  const requestHeaders: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    requestedPaths.push(path);
    requestHeaders.push(request.headers);
    if (silentPaths.includes(path)) return;
    answer(path, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });

  async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = pages[path];
    if (page !== undefined) {
      const extension = ['.js', '.svg'].find((ending) => path.endsWith(ending)) ?? '.html';
      response.writeHead(200, { 'content-type': CONTENT_TYPES[extension] }).end(page);
      return;
    }
    const elsewhere = redirects[path];
    if (elsewhere !== undefined) {
      response.writeHead(302, { location: elsewhere }).end();
      return;
    }
    if (wantsReferrer && request.headers.referer === undefined) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('forbidden');
      return;
    }
    const file = locate(path);
    const bytes = file === undefined ? undefined : await readIfThere(file);
    if (file === undefined || bytes === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
      return;
    }
    if (isCors) response.setHeader('access-control-allow-origin', '*');
    if (hasRanges) sendFile(file, bytes, request.headers.range, response);
    else response.writeHead(200, headersOf(file)).end(bytes);
  }

  function locate(path: string): string | undefined {
    for (const [prefix, folder] of Object.entries(folders)) {
      if (!path.startsWith(prefix)) continue;
      const root = resolve(folder);
      const file = resolve(root, path.slice(prefix.length));
      if (file.startsWith(root + sep)) return file;
    }
    return undefined;
  }

  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    requestedPaths,
    requestHeaders,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(file);
    return extname(file) === '.ts' ? Buffer.from(stripTypeScriptTypes(bytes.toString())) : bytes;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) {
      return undefined;
    }
    throw error;
  }
}

function headersOf(file: string): Readonly<Record<string, string>> {
  return {
    'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
    'cache-control': 'no-store',
  };
}

function sendFile(file: string, bytes: Buffer, range: string | undefined, response: ServerResponse): void {
  const headers = { ...headersOf(file), 'accept-ranges': 'bytes' };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (!asked) {
    response.writeHead(200, { ...headers, 'content-length': bytes.byteLength }).end(bytes);
    return;
  }
  const first = Number(asked[1]);
  const last = Math.min(asked[2] ? Number(asked[2]) : Infinity, bytes.byteLength - 1);
  if (first > last) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` }).end();
    return;
  }
  response
    .writeHead(206, {
      ...headers,
      'content-range': `bytes ${first}-${last}/${bytes.byteLength}`,
      'content-length': last - first + 1,
    })
    .end(bytes.subarray(first, last + 1));
}

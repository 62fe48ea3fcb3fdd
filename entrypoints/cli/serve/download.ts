import { lookup } from 'node:dns/promises';
import { createWriteStream } from 'node:fs';
import { request as requestHttp } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { isPublicAddress } from './public-address.ts';
import { limitBytes, tooLarge } from './limit-bytes.ts';
import { ServeError } from './serve-error.ts';

/** Hosts of videos lead on once or twice. */
const MAX_REDIRECTS = 5;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];
const MAX_ADDRESS_CHARACTERS = 4096;

export type DownloadOptions = {
  /** The file that is written. */
  readonly path: string;
  readonly maxBytes: number;
  /** Names of hosts that may have any address. */
  readonly allowedHosts: readonly string[];
  /** Of a host's name; for tests. */
  readonly resolveHost?: (hostname: string) => Promise<readonly { address: string; family: number }[]>;
};

/**
 * Downloads a video. Each host, after each redirect too, is resolved once: its addresses are checked, and the connection goes to
 * a checked one. Neither cookies nor credentials are sent, and no proxy is used.
 * @throws ServeError 400 for an address that may not be read, 413, 422 with what the other server says; AbortError
 */
export async function downloadVideo(
  address: string,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<void> {
  let url = parseAddress(address);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await get(url, options, signal);
    try {
      if (REDIRECTS.includes(response.statusCode)) {
        url = parseAddress(response.headers.location ?? '', url);
        continue;
      }
      await save(response, options, signal);
      return;
    } finally {
      response.destroy();
    }
  }
  throw new ServeError(422, 'source-refused', `the address leads on more than ${MAX_REDIRECTS} times`);
}

/** @throws ServeError 400 */
function parseAddress(text: string, base?: URL): URL {
  const url = text.length > MAX_ADDRESS_CHARACTERS ? null : URL.parse(text, base);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new ServeError(400, 'address-refused', 'file_path is no http or https address');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ServeError(400, 'address-refused', 'the address has a name or a password');
  }
  return url;
}

async function get(url: URL, options: DownloadOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const mayBeAny = options.allowedHosts.includes(hostname);
  const addresses = await resolveHost(hostname, options);
  signal.throwIfAborted();
  const refused = mayBeAny ? undefined : addresses.find((each) => !isPublicAddress(each.address));
  if (refused !== undefined) throw notPublic(hostname);
  const [first] = addresses;
  if (first === undefined) throw new ServeError(422, 'source-failed', `${hostname} has no address`);
  // Node asks this function and no resolver: a second answer of the name's server is never seen.
  const checkedLookup: LookupFunction = (_name, { all }, done) => {
    if (all === true) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
  const requestOptions: RequestOptions = {
    agent: false,
    lookup: checkedLookup,
    headers: { accept: 'video/*, application/octet-stream', 'accept-encoding': 'identity' },
    signal,
  };
  return await new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, requestOptions);
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        if (!mayBeAny && !isPublicAddress(socket.remoteAddress ?? '')) request.destroy(notPublic(hostname));
      });
    });
    request.once('response', (response) => {
      // What is wrong with its body is said where it is read.
      response.on('error', () => undefined);
      resolve(response);
    });
    request.on('error', (error) => reject(asServeError(error, signal)));
    request.end();
  });
}

async function resolveHost(
  hostname: string,
  { resolveHost: resolve }: DownloadOptions,
): Promise<readonly { address: string; family: number }[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  try {
    return await (resolve === undefined ? lookup(hostname, { all: true }) : resolve(hostname));
  } catch (cause) {
    throw new ServeError(422, 'source-failed', `${hostname} can’t be resolved`, { cause });
  }
}

async function save(
  response: IncomingMessage,
  { path, maxBytes }: DownloadOptions,
  signal: AbortSignal,
): Promise<void> {
  const { statusCode, headers } = response;
  if (statusCode !== 200) {
    throw new ServeError(422, 'source-refused', `the video’s server answers ${statusCode ?? 'nothing'}`);
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ServeError(422, 'source-refused', 'the video’s server compresses what was asked for as it is');
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  try {
    await pipeline(response, limitBytes(maxBytes), createWriteStream(path, { mode: 0o600 }), { signal });
  } catch (error) {
    throw asServeError(error, signal);
  }
}

function notPublic(hostname: string): ServeError {
  return new ServeError(400, 'address-refused', `${hostname} is no address of the public internet`);
}

/** An abort stays one. */
function asServeError(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof ServeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ServeError(422, 'source-failed', `the video’s server: ${message}`, { cause: error });
}

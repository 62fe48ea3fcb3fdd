import { createWriteStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { isVideoPath } from '../../../models/evaluation/dataset-layouts.ts';
import { downloadVideo } from './download.ts';
import { limitBytes } from './limit-bytes.ts';
import type { ServeOptions } from './options.ts';
import { parseRequest, parseTextSettings, predictBodySchema } from './predict-request.ts';
import type { PredictSettings } from './predict-request.ts';
import { ServeError } from './serve-error.ts';

/** A video on the disk. */
export type ReceivedVideo = {
  readonly path: string;
  /** For the report; the sender's word. */
  readonly name: string;
  readonly settings: PredictSettings;
};

/** As file systems allow. */
const MAX_NAME_CHARACTERS = 200;

/**
 * Takes the video of a request into a folder of the request's own: from an address, from a form, or as the body itself.
 * @throws ServeError 400, 413, 415, 422; AbortError
 */
export async function receiveVideo(
  request: FastifyRequest,
  { folder, options }: { readonly folder: string; readonly options: ServeOptions },
  signal: AbortSignal,
): Promise<ReceivedVideo> {
  if (request.isMultipart()) return await receiveForm(request, { folder, options }, signal);
  if (isStream(request.body)) {
    const path = join(folder, 'video');
    await save(request.body, { path, maxBytes: options.limits.maxBytes }, signal);
    return { path, name: 'video', settings: parseTextSettings(request.query as Record<string, unknown>) };
  }
  const { file_path: given, ...settings } = parseRequest(predictBodySchema, request.body);
  if (isAbsolute(given)) {
    return { path: await requireAllowedPath(given, options), name: basename(given), settings };
  }
  const name = nameOfAddress(given);
  const path = join(folder, fileNameOf(name));
  const { limits, allowedHosts } = options;
  await downloadVideo(given, { path, maxBytes: limits.maxBytes, allowedHosts }, signal);
  return { path, name, settings };
}

async function receiveForm(
  request: FastifyRequest,
  { folder, options }: { readonly folder: string; readonly options: ServeOptions },
  signal: AbortSignal,
): Promise<ReceivedVideo> {
  const fields: Record<string, unknown> = {};
  let video: { readonly path: string; readonly name: string } | null = null;
  for await (const part of request.parts()) {
    signal.throwIfAborted();
    if (part.type === 'field') {
      fields[part.fieldname] = part.value;
      continue;
    }
    // A part of bytes may come without a name, which the parser's type does not tell.
    const { filename = 'video' } = part as { readonly filename?: string };
    const name = basename(filename).slice(-MAX_NAME_CHARACTERS);
    const path = join(folder, fileNameOf(name));
    await save(part.file, { path, maxBytes: options.limits.maxBytes }, signal);
    video = { path, name };
  }
  if (video === null) throw new ServeError(400, 'request-invalid', 'the form has no file');
  return { ...video, settings: parseTextSettings(fields) };
}

async function save(
  body: Readable,
  { path, maxBytes }: { readonly path: string; readonly maxBytes: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    await pipeline(body, limitBytes(maxBytes), createWriteStream(path, { mode: 0o600 }), { signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ServeError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new ServeError(400, 'upload-broken', 'the upload has ended before its end', { cause: error });
  }
}

/** The end of a name tells the browser the container; nothing else of the sender's name reaches the disk. */
function fileNameOf(name: string): string {
  return isVideoPath(name) ? `video${extname(name).toLowerCase()}` : 'video';
}

function nameOfAddress(address: string): string {
  const path = URL.parse(address)?.pathname ?? '';
  return basename(path).slice(-MAX_NAME_CHARACTERS) || 'video';
}

/** @throws ServeError 400, the same for what is not allowed and for what is not there */
async function requireAllowedPath(
  given: string,
  { allowedFolders, limits }: Pick<ServeOptions, 'allowedFolders' | 'limits'>,
): Promise<string> {
  const path = await realpath(given).catch(() => null);
  for (const folder of allowedFolders) {
    const real = await realpath(folder).catch(() => null);
    if (path === null || real === null || !path.startsWith(real.endsWith(sep) ? real : real + sep)) continue;
    const facts = await stat(path);
    if (!facts.isFile()) continue;
    if (facts.size > limits.maxBytes) throw new ServeError(413, 'too-large', 'the file is too large');
    return path;
  }
  throw new ServeError(400, 'path-refused', 'file_path is no address, and no file below an --allow-path');
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}

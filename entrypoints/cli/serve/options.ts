import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { MAX_FRAMES_OF_FILE } from '../../../models/frames/file-source.ts';
import { GRAPH_DEVICES } from '../../../utils/domain/model.ts';
import type { GraphDevice } from '../../../utils/domain/model.ts';
import { parseQueueAddress } from '../job-queue.ts';
import { parseChoice, parseCommandLine, parseNumber, UsageError } from '../command-line.ts';

/** Each has a flag and a default that is stated in the usage. */
export type ServeLimits = {
  /** Of an upload or a download. */
  readonly maxBytes: number;
  /** From the first byte of a request to its answer. */
  readonly requestSeconds: number;
  /** Requests that are uploaded, downloaded or wait, beside those that are judged. */
  readonly maxWaiting: number;
  readonly maxFrames: number;
  /** For running requests, after SIGTERM. */
  readonly graceSeconds: number;
};

export type ServeOptions = {
  readonly modelFolders: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly device: GraphDevice | null;
  readonly jobs: number | null;
  /** FAKE from here on; null for the class that the original gives, which is the same at .5. */
  readonly threshold: number;
  /** null for a browser of this process. */
  readonly queue: { readonly address: string; readonly videos: string } | null;
  readonly token: string | null;
  readonly allowedHosts: readonly string[];
  readonly allowedFolders: readonly string[];
  readonly limits: ServeLimits;
};

const DEFAULTS = {
  host: '127.0.0.1',
  port: '8000',
  threshold: '0.5',
  'max-bytes': '500000000',
  'request-seconds': '300',
  'max-waiting': '16',
  'max-frames': '150',
  'grace-seconds': '10',
} as const;

export const USAGE = `Answers over HTTP as the original's server does, with the extension in a headless Chromium of its own.

npm run serve -- --model DIR [--model DIR] [--host ADDRESS] [--port N] [--device ${GRAPH_DEVICES.join('|')}] [--jobs N]
  [--queue ADDRESS --videos DIR] [--threshold X] [--token-file FILE] [--allow-host NAME] [--allow-path DIR] [limits]

  --model            a folder of npm run convert, for each network (MODEL_DIR: with ':' between several)
  --host             (SERVER_HOST, ${DEFAULTS.host}); any other than loopback needs --token-file
  --port             (SERVING_PORT or SERVER_PORT, ${DEFAULTS.port}; 0 for any free one)
  --device           where the networks run (as the model's self-test chooses)
  --jobs             videos at the same time (one for each spare core, as the memory allows)
  --threshold        "prediction" is FAKE for a higher df_probability (${DEFAULTS.threshold}, the original's)
  --token-file       the first line is a token, without which only /healthcheck is answered (TOKEN_FILE)
  --queue            redis://HOST: the workers of this Redis server judge (npm run worker)
  --videos           with --queue: a folder that the workers are given, too; the videos of requests pass through it
  --allow-host       a host name whose videos may be read wherever it leads; may be given several times
  --allow-path       a folder whose videos may be named in file_path; may be given several times
  --max-bytes        of an upload or a download (${DEFAULTS['max-bytes']})
  --request-seconds  from a request's first byte to its answer (${DEFAULTS['request-seconds']})
  --max-waiting      requests beside those that are judged; more are answered 429 (${DEFAULTS['max-waiting']})
  --max-frames       of num_frames (${DEFAULTS['max-frames']})
  --grace-seconds    for running requests, after SIGTERM (${DEFAULTS['grace-seconds']})`;

/** @throws UsageError; the system's error for a token file that can't be read */
export async function parseServeOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServeOptions> {
  const { values } = parseCommandLine({
    args: [...args],
    options: {
      model: { type: 'string', multiple: true },
      host: { type: 'string', default: env.SERVER_HOST ?? DEFAULTS.host },
      port: { type: 'string', default: env.SERVING_PORT ?? env.SERVER_PORT ?? DEFAULTS.port },
      device: { type: 'string' },
      jobs: { type: 'string' },
      threshold: { type: 'string', default: DEFAULTS.threshold },
      queue: { type: 'string' },
      videos: { type: 'string' },
      'token-file': { type: 'string' },
      'allow-host': { type: 'string', multiple: true },
      'allow-path': { type: 'string', multiple: true },
      'max-bytes': { type: 'string', default: DEFAULTS['max-bytes'] },
      'request-seconds': { type: 'string', default: DEFAULTS['request-seconds'] },
      'max-waiting': { type: 'string', default: DEFAULTS['max-waiting'] },
      'max-frames': { type: 'string', default: DEFAULTS['max-frames'] },
      'grace-seconds': { type: 'string', default: DEFAULTS['grace-seconds'] },
    },
  });
  const modelFolders = values.model ?? env.MODEL_DIR?.split(':').filter((each) => each !== '') ?? [];
  const tokenFile = values['token-file'] ?? env.TOKEN_FILE;
  const token =
    tokenFile === undefined ? null : (await readFile(tokenFile, 'utf8')).split(/\r?\n/)[0]!.trim();
  if (token === '') throw new UsageError('the token file is empty');
  const host = values.host === 'localhost' ? DEFAULTS.host : values.host;
  if (isIP(host) === 0) throw new UsageError(`--host ${host}: expected an IP address`);
  if (token === null && !isLoopback(host)) {
    throw new UsageError(
      `--host ${host} needs --token-file: without one the server listens on loopback only`,
    );
  }
  if ((values.queue === undefined) !== (values.videos === undefined)) {
    throw new UsageError('--queue ADDRESS and --videos DIR go together');
  }
  if (values.queue !== undefined && values.jobs !== undefined) {
    throw new UsageError('--jobs is for each worker to say');
  }
  return {
    modelFolders,
    host,
    port: parseNumber('port', values.port, { min: 0, max: 65_535 }),
    device: values.device === undefined ? null : parseChoice('device', values.device, GRAPH_DEVICES),
    // More browsers' Workers than any machine has cores for.
    jobs: values.jobs === undefined ? null : parseNumber('jobs', values.jobs, { min: 1, max: 256 }),
    threshold: parseShare('threshold', values.threshold),
    queue:
      values.queue === undefined
        ? null
        : { address: parseQueueAddress(values.queue), videos: resolve(values.videos!) },
    token,
    allowedHosts: (values['allow-host'] ?? []).map((name) => name.toLowerCase()),
    allowedFolders: (values['allow-path'] ?? []).map((folder) => resolve(folder)),
    limits: {
      maxBytes: parseNumber('max-bytes', values['max-bytes'], { min: 1, max: Number.MAX_SAFE_INTEGER }),
      requestSeconds: parseNumber('request-seconds', values['request-seconds'], { min: 1, max: 86_400 }),
      maxWaiting: parseNumber('max-waiting', values['max-waiting'], { min: 0, max: 10_000 }),
      maxFrames: parseNumber('max-frames', values['max-frames'], { min: 1, max: MAX_FRAMES_OF_FILE }),
      graceSeconds: parseNumber('grace-seconds', values['grace-seconds'], { min: 0, max: 3600 }),
    },
  };
}

/** @param host an address or a name: `127.evil.example` is anybody's */
export function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function parseShare(name: string, text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= 0 && value <= 1)) throw new UsageError(`--${name} ${text}: expected a number from 0 to 1`);
  return value;
}

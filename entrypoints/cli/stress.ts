import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';
import { DetectorError } from '../../utils/domain/errors.ts';
import { parseCommandLine, parseCount, print, runCommand, UsageError } from './command-line.ts';
import { isLoopback } from './serve/options.ts';

const DEFAULTS = { url: 'http://127.0.0.1:8000', seconds: '30', connections: '8' } as const;
/** Longer and wider, it would be an attack. */
const MAX_SECONDS = 900;
const MAX_CONNECTIONS = 256;
/** A queue of videos takes its time. */
const TIMEOUT_SECONDS = 600;

const USAGE = `Sends a server of npm run serve one request after the other, and prints what came of it as JSON.

npm run stress -- [--url ADDRESS] [--seconds N] [--connections N] [--file VIDEO] [--token-file FILE] [--remote]

  --url          of the server (${DEFAULTS.url})
  --seconds      at most ${MAX_SECONDS} (${DEFAULTS.seconds})
  --connections  at the same time, at most ${MAX_CONNECTIONS} (${DEFAULTS.connections})
  --file         the video of each request; without one, /healthcheck is asked
  --remote       the server is on another computer, and yours to load`;

await runCommand(USAGE, async (args, signal) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: {
      url: { type: 'string', default: DEFAULTS.url },
      seconds: { type: 'string', default: DEFAULTS.seconds },
      connections: { type: 'string', default: DEFAULTS.connections },
      file: { type: 'string' },
      'token-file': { type: 'string' },
      remote: { type: 'boolean', default: false },
    },
  });
  const url = URL.parse(values.url);
  if (url === null) throw new UsageError(`--url ${values.url}: no address`);
  const { hostname, origin } = url;
  if (!values.remote && hostname !== 'localhost' && !isLoopback(hostname.replace(/^\[|\]$/g, ''))) {
    throw new UsageError(`--url ${values.url} is another computer: --remote says that it is yours to load`);
  }
  const seconds = parseCount('seconds', values.seconds, MAX_SECONDS);
  const connections = parseCount('connections', values.connections, MAX_CONNECTIONS);
  const file = values.file === undefined ? null : await readFile(values.file);
  const token =
    values['token-file'] === undefined ? null : (await readFile(values['token-file'], 'utf8')).trim();
  const headers = { ...(token !== null && { authorization: `Bearer ${token}` }) };

  const before = await readMemory(origin, headers);
  const times: number[] = [];
  const answers: Record<string, number> = {};
  const options = {
    url: file === null ? `${origin}/healthcheck` : `${origin}/predict`,
    connections,
    duration: seconds,
    timeout: TIMEOUT_SECONDS,
    ...(file === null
      ? { headers }
      : {
          method: 'POST' as const,
          body: file,
          headers: { ...headers, 'content-type': 'application/octet-stream' },
        }),
  };
  const { errors, timeouts, duration } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error: unknown, result) => {
      if (error instanceof Error) reject(error);
      else resolve(result);
    });
    run.on('response', (_client, status, _bytes, milliseconds) => {
      answers[status] = (answers[status] ?? 0) + 1;
      if (status < 300) times.push(milliseconds);
    });
    signal.addEventListener('abort', () => run.stop());
  });
  times.sort((one, other) => one - other);
  const at = (part: number): number | null => times[Math.max(0, Math.ceil(part * times.length) - 1)] ?? null;
  const result = {
    url: origin,
    seconds: duration,
    connections,
    good: times.length,
    goodPerSecond: times.length / duration,
    latencyMilliseconds: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    answersByStatus: answers,
    connectionErrors: errors - timeouts,
    timeouts,
    memoryBytes: { before, after: await readMemory(origin, headers) },
  };
  await print(`${JSON.stringify(result, null, 2)}\n`);
});

/** Of the server's process and of its browser; null where the server does not say. */
async function readMemory(
  origin: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly server: number | null; readonly browser: number | null }> {
  const text = await fetch(`${origin}/metrics`, { headers }).then(
    (response) => response.text(),
    (cause: unknown) => {
      throw new DetectorError('unreachable', `${origin}: no server answers`, { cause });
    },
  );
  const read = (name: string): number | null => {
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    return found === undefined ? null : Number(found);
  };
  return { server: read('process_resident_memory_bytes'), browser: read('trueframe_browser_memory_bytes') };
}

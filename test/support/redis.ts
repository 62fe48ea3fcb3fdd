import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from './chromium.ts';

export type RunningRedis = {
  readonly port: number;
  readonly address: string;
  readonly close: () => Promise<void>;
};

/**
 * Why the tests of the queue are skipped; null where Debian's redis-server is there or can be installed, as Chromium is.
 * The reason is printed.
 */
export async function whyNoRedis(): Promise<string | null> {
  try {
    await ensureDebianPackages(['redis-server'], ['redis-server']);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`skipped: the tests of the queue. ${reason}`);
    return reason;
  }
}

/**
 * Starts a Redis server on the loopback, with a folder of its own. `close` ends it at once, with all that it holds.
 * @param givenPort of an earlier server, in whose place it comes; else a free one
 */
export async function startRedis(givenPort?: number): Promise<RunningRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = givenPort ?? (await findFreePort());
  const server = spawn(
    'redis-server',
    // Nothing is written to the disk.
    ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(server, 'exit');
  let output = '';
  await new Promise<void>((ready, failed) => {
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Ready to accept connections')) ready();
    });
    void ended.then(() => failed(new Error(`redis-server has ended: ${output}`)), failed);
  });
  return {
    port,
    address: `redis://127.0.0.1:${port}`,
    close: async () => {
      server.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

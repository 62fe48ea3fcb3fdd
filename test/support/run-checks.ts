import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { REPOSITORY } from './build-once.ts';

/** Of the source, without running it. Each is a script of package.json that needs one core; the longest begins. */
const CHECKS = ['lint:code', 'types', 'format:check', 'dead-code', 'lint:locales'] as const;
/** With this word, the videos of the tests are made meanwhile: that too is work for one core. */
const VIDEOS_WORD = '--and-videos';
/** More at a time would only make the longest one longer. */
const AT_ONCE = Math.max(2, availableParallelism());

/** Its output comes in one piece when it has ended. */
async function isGood(script: string): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => output.push(bytes));
  const code = await new Promise<number | null>((ended, failed) =>
    child.once('close', ended).once('error', failed),
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} npm run ${script} (${seconds} s)\n`);
  process.stdout.write(Buffer.concat(output));
  return code === 0;
}

const waiting: string[] = [...CHECKS, ...(process.argv.includes(VIDEOS_WORD) ? ['test:videos'] : [])];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) {
      if (!(await isGood(script))) process.exitCode = 1;
    }
  }),
);

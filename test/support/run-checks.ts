import { spawn } from 'node:child_process';
import { REPOSITORY } from './build-once.ts';

/** Of the source, without running it. Each is a script of package.json that needs one core. */
const CHECKS = ['types', 'lint:code', 'dead-code', 'lint:locales', 'format:check'] as const;

/** Its output comes in one piece when it has ended. */
async function run(script: string): Promise<{ readonly script: string; readonly isGood: boolean }> {
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
  return { script, isGood: code === 0 };
}

const failed = (await Promise.all(CHECKS.map(run))).filter(({ isGood }) => !isGood);
if (failed.length > 0) process.exitCode = 1;

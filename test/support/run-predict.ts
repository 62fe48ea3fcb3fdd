import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { REPOSITORY } from './build-once.ts';
import { findOrInstallChromium } from './chromium.ts';

const CLI_FOLDER = resolve(REPOSITORY, 'entrypoints/cli');

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type RunningPredict = {
  readonly pid: number;
  /** What it has said until now. */
  readonly output: () => Omit<Ended, 'code'>;
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
};

/** Starts `npm run predict` as a process of its own. */
export function startPredict(...args: readonly string[]): Promise<RunningPredict> {
  return startCommand('predict', args);
}

/** Starts one of the commands that open a browser. */
export async function startCommand(
  name: 'predict' | 'worker' | 'extract-faces',
  args: readonly string[],
): Promise<RunningPredict> {
  const env = { ...process.env, TRUEFRAME_CHROMIUM: await findOrInstallChromium() };
  const child = spawn(process.execPath, [resolve(CLI_FOLDER, `${name}.ts`), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code) => done({ code, ...texts }));
  });
  return { pid: child.pid!, output: () => ({ ...texts }), ended, kill: (signal) => void child.kill(signal) };
}

export async function predict(...args: readonly string[]): Promise<Ended> {
  return await (
    await startPredict(...args)
  ).ended;
}

/** How many reports a run has written. */
export async function countReports(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

/** Resolves when so many reports are there, or the command has ended. */
export async function untilReports(path: string, count: number, { ended }: RunningPredict): Promise<void> {
  const over = new AbortController();
  void ended.then(() => over.abort());
  while (!over.signal.aborted && (await countReports(path)) < count) {
    await new Promise((elapsed) => setTimeout(elapsed, 20));
  }
}

/** Process ids of the browser that a command has started, found by its profile's name. */
export async function browserOf({ pid }: RunningPredict): Promise<readonly number[]> {
  const found: number[] = [];
  for (const path of globSync('/proc/[0-9]*/cmdline')) {
    const line = await readFile(path, 'utf8').catch(() => '');
    if (line.includes(`trueframe-command-${String(pid)}-`)) found.push(Number(path.split('/')[2]));
  }
  return found;
}

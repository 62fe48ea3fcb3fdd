import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { escapeUnshown } from '../../models/checkpoint/read/foreign-text.ts';
import { MAX_FRAMES_OF_FILE } from '../../models/frames/file-source.ts';
import { DetectorError } from '../../utils/domain/errors.ts';

/** The user's words on the command line are off: shown with the usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;
/** What the shell expects of a program that a signal ended: 128 and the signal's number. */
const STOPPING_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command: Ctrl-C aborts its signal, and the second one ends the process at once; a DetectorError, or what the system says of a file (no room, no permission),
 * becomes one line on stderr and exit code 1; wrong words become the usage and exit code 2. Anything else is a bug and
 * keeps its stack.
 */
export async function runCommand(
  usage: string,
  run: (args: readonly string[], signal: AbortSignal) => Promise<void>,
  stoppedText: () => string = () => 'stopped; nothing was left behind',
): Promise<void> {
  const args = process.argv.slice(2);
  // Writing to stdout says what failed in its own callback. Without stderr nothing can be said, and the work goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const stopped = new AbortController();
  let stoppedCode = 0;
  for (const [name, code] of Object.entries(STOPPING_SIGNALS)) {
    process.once(name, () => {
      stoppedCode = code;
      stopped.abort();
    });
  }
  try {
    if (args.includes('--help') || args.includes('-h')) await print(`${usage}\n`);
    else await run(args, stopped.signal);
  } catch (error) {
    if (stopped.signal.aborted) {
      process.stderr.write(`\n${stoppedText()}\n`);
      process.exitCode = stoppedCode;
    } else if (error instanceof UsageError) {
      process.stderr.write(`${printable(error.message)}\n\n${usage}\n`);
      process.exitCode = EXIT_USAGE;
    } else if (error instanceof DetectorError) {
      process.stderr.write(`${error.code}: ${oneLine(error.message)}\n`);
      process.exitCode = EXIT_FAILED;
    } else if (isSystemError(error)) {
      // The reader of the output has had enough of it (`| head`).
      if (error.code === 'EPIPE') return;
      process.stderr.write(`${oneLine(error.message)}\n`);
      process.exitCode = EXIT_FAILED;
    } else {
      throw error;
    }
  }
}

/** Writes the command's result. @throws the system's error where it can't be written: no room, or no reader any more */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Names of files come from anybody: what a terminal would obey is escaped. */
export function printable(text: string): string {
  return escapeUnshown(text);
}

/** JSON leaves what a terminal obeys beyond ASCII, and marks that turn the reading direction; escapes mean the same. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** ONNX Runtime's reasons have several. */
function oneLine(message: string): string {
  return printable(message.trim().replaceAll(/\s*[\r\n]+\s*/g, ' '));
}

/** https://nodejs.org/api/errors.html#class-systemerror: its message names the error, the call and the path. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** node:util's parseArgs, strict, whose complaints become usage errors; an option that only its last value would count of, too. */
export function parseCommandLine<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    const { tokens } = parseArgs({ ...config, tokens: true });
    const seen = new Set<string>();
    for (const token of tokens ?? []) {
      if (token.kind !== 'option' || config.options?.[token.name]?.multiple === true) continue;
      if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice`);
      seen.add(token.name);
    }
    return parseArgs(config);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws UsageError unless the value is one of the choices */
export function parseChoice<const T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`--${name} ${value}: expected ${choices.join(', ')}`);
  return found;
}

/** @throws UsageError unless the value is a whole number from 1 to `max` */
export function parseCount(name: string, text: string, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new UsageError(`--${name} ${text}: expected a number from 1 to ${max}`);
  return value;
}

/** Frames of each video; null for all. @throws UsageError */
export function parseFrames(text: string): number | null {
  return text === 'all' ? null : parseCount('frames', text, MAX_FRAMES_OF_FILE);
}

import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { DetectorError } from '../../utils/domain/errors.ts';

/** The user's words on the command line are off: shown with the usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the shell expects of a program that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;
const EXIT_USAGE = 2;
const EXIT_FAILED = 1;

/**
 * Runs a command: Ctrl-C aborts its signal; a DetectorError, or what the system says of a file (no room, no permission),
 * becomes one line on stderr and exit code 1; wrong words become the usage and exit code 2. Anything else is a bug and
 * keeps its stack.
 */
export async function runCommand(
  usage: string,
  run: (args: readonly string[], signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const args = process.argv.slice(2);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read the output has had enough of it (`| head`).
    if (error.code !== 'EPIPE') throw error;
  });
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  process.once('SIGTERM', () => {
    interrupted.abort();
  });
  try {
    await run(args, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.stderr.write('\nstopped; nothing was left behind\n');
      process.exitCode = EXIT_INTERRUPTED;
    } else if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${usage}\n`);
      process.exitCode = EXIT_USAGE;
    } else if (error instanceof DetectorError) {
      process.stderr.write(`${error.code}: ${oneLine(error.message)}\n`);
      process.exitCode = EXIT_FAILED;
    } else if (isSystemError(error)) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = EXIT_FAILED;
    } else {
      throw error;
    }
  }
}

/** ONNX Runtime's reasons have several. */
function oneLine(message: string): string {
  return message.trim().replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/** https://nodejs.org/api/errors.html#class-systemerror: its message names the error, the call and the path. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

/** node:util's parseArgs, strict, whose complaints become usage errors. */
export function parseCommandLine<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws UsageError unless the value is one of the choices */
export function parseChoice<const T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`--${name} ${value}: expected ${choices.join(', ')}`);
  return found;
}

import { MAX_PICKLE_LONG_BYTES } from './limits.ts';
import { type PickleMachine, malformed, tooLarge } from './pickle-stack.ts';

/** Values that protocols 0 and 1 write as lines of text (CPython, Lib/pickletools.py). */

/** INT: a number, or `00` and `01` for False and True. */
export function readIntLine(line: string, machine: PickleMachine): boolean | number | bigint {
  if (line === '00' || line === '01') return line === '01';
  return readLongLine(line, machine);
}

/** LONG: a decimal number, with an L behind it in Python 2. */
export function readLongLine(line: string, machine: PickleMachine): number | bigint {
  const digits = /^(-?\d+)L?$/.exec(line)?.[1];
  if (digits === undefined) throw malformed(machine, 'expected a decimal number');
  // Two decimal digits take less than a byte.
  if (digits.length > 2 * MAX_PICKLE_LONG_BYTES) {
    throw tooLarge(machine, `a number of ${digits.length} digits`);
  }
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

/** FLOAT: what Python's repr writes. */
export function readFloatLine(line: string, machine: PickleMachine): number {
  const words: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };
  const number = Object.hasOwn(words, line) ? words[line]! : /^-?[\d.]/.test(line) ? Number(line) : undefined;
  if (number === undefined || (Number.isNaN(number) && line !== 'nan')) {
    throw malformed(machine, 'expected a decimal number');
  }
  return number;
}

/** UNICODE: Python's raw-unicode-escape, in which a backslash stands for itself unless u and digits follow. */
export function unescapeUnicode(line: string): string {
  return line.replaceAll(/\\u([\da-fA-F]{4})|\\U(0010[\da-fA-F]{4}|000[\da-fA-F]{5})/g, (_all, short, long) =>
    String.fromCodePoint(Number.parseInt(String(short ?? long), 16)),
  );
}

/** STRING: Python 2's repr. Names of weights have nothing to be escaped, so that escapes stay as they are. */
export function unquote(line: string): string {
  return /^(['"])(.*)\1$/s.exec(line)?.[2] ?? line;
}

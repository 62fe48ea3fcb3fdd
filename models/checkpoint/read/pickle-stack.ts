import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from './foreign-text.ts';
import type { PickleCursor } from './pickle-cursor.ts';
import type { PickleValue, StorageInfo } from './tensor-info.ts';

/** The stack, the memo and the position of a running pickle. */
export type PickleMachine = {
  readonly cursor: PickleCursor;
  readonly stack: PickleValue[];
  /** Heights of the stack at each MARK. */
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
  readonly storages: Map<string, StorageInfo>;
  dictCount: number;
  tensorCount: number;
  /** Offset and name of the present opcode. */
  at: number;
  opcode: string;
};

/** BINGET and LONG_BINGET. */
export function recall(machine: PickleMachine, index: number): PickleValue {
  const value = machine.memo.get(index);
  if (value === undefined) throw malformed(machine, `memo entry ${index} was never set`);
  return value;
}

/** Values below the last MARK belong to an outer level and cannot be taken. */
export function popMany(machine: PickleMachine, count: number): PickleValue[] {
  const floor = machine.marks.at(-1) ?? 0;
  if (machine.stack.length - count < floor) throw malformed(machine, 'not enough values on the stack');
  return machine.stack.splice(machine.stack.length - count, count);
}

/** The topmost value, taken off. */
export function pop(machine: PickleMachine): PickleValue {
  const value = top(machine);
  machine.stack.pop();
  return value;
}

/** The topmost value, which stays. */
export function top(machine: PickleMachine): PickleValue {
  if (machine.stack.length <= (machine.marks.at(-1) ?? 0)) {
    throw malformed(machine, 'not enough values on the stack');
  }
  return machine.stack.at(-1) as PickleValue;
}

/** Everything above the last MARK, and the MARK. */
export function popToMark(machine: PickleMachine): PickleValue[] {
  const start = machine.marks.pop();
  if (start === undefined) throw malformed(machine, 'there is no MARK on the stack');
  return machine.stack.splice(start);
}

/** Names the opcode, its place and its pickle, for messages. */
export function place(machine: PickleMachine): string {
  return `${machine.cursor.where}: ${machine.opcode} at offset ${machine.at}`;
}

/** An error for bytes that are no pickle of a checkpoint. */
export function malformed(machine: PickleMachine, what: string): DetectorError {
  return new DetectorError('checkpoint-malformed', `${place(machine)}: ${what}`);
}

/** An error for a pickle of a kind that is not read. */
export function unsupported(machine: PickleMachine, what: string): DetectorError {
  return new DetectorError('checkpoint-unsupported', `${place(machine)}: ${what}`);
}

/** An error for a limit of limits.ts that was exceeded. */
export function tooLarge(machine: PickleMachine, what: string): DetectorError {
  return new DetectorError('checkpoint-too-large', `${place(machine)}: ${what}`);
}

/**
 * An error for a name that would have to be called. The name comes from the file: it is cut, and its control characters
 * are escaped.
 */
export function refused(machine: PickleMachine, name: string): DetectorError {
  return new DetectorError(
    'checkpoint-refused',
    `${place(machine)}: the file asks for ${showForeign(name, 200)}, which weights do not need; nothing was executed`,
  );
}

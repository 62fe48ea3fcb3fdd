import { DetectorError } from '../../utils/errors.ts';
import {
  MAX_PICKLE_DICTS,
  MAX_PICKLE_MEMO,
  MAX_PICKLE_OPCODES,
  MAX_PICKLE_STACK,
  MAX_TENSORS,
} from './limits.ts';
import {
  type PickleCursor,
  takeF64BigEndian,
  takeI32,
  takeLine,
  takeLong,
  takeText,
  takeU16,
  takeU32,
  takeU64,
  takeU8,
} from './pickle-cursor.ts';
import { OP, opcodeName } from './pickle-opcodes.ts';
import {
  ORDERED_DICT,
  REBUILD_PARAMETER,
  REBUILD_TENSOR,
  describe,
  isAllowedGlobal,
  readPersistentId,
  rebuildParameter,
  rebuildTensor,
} from './pickle-rebuild.ts';
import type { PickleKey, PickleValue, StorageInfo } from './tensor-info.ts';

/** What one pickle holds, and every storage it mentioned. */
export type PickleResult = {
  readonly value: PickleValue;
  readonly storages: ReadonlyMap<string, StorageInfo>;
};

type Machine = {
  readonly cursor: PickleCursor;
  readonly stack: PickleValue[];
  /** Heights of the stack at each MARK. */
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
  readonly storages: Map<string, StorageInfo>;
  dictCount: number;
  tensorCount: number;
  /** Where the opcode at hand stands, and its name. */
  at: number;
  opcode: string;
};

const PROTOCOL_MAX = 4;

/**
 * Reads one pickle as data: a machine that knows the thirty-odd opcodes PyTorch writes and the thirteen names of its
 * allow-list, and has no way to call anything. The cursor is left behind the STOP.
 *
 * @throws DetectorError `checkpoint-refused` for a name or a call outside the allow-list; `checkpoint-unsupported` for an
 *   opcode that state_dicts do not need; `checkpoint-malformed`; `checkpoint-too-large`
 */
export function runPickle(cursor: PickleCursor): PickleResult {
  const machine: Machine = {
    cursor,
    stack: [],
    marks: [],
    memo: new Map(),
    storages: new Map(),
    dictCount: 0,
    tensorCount: 0,
    at: cursor.offset,
    opcode: '',
  };
  for (let count = 0; count < MAX_PICKLE_OPCODES; count++) {
    machine.at = cursor.offset;
    machine.opcode = 'an opcode';
    const code = takeU8(cursor, 'an opcode');
    machine.opcode = opcodeName(code) ?? `0x${code.toString(16)}`;
    if (code === OP.STOP) {
      const value = pop(machine);
      if (machine.stack.length > 0 || machine.marks.length > 0) {
        throw malformed(machine, 'values are left on the stack');
      }
      return { value, storages: machine.storages };
    }
    step(machine, code);
    if (machine.stack.length > MAX_PICKLE_STACK || machine.memo.size > MAX_PICKLE_MEMO) {
      throw tooLarge(machine, 'more values at a time than any state_dict has');
    }
  }
  throw tooLarge(machine, `more than ${MAX_PICKLE_OPCODES} opcodes`);
}

function step(machine: Machine, code: number): void {
  const { cursor, stack, opcode } = machine;
  switch (code) {
    case OP.PROTO: {
      const protocol = takeU8(cursor, opcode);
      if (protocol > PROTOCOL_MAX) {
        throw unsupported(machine, `protocol ${protocol}; 0 to ${PROTOCOL_MAX} are read`);
      }
      return;
    }
    case OP.FRAME:
      // Only tells how the writer buffered: the opcodes themselves say where they end.
      takeU64(cursor, opcode);
      return;
    case OP.MARK:
      if (machine.marks.length >= MAX_PICKLE_STACK) {
        throw tooLarge(machine, 'more marks than any state_dict has');
      }
      machine.marks.push(stack.length);
      return;
    case OP.NONE:
      stack.push(null);
      return;
    case OP.NEWTRUE:
      stack.push(true);
      return;
    case OP.NEWFALSE:
      stack.push(false);
      return;
    case OP.BININT:
      stack.push(takeI32(cursor, opcode));
      return;
    case OP.BININT1:
      stack.push(takeU8(cursor, opcode));
      return;
    case OP.BININT2:
      stack.push(takeU16(cursor, opcode));
      return;
    case OP.LONG1:
      stack.push(takeLong(cursor, takeU8(cursor, opcode), opcode));
      return;
    case OP.BINFLOAT:
      stack.push(takeF64BigEndian(cursor, opcode));
      return;
    case OP.BINUNICODE:
      stack.push(takeText(cursor, takeU32(cursor, opcode), opcode));
      return;
    case OP.SHORT_BINUNICODE:
      stack.push(takeText(cursor, takeU8(cursor, opcode), opcode));
      return;
    case OP.STRING:
      // Protocol 0, which PyTorch never writes: read so that what comes after it can be refused by name.
      stack.push(takeLine(cursor, opcode));
      return;
    case OP.EMPTY_LIST:
    case OP.EMPTY_TUPLE:
      stack.push([]);
      return;
    case OP.EMPTY_DICT:
      stack.push(createDict(machine));
      return;
    case OP.TUPLE:
      stack.push(popToMark(machine));
      return;
    case OP.TUPLE1:
    case OP.TUPLE2:
    case OP.TUPLE3:
      stack.push(popMany(machine, code - OP.TUPLE1 + 1));
      return;
    case OP.APPEND:
      appendTo(machine, [pop(machine)]);
      return;
    case OP.APPENDS:
      appendTo(machine, popToMark(machine));
      return;
    case OP.SETITEM:
      setItems(machine, popMany(machine, 2));
      return;
    case OP.SETITEMS:
      setItems(machine, popToMark(machine));
      return;
    case OP.BINPUT:
      machine.memo.set(takeU8(cursor, opcode), top(machine));
      return;
    case OP.LONG_BINPUT:
      machine.memo.set(takeU32(cursor, opcode), top(machine));
      return;
    case OP.MEMOIZE:
      machine.memo.set(machine.memo.size, top(machine));
      return;
    case OP.BINGET:
      stack.push(recall(machine, takeU8(cursor, opcode)));
      return;
    case OP.LONG_BINGET:
      stack.push(recall(machine, takeU32(cursor, opcode)));
      return;
    case OP.GLOBAL:
      stack.push(nameGlobal(machine, takeLine(cursor, opcode), takeLine(cursor, opcode)));
      return;
    case OP.STACK_GLOBAL: {
      const [module, name] = popMany(machine, 2);
      if (typeof module !== 'string' || typeof name !== 'string') {
        throw malformed(machine, 'expected two strings');
      }
      stack.push(nameGlobal(machine, module, name));
      return;
    }
    case OP.BINPERSID:
      stack.push(recallStorage(machine, pop(machine)));
      return;
    case OP.REDUCE: {
      const args = pop(machine);
      const callable = pop(machine);
      stack.push(reduce(machine, callable, args));
      return;
    }
    case OP.BUILD: {
      const state = pop(machine);
      build(machine, top(machine), state);
      return;
    }
    case OP.INST:
      throw refused(machine, `${takeLine(cursor, opcode)}.${takeLine(cursor, opcode)}`);
    case OP.OBJ:
      throw refused(machine, describe(popToMark(machine)[0]));
    case OP.NEWOBJ:
      throw refused(machine, describe(popMany(machine, 2)[0]));
    case OP.NEWOBJ_EX:
      throw refused(machine, describe(popMany(machine, 3)[0]));
    case OP.EXT1:
      throw refused(machine, `extension ${takeU8(cursor, opcode)} of copyreg`);
    case OP.EXT2:
      throw refused(machine, `extension ${takeU16(cursor, opcode)} of copyreg`);
    case OP.EXT4:
      throw refused(machine, `extension ${takeI32(cursor, opcode)} of copyreg`);
    default:
      if (opcodeName(code) === undefined) throw malformed(machine, 'this is not an opcode');
      throw unsupported(machine, 'an opcode that is not used in state_dicts');
  }
}

function nameGlobal(machine: Machine, module: string, name: string): PickleValue {
  if (!isAllowedGlobal(module, name)) throw refused(machine, `${module}.${name}`);
  return { kind: 'global', name: `${module}.${name}` };
}

function recallStorage(machine: Machine, id: PickleValue): StorageInfo {
  const storage = readPersistentId(id, place(machine));
  const known = machine.storages.get(storage.key);
  if (known !== undefined && (known.dtype !== storage.dtype || known.elementCount !== storage.elementCount)) {
    throw malformed(
      machine,
      `storage ${storage.key} is once ${known.dtype}[${known.elementCount}], once ${storage.dtype}[${storage.elementCount}]`,
    );
  }
  if (known === undefined) machine.storages.set(storage.key, storage);
  return known ?? storage;
}

function reduce(machine: Machine, callable: PickleValue, args: PickleValue): PickleValue {
  const name =
    typeof callable === 'object' && callable !== null && 'kind' in callable && callable.kind === 'global'
      ? callable.name
      : undefined;
  if (name === undefined || ![ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER].includes(name)) {
    throw refused(machine, name ?? describe(callable));
  }
  if (!Array.isArray(args)) {
    throw malformed(machine, `expected a tuple of arguments, found ${describe(args)}`);
  }
  const values = args as readonly PickleValue[];
  if (name === ORDERED_DICT) return orderedDict(machine, values);
  if (++machine.tensorCount > MAX_TENSORS) {
    throw tooLarge(machine, `more than ${MAX_TENSORS} tensors`);
  }
  return name === REBUILD_TENSOR
    ? rebuildTensor(values, place(machine))
    : rebuildParameter(values, place(machine));
}

/** `OrderedDict()`, or with one list of pairs as Python 2 wrote it. */
function orderedDict(machine: Machine, args: readonly PickleValue[]): PickleValue {
  const dict = createDict(machine);
  const [pairs] = args;
  if (args.length > 1 || (pairs !== undefined && !Array.isArray(pairs))) {
    throw malformed(machine, 'expected no argument or a list of pairs');
  }
  for (const pair of (pairs ?? []) as readonly PickleValue[]) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw malformed(machine, `expected a pair, found ${describe(pair)}`);
    }
    const [key, value] = pair as [PickleValue, PickleValue];
    dict.set(readKey(machine, key), value);
  }
  return dict;
}

/**
 * The state of an OrderedDict: torch's Module.state_dict sets the attribute `_metadata` (versions of modules), which
 * says nothing about weights. Any other state, and state of anything else, would be code's business.
 */
function build(machine: Machine, target: PickleValue, state: PickleValue): void {
  if (!(target instanceof Map)) throw refused(machine, `the state of ${describe(target)}`);
  if (!(state instanceof Map)) throw refused(machine, `the state ${describe(state)}`);
  for (const attribute of state.keys()) {
    if (attribute !== '_metadata') {
      throw refused(machine, `the attribute ${describe(attribute as PickleKey)}`);
    }
  }
}

function createDict(machine: Machine): Map<PickleKey, PickleValue> {
  if (++machine.dictCount > MAX_PICKLE_DICTS) {
    throw tooLarge(machine, `more than ${MAX_PICKLE_DICTS} dicts`);
  }
  return new Map();
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (!(target instanceof Map)) throw malformed(machine, `expected a dict, found ${describe(target)}`);
  if (items.length % 2 !== 0) throw malformed(machine, 'a key without a value');
  for (let index = 0; index < items.length; index += 2) {
    (target as Map<PickleKey, PickleValue>).set(
      readKey(machine, items[index]),
      items[index + 1] as PickleValue,
    );
  }
}

function readKey(machine: Machine, key: PickleValue | undefined): PickleKey {
  if (key === undefined || (typeof key === 'object' && key !== null)) {
    throw unsupported(machine, `expected a string or a number as key of a dict, found ${describe(key)}`);
  }
  return key;
}

function appendTo(machine: Machine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (!Array.isArray(target)) throw malformed(machine, `expected a list, found ${describe(target)}`);
  for (const item of items) (target as PickleValue[]).push(item);
}

function recall(machine: Machine, index: number): PickleValue {
  const value = machine.memo.get(index);
  if (value === undefined) throw malformed(machine, `memo entry ${index} was never set`);
  return value;
}

/** Values below the last MARK belong to an outer level and cannot be taken. */
function popMany(machine: Machine, count: number): PickleValue[] {
  const floor = machine.marks.at(-1) ?? 0;
  if (machine.stack.length - count < floor) throw malformed(machine, 'not enough values on the stack');
  return machine.stack.splice(machine.stack.length - count, count);
}

function pop(machine: Machine): PickleValue {
  const value = top(machine);
  machine.stack.pop();
  return value;
}

function top(machine: Machine): PickleValue {
  if (machine.stack.length <= (machine.marks.at(-1) ?? 0)) {
    throw malformed(machine, 'not enough values on the stack');
  }
  return machine.stack.at(-1) as PickleValue;
}

function popToMark(machine: Machine): PickleValue[] {
  const start = machine.marks.pop();
  if (start === undefined) throw malformed(machine, 'there is no MARK on the stack');
  return machine.stack.splice(start);
}

function place(machine: Machine): string {
  return `${machine.cursor.where}: ${machine.opcode} at offset ${machine.at}`;
}

function malformed(machine: Machine, what: string): DetectorError {
  return new DetectorError('checkpoint-malformed', `${place(machine)}: ${what}`);
}

function unsupported(machine: Machine, what: string): DetectorError {
  return new DetectorError('checkpoint-unsupported', `${place(machine)}: ${what}`);
}

function tooLarge(machine: Machine, what: string): DetectorError {
  return new DetectorError('checkpoint-too-large', `${place(machine)}: ${what}`);
}

/** The name comes from the file: cut, and without control characters. */
function refused(machine: Machine, name: string): DetectorError {
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name).slice(1, -1);
  return new DetectorError(
    'checkpoint-refused',
    `${place(machine)}: the file asks for ${shown}, which weights do not need; nothing was executed`,
  );
}

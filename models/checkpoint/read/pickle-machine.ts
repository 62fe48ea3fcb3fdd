import { MAX_PICKLE_MEMO, MAX_PICKLE_OPCODES, MAX_PICKLE_STACK } from './limits.ts';
import {
  addToSet,
  appendTo,
  build,
  construct,
  createDict,
  nameGlobal,
  recallStorage,
  reduce,
  setItems,
} from './pickle-calls.ts';
import {
  type PickleCursor,
  skipBytes,
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
import { readFloatLine, readIntLine, readLongLine, unescapeUnicode, unquote } from './pickle-text.ts';
import {
  type PickleMachine,
  malformed,
  pop,
  popMany,
  popToMark,
  recall,
  refused,
  tooLarge,
  top,
  unsupported,
} from './pickle-stack.ts';
import type { PickleValue, StorageInfo } from './tensor-info.ts';

/** The value of one pickle, and every storage that it mentions. */
export type PickleResult = {
  readonly value: PickleValue;
  readonly storages: ReadonlyMap<string, StorageInfo>;
};

const PROTOCOL_MAX = 5;

/**
 * Reads one pickle as data: a machine that knows Python's opcodes and a few names of PyTorch, and has no way to call
 * anything. The values that other names would build are skipped. At the end the cursor is behind the STOP.
 * @param maxOpcodes fewer than the default for a pickle that needs few
 * @throws DetectorError `checkpoint-refused` for a name that could run code (pickle-names.ts);
 *   `checkpoint-unsupported` for an opcode that picklers do not write; `checkpoint-malformed`; `checkpoint-too-large`
 */
export function runPickle(cursor: PickleCursor, maxOpcodes = MAX_PICKLE_OPCODES): PickleResult {
  const machine: PickleMachine = {
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
  for (let count = 0; count < maxOpcodes; count++) {
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
  throw tooLarge(machine, `more than ${maxOpcodes} opcodes`);
}

function step(machine: PickleMachine, code: number): void {
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
      // FRAME only describes the writer's buffer: the opcodes themselves say where they end.
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
    case OP.LONG4:
      stack.push(takeLong(cursor, takeU32(cursor, opcode), opcode));
      return;
    case OP.INT:
      stack.push(readIntLine(takeLine(cursor, opcode), machine));
      return;
    case OP.LONG:
      stack.push(readLongLine(takeLine(cursor, opcode), machine));
      return;
    case OP.FLOAT:
      stack.push(readFloatLine(takeLine(cursor, opcode), machine));
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
    case OP.BINUNICODE8:
      stack.push(takeText(cursor, Number(takeU64(cursor, opcode)), opcode));
      return;
    case OP.UNICODE:
      stack.push(unescapeUnicode(takeLine(cursor, opcode)));
      return;
    // Strings of Python 2, which are text in every checkpoint.
    case OP.STRING:
      stack.push(unquote(takeLine(cursor, opcode)));
      return;
    case OP.BINSTRING:
      stack.push(takeText(cursor, takeU32(cursor, opcode), opcode));
      return;
    case OP.SHORT_BINSTRING:
      stack.push(takeText(cursor, takeU8(cursor, opcode), opcode));
      return;
    case OP.SHORT_BINBYTES:
      skipBytes(cursor, takeU8(cursor, opcode), opcode);
      stack.push({ kind: 'opaque', name: 'builtins.bytes' });
      return;
    case OP.BINBYTES:
      skipBytes(cursor, takeU32(cursor, opcode), opcode);
      stack.push({ kind: 'opaque', name: 'builtins.bytes' });
      return;
    case OP.BINBYTES8:
    case OP.BYTEARRAY8:
      skipBytes(cursor, Number(takeU64(cursor, opcode)), opcode);
      stack.push({ kind: 'opaque', name: 'builtins.bytes' });
      return;
    case OP.EMPTY_LIST:
      stack.push([]);
      return;
    case OP.LIST:
      stack.push(popToMark(machine));
      return;
    case OP.EMPTY_TUPLE:
      stack.push(Object.freeze([]));
      return;
    case OP.EMPTY_SET:
      stack.push({ kind: 'opaque', name: 'builtins.set' });
      return;
    case OP.ADDITEMS:
      addToSet(machine, popToMark(machine));
      return;
    case OP.FROZENSET:
      popToMark(machine);
      stack.push({ kind: 'opaque', name: 'builtins.frozenset' });
      return;
    case OP.EMPTY_DICT:
      stack.push(createDict(machine));
      return;
    case OP.DICT: {
      const items = popToMark(machine);
      stack.push(createDict(machine));
      setItems(machine, items);
      return;
    }
    case OP.TUPLE:
      stack.push(Object.freeze(popToMark(machine)));
      return;
    case OP.TUPLE1:
    case OP.TUPLE2:
    case OP.TUPLE3:
      stack.push(Object.freeze(popMany(machine, code - OP.TUPLE1 + 1)));
      return;
    case OP.POP:
      if (stack.length === machine.marks.at(-1)) machine.marks.pop();
      else pop(machine);
      return;
    case OP.POP_MARK:
      popToMark(machine);
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
    case OP.PUT:
      machine.memo.set(Number(takeLine(cursor, opcode)), top(machine));
      return;
    case OP.GET:
      stack.push(recall(machine, Number(takeLine(cursor, opcode))));
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
    case OP.INST: {
      const callable = nameGlobal(machine, takeLine(cursor, opcode), takeLine(cursor, opcode));
      popToMark(machine);
      stack.push(construct(machine, callable));
      return;
    }
    case OP.OBJ:
      stack.push(construct(machine, popToMark(machine)[0]));
      return;
    case OP.NEWOBJ:
      stack.push(construct(machine, popMany(machine, 2)[0]));
      return;
    case OP.NEWOBJ_EX:
      stack.push(construct(machine, popMany(machine, 3)[0]));
      return;
    case OP.PERSID:
      throw unsupported(
        machine,
        'a storage in protocol 0, which PyTorch itself can not read: save again with protocol 2',
      );
    case OP.EXT1:
      throw refused(machine, `extension ${takeU8(cursor, opcode)} of copyreg`);
    case OP.EXT2:
      throw refused(machine, `extension ${takeU16(cursor, opcode)} of copyreg`);
    case OP.EXT4:
      throw refused(machine, `extension ${takeI32(cursor, opcode)} of copyreg`);
    default:
      if (opcodeName(code) === undefined) throw malformed(machine, 'this is not an opcode');
      throw unsupported(machine, 'an opcode that picklers do not write');
  }
}

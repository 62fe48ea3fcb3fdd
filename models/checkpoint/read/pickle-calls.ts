import { MAX_PICKLE_DICTS, MAX_TENSORS } from './limits.ts';
import { DEFAULT_DICT, GETATTR, ORDERED_DICT, REBUILD, UNREAD_TENSORS, meaningOf } from './pickle-names.ts';
import {
  describe,
  isGlobal,
  readPersistentId,
  rebuildFromType,
  rebuildParameter,
  rebuildTensor,
  rebuildTensorV3,
} from './pickle-rebuild.ts';
import { type PickleMachine, malformed, place, refused, tooLarge, top, unsupported } from './pickle-stack.ts';
import type { OpaqueValue, PickleKey, PickleValue, TensorInfo, UnreadTensor } from './tensor-info.ts';

/** GLOBAL and STACK_GLOBAL: the name becomes a description of itself; nothing is imported. */
export function nameGlobal(machine: PickleMachine, module: string, name: string): PickleValue {
  if (meaningOf(module, name) === 'refused') throw refused(machine, `${module}.${name}`);
  return { kind: 'global', name: `${module}.${name}` };
}

/** BINPERSID: the storage, the same one for the same key. */
export function recallStorage(machine: PickleMachine, id: PickleValue): PickleValue {
  const storage = readPersistentId(id, place(machine));
  if (storage.kind !== 'storage') return storage;
  const known = machine.storages.get(storage.key);
  if (known !== undefined && (known.dtype !== storage.dtype || known.elementCount !== storage.elementCount)) {
    throw malformed(
      machine,
      `storage ${storage.key} is once ${known.dtype}[${known.elementCount}], once ${storage.dtype}[${storage.elementCount}]`,
    );
  }
  if (known !== undefined) return known;
  if (machine.storages.size >= MAX_TENSORS) throw tooLarge(machine, `more than ${MAX_TENSORS} storages`);
  machine.storages.set(storage.key, storage);
  return storage;
}

/** REDUCE: calls with a known meaning become data here. The result of any other call is skipped. */
export function reduce(machine: PickleMachine, callable: PickleValue, args: PickleValue): PickleValue {
  // The result of a skipped call is no function or class that could be called.
  if (!isGlobal(callable)) throw refused(machine, describe(callable));
  const { name } = callable;
  if (!isKnownName(name)) return { kind: 'opaque', name };
  if (!isCallable(name)) throw refused(machine, name);
  if (!Array.isArray(args)) {
    throw malformed(machine, `expected a tuple of arguments, found ${describe(args)}`);
  }
  const values = args as readonly PickleValue[];
  if (GETATTR.includes(name)) return nameAttribute(machine, name, values);
  if (name === ORDERED_DICT || name === DEFAULT_DICT) {
    // The items follow as SETITEMS; only Python 2 gave an OrderedDict's items as an argument. A defaultdict's argument
    // is its factory.
    if (values.length > (name === DEFAULT_DICT ? 1 : 0)) {
      throw unsupported(
        machine,
        `expected ${name.slice('collections.'.length)}(), found ${values.length} arguments`,
      );
    }
    return createDict(machine);
  }
  if (++machine.tensorCount > MAX_TENSORS) {
    throw tooLarge(machine, `more than ${MAX_TENSORS} tensors`);
  }
  return rebuild(name, values, place(machine));
}

function rebuild(name: string, values: readonly PickleValue[], where: string): TensorInfo | UnreadTensor {
  switch (name) {
    case REBUILD.tensorV1:
    case REBUILD.tensor:
      return rebuildTensor(values, where);
    case REBUILD.tensorV3:
      return rebuildTensorV3(values, where);
    case REBUILD.parameter:
    case REBUILD.parameterWithState:
      return rebuildParameter(values, where);
    case REBUILD.fromType:
    case REBUILD.fromTypeV2:
      return rebuildFromType(values, where, rebuild);
    default:
      return { kind: 'unread-tensor', reason: `${UNREAD_TENSORS.get(name) ?? 'a tensor'} (${name})` };
  }
}

/**
 * A plain attribute of a skipped class or object: a member of an enum, or a method. An inner attribute (`__…`) could
 * lead to any object of Python.
 */
function nameAttribute(machine: PickleMachine, name: string, values: readonly PickleValue[]): OpaqueValue {
  const [owner, attribute] = values;
  const isPlain = typeof attribute === 'string' && /^_?[A-Za-z]\w*$/.test(attribute);
  const isSkipped = isOpaque(owner) || (isGlobal(owner) && !isKnownName(owner.name));
  if (values.length !== 2 || !isSkipped || !isPlain) throw refused(machine, name);
  return { kind: 'opaque', name: `${owner.name}.${attribute}` };
}

function isCallable(name: string): boolean {
  return (
    GETATTR.includes(name) ||
    name === ORDERED_DICT ||
    name === DEFAULT_DICT ||
    UNREAD_TENSORS.has(name) ||
    Object.values<string>(REBUILD).includes(name)
  );
}

function isKnownName(name: string): boolean {
  const end = name.lastIndexOf('.');
  return meaningOf(name.slice(0, end), name.slice(end + 1)) === 'known';
}

function isOpaque(value: PickleValue | undefined): value is OpaqueValue {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'opaque';
}

/** NEWOBJ, NEWOBJ_EX, OBJ and INST: an object of a class, without its arguments. */
export function construct(machine: PickleMachine, callable: PickleValue | undefined): OpaqueValue {
  if (!isGlobal(callable) || isKnownName(callable.name)) throw refused(machine, describe(callable));
  return { kind: 'opaque', name: callable.name };
}

/**
 * The state of a dict is its attributes: torch's Module.state_dict sets `_metadata` (versions of modules), which says
 * nothing about weights. The state of an opaque value is skipped as the value is. The state of anything else has no
 * meaning.
 */
export function build(machine: PickleMachine, target: PickleValue, state: PickleValue): void {
  if (isOpaque(target)) return;
  if (!(target instanceof Map)) throw refused(machine, `the state of ${describe(target)}`);
  if (!(state instanceof Map)) throw refused(machine, `the state ${describe(state)}`);
  for (const attribute of state.keys()) {
    if (typeof attribute !== 'string' || attribute.startsWith('__')) {
      throw refused(machine, `the attribute ${describe(attribute as PickleKey)}`);
    }
  }
}

/** EMPTY_DICT. */
export function createDict(machine: PickleMachine): Map<PickleKey, PickleValue> {
  if (++machine.dictCount > MAX_PICKLE_DICTS) {
    throw tooLarge(machine, `more than ${MAX_PICKLE_DICTS} dicts`);
  }
  return new Map();
}

/** SETITEM and SETITEMS: keys and values in turn, into the dict on top. */
export function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (items.length % 2 !== 0) throw malformed(machine, 'a key without a value');
  if (isOpaque(target)) return;
  if (!(target instanceof Map)) throw malformed(machine, `expected a dict, found ${describe(target)}`);
  for (let index = 0; index < items.length; index += 2) {
    (target as Map<PickleKey, PickleValue>).set(
      readKey(machine, items[index]),
      items[index + 1] as PickleValue,
    );
  }
}

function readKey(machine: PickleMachine, key: PickleValue | undefined): PickleKey {
  if (typeof key !== 'object' && key !== undefined) return key;
  if (key === null || isOpaque(key)) return key;
  // Tuples are frozen, lists are not. A tensor in an old optimizer's state is its own key.
  if (Array.isArray(key) && Object.isFrozen(key)) return { kind: 'opaque', name: 'builtins.tuple' };
  if (key !== undefined && 'kind' in key) return { kind: 'opaque', name: key.kind };
  throw unsupported(machine, `expected a string or a number as key of a dict, found ${describe(key)}`);
}

/** APPEND and APPENDS: onto the list on top. */
export function appendTo(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (isOpaque(target)) return;
  if (!Array.isArray(target) || Object.isFrozen(target)) {
    throw malformed(machine, `expected a list, found ${describe(target)}`);
  }
  for (const item of items) (target as PickleValue[]).push(item);
}

/** ADDITEMS: into the set on top, which is opaque. */
export function addToSet(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (!isOpaque(target)) {
    throw malformed(machine, `expected a set for ${items.length} items, found ${describe(target)}`);
  }
}

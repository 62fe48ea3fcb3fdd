import { MAX_PICKLE_DICTS, MAX_TENSORS } from './limits.ts';
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
import { type PickleMachine, malformed, place, refused, tooLarge, top, unsupported } from './pickle-stack.ts';
import type { PickleKey, PickleValue, StorageInfo } from './tensor-info.ts';

/** GLOBAL and STACK_GLOBAL: a name becomes a description of itself, never the thing. */
export function nameGlobal(machine: PickleMachine, module: string, name: string): PickleValue {
  if (!isAllowedGlobal(module, name)) throw refused(machine, `${module}.${name}`);
  return { kind: 'global', name: `${module}.${name}` };
}

/** BINPERSID: the storage, the same one for the same key. */
export function recallStorage(machine: PickleMachine, id: PickleValue): StorageInfo {
  const storage = readPersistentId(id, place(machine));
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

/** REDUCE: the three calls that have a meaning as data, worked out here; nothing else has any. */
export function reduce(machine: PickleMachine, callable: PickleValue, args: PickleValue): PickleValue {
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
  if (name === ORDERED_DICT) {
    // The items follow as SETITEMS; only Python 2 gave them as an argument.
    if (values.length > 0) {
      throw unsupported(machine, `expected OrderedDict(), found ${values.length} arguments`);
    }
    return createDict(machine);
  }
  if (++machine.tensorCount > MAX_TENSORS) {
    throw tooLarge(machine, `more than ${MAX_TENSORS} tensors`);
  }
  return name === REBUILD_TENSOR
    ? rebuildTensor(values, place(machine))
    : rebuildParameter(values, place(machine));
}

/**
 * The state of an OrderedDict: torch's Module.state_dict sets the attribute `_metadata` (versions of modules), which
 * says nothing about weights. Any other state, and state of anything else, would be code's business.
 */
export function build(machine: PickleMachine, target: PickleValue, state: PickleValue): void {
  if (!(target instanceof Map)) throw refused(machine, `the state of ${describe(target)}`);
  if (!(state instanceof Map)) throw refused(machine, `the state ${describe(state)}`);
  for (const attribute of state.keys()) {
    if (attribute !== '_metadata') {
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
  if (!(target instanceof Map)) throw malformed(machine, `expected a dict, found ${describe(target)}`);
  if (items.length % 2 !== 0) throw malformed(machine, 'a key without a value');
  for (let index = 0; index < items.length; index += 2) {
    (target as Map<PickleKey, PickleValue>).set(
      readKey(machine, items[index]),
      items[index + 1] as PickleValue,
    );
  }
}

function readKey(machine: PickleMachine, key: PickleValue | undefined): PickleKey {
  if (key === undefined || (typeof key === 'object' && key !== null)) {
    throw unsupported(machine, `expected a string or a number as key of a dict, found ${describe(key)}`);
  }
  return key;
}

/** APPEND and APPENDS: onto the list on top. */
export function appendTo(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (!Array.isArray(target)) throw malformed(machine, `expected a list, found ${describe(target)}`);
  for (const item of items) (target as PickleValue[]).push(item);
}

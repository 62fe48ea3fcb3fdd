import { describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import {
  EMPTY_DICT,
  EMPTY_TUPLE,
  NONE,
  type Part,
  REDUCE,
  SETITEM,
  type StorageParts,
  dictWith,
  global,
  int,
  storage,
  tensor,
  text,
  tuple,
  zipWithPickle,
} from '../../../../fixtures/checkpoints/hand-pickles.ts';
import { float32Bytes } from '../../../../fixtures/checkpoints/sample-checkpoints.ts';

const TRUE: Part = 0x88;
const FALSE: Part = 0x89;
const HOOKS: Part = [global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE];
const VALUES = float32Bytes(1, -2, 0, 3);

function rebuild(name: string, ...args: readonly Part[]): Part {
  return [global('torch._utils', name), tuple(...args), REDUCE];
}

function dict(...entries: readonly (readonly [string, Part])[]): Part {
  return [EMPTY_DICT, entries.map(([key, value]) => [text(key), value, SETITEM])];
}

/** Four elements, or two by two transposed. */
function v2(metadata: Part, parts: StorageParts = {}, isTransposed = false): Part {
  const [size, stride] = isTransposed
    ? [tuple(int(2), int(2)), tuple(int(1), int(2))]
    : [tuple(int(4)), tuple(int(1))];
  return rebuild('_rebuild_tensor_v2', storage(parts), int(0), size, stride, FALSE, HOOKS, metadata);
}

async function open(value: Part, data: Uint8Array = VALUES): Promise<Checkpoint> {
  return await openCheckpoint(createBytesSource(zipWithPickle(dictWith(value), data), 'test.pth'));
}

async function valuesOf(checkpoint: Checkpoint): Promise<readonly number[]> {
  return [...(await checkpoint.readFloat32(checkpoint.tensors.get('w')!))];
}

const NEGATED = dict(['neg', TRUE]);

describe('a tensor with the negation flag', () => {
  it('has the values of its storage with the other sign, however it is read', async () => {
    const checkpoint = await open(v2(NEGATED));
    const info = checkpoint.tensors.get('w')!;
    expect(await valuesOf(checkpoint)).toEqual([-1, 2, -0, -3]);
    expect(await checkpoint.readTensor(info)).toEqual(float32Bytes(-1, 2, -0, -3));
    const streamed: number[] = [];
    for await (const { values } of checkpoint.streamFloat32(info, 3)) streamed.push(...values);
    expect(streamed).toEqual([-1, 2, -0, -3]);
  });

  it('is negated once where it is gathered from a transposed view', async () => {
    const checkpoint = await open(v2(NEGATED, {}, true));
    expect(await valuesOf(checkpoint)).toEqual([-1, -0, 2, -3]);
    const streamed: number[] = [];
    for await (const { values } of checkpoint.streamFloat32(checkpoint.tensors.get('w')!, 1)) {
      streamed.push(...values);
    }
    expect(streamed).toEqual([-1, -0, 2, -3]);
  });

  it.each<[string, Uint8Array]>([
    ['HalfStorage', new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0, 0x4200).buffer)],
    ['BFloat16Storage', new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0, 0x4040).buffer)],
    ['DoubleStorage', new Uint8Array(Float64Array.of(1, -2, 0, 3).buffer)],
  ])('is negated in %s', async (storageClass, data) => {
    expect(await valuesOf(await open(v2(NEGATED, { storageClass }), data))).toEqual([-1, 2, -0, -3]);
  });

  it('is inside a parameter, and another tensor of the same storage is not negated', async () => {
    const both = dict(
      ['a', rebuild('_rebuild_parameter', v2(NEGATED), TRUE, HOOKS)],
      ['b', v2(dict(['neg', FALSE], ['conj', FALSE]))],
    );
    const checkpoint = await open(both);
    const read = async (key: string) => [...(await checkpoint.readFloat32(checkpoint.tensors.get(key)!))];
    expect(await read('w/a')).toEqual([-1, 2, -0, -3]);
    expect(await read('w/b')).toEqual([1, -2, 0, 3]);
    const identities = ['w/a', 'w/b'].map((key) => checkpoint.identityOf(checkpoint.tensors.get(key)!));
    expect(new Set(identities).size).toBe(2);
  });
});

describe('a function that makes a tensor', () => {
  const plain = tensor({ size: [4] });
  it.each<[string, Part]>([
    ['without flags', v2(NONE)],
    ['_rebuild_tensor', rebuild('_rebuild_tensor', storage(), int(0), tuple(int(4)), tuple(int(1)))],
    [
      '_rebuild_tensor_v3',
      rebuild(
        '_rebuild_tensor_v3',
        ...[storage({ storageClass: 'UntypedStorage', elementCount: 16 }), int(0), tuple(int(4))],
        ...[tuple(int(1)), FALSE, HOOKS, global('torch', 'float32')],
      ),
    ],
    [
      '_rebuild_parameter_with_state',
      rebuild('_rebuild_parameter_with_state', plain, TRUE, HOOKS, EMPTY_DICT),
    ],
    [
      '_rebuild_from_type_v2',
      [
        global('torch._tensor', '_rebuild_from_type_v2'),
        tuple(
          global('torch._utils', '_rebuild_tensor_v2'),
          global('torch.nn.parameter', 'Parameter'),
          tuple(storage(), int(0), tuple(int(4)), tuple(int(1)), FALSE, HOOKS),
          dict(['tag', int(1)]),
        ),
        REDUCE,
      ],
    ],
  ])('is read: %s', async (_name, value) => {
    expect(await valuesOf(await open(value))).toEqual([1, -2, 0, 3]);
  });

  const args = (count: number): readonly Part[] => Array<Part>(count).fill(NONE);
  it.each<[string, RegExp, Part]>([
    ['a conjugated tensor', /the flag "conj"/, v2(dict(['conj', TRUE]))],
    ['a flag that is not known', /the flag "later"/, v2(dict(['later', TRUE]))],
    [
      'complex numbers',
      /a tensor of complex64/,
      v2(NONE, { storageClass: 'ComplexFloatStorage', elementCount: 4 }),
    ],
    ['negated integers', /int32 with the negation flag/, v2(NEGATED, { storageClass: 'IntStorage' })],
    ['a quantised tensor', /a quantised tensor/, rebuild('_rebuild_qtensor', ...args(7))],
    ['a sparse tensor', /a sparse tensor/, rebuild('_rebuild_sparse_tensor', ...args(2))],
    ['a CSR tensor', /a sparse tensor/, rebuild('_rebuild_sparse_csr_tensor', ...args(2))],
    ['a nested tensor', /a nested tensor/, rebuild('_rebuild_nested_tensor', ...args(4))],
    ['a meta tensor', /the meta device/, rebuild('_rebuild_meta_tensor_no_storage', ...args(4))],
    ['a numpy array of a device', /a numpy array/, rebuild('_rebuild_device_tensor_from_numpy', ...args(4))],
    ['a wrapper', /another class/, rebuild('_rebuild_wrapper_subclass', ...args(7))],
    [
      '_rebuild_tensor_v3 of float8',
      /torch\.float8_e4m3fn/,
      rebuild(
        '_rebuild_tensor_v3',
        ...[storage({ storageClass: 'UntypedStorage' }), int(0), tuple(int(4)), tuple(int(1))],
        ...[FALSE, HOOKS, global('torch', 'float8_e4m3fn')],
      ),
    ],
    [
      'a subclass',
      /the class torchao\.Quantised/,
      [
        global('torch._tensor', '_rebuild_from_type_v2'),
        tuple(
          global('torch._utils', '_rebuild_tensor_v2'),
          global('torchao', 'Quantised'),
          EMPTY_TUPLE,
          EMPTY_DICT,
        ),
        REDUCE,
      ],
    ],
    [
      'a parameter around one',
      /a quantised tensor/,
      rebuild('_rebuild_parameter', rebuild('_rebuild_qtensor', ...args(7)), TRUE, HOOKS),
    ],
  ])('is known by its name and not read: %s', async (_what, reason, value) => {
    const data = new Uint8Array(64);
    const checkpoint = await open(value, data);
    expect(checkpoint.tensors.size).toBe(0);
    const found = (checkpoint.root as ReadonlyMap<string, { reason: string }>).get('w');
    expect(found).toMatchObject({ kind: 'unread-tensor', reason: expect.stringMatching(reason) as string });
  });

  it.each<[string, RegExp, Part]>([
    ['flags that are no dict', /metadata: expected a dict, found 1/, v2(int(1))],
    [
      'requires_grad that is no truth value',
      /requires_grad: expected True or False, found "yes"/,
      rebuild('_rebuild_tensor_v2', storage(), int(0), tuple(int(4)), tuple(int(1)), text('yes'), HOOKS),
    ],
    [
      'hooks that are no dict',
      /backward_hooks: expected a dict, found 5/,
      rebuild('_rebuild_tensor_v2', storage(), int(0), tuple(int(4)), tuple(int(1)), FALSE, int(5)),
    ],
    ['eight arguments', /expected 6 or 7 arguments, found 8/, rebuild('_rebuild_tensor_v2', ...args(8))],
    [
      'a v3 without dtype',
      /expected 7 or 8 arguments with a dtype/,
      rebuild('_rebuild_tensor_v3', ...args(7)),
    ],
    [
      'a v3 of a typed storage',
      /expected a storage of bytes/,
      rebuild('_rebuild_tensor_v3', storage(), ...args(5), global('torch', 'float32')),
    ],
  ])('is malformed with %s', async (_what, message, value) => {
    const promise = open(value);
    await expect(promise).rejects.toMatchObject({ code: 'checkpoint-malformed' });
    await expect(promise).rejects.toThrow(message);
  });
});

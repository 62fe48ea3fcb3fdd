import { describe, expect, it } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { type Checkpoint, openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import {
  APPEND,
  BUILD,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  MARK,
  NONE,
  PROTO_2,
  PROTO_4,
  type Part,
  REDUCE,
  SETITEM,
  STOP,
  TUPLE,
  TUPLE1,
  TUPLE2,
  assemble,
  dictWith,
  global,
  int,
  shortText,
  storage,
  tensor,
  text,
  tuple,
  u32,
  zipWithPickle,
} from '../../../../fixtures/checkpoints/hand-pickles.ts';

async function openPickle(...parts: readonly Part[]): Promise<Checkpoint> {
  return await openCheckpoint(createBytesSource(zipWithPickle(assemble(...parts)), 'test.pth'));
}

const ORDERED_DICT: Part = [global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE];

describe('a pickle that would call something', () => {
  const argument: Part = [text('echo'), TUPLE1];
  it.each<[string, string, Part]>([
    ['GLOBAL', 'posix.system', [global('posix', 'system'), argument, REDUCE]],
    ['GLOBAL', 'builtins.eval', [global('builtins', 'eval'), argument, REDUCE]],
    ['GLOBAL', 'torch.load', [global('torch', 'load'), argument, REDUCE]],
    ['GLOBAL', 'torch.EvilStorage', tensor({ storageClass: 'EvilStorage' })],
    ['REDUCE', 'builtins.getattr', [global('builtins', 'getattr'), argument, REDUCE]],
    ['GLOBAL', 'collections.OrderedDict.__init__', global('collections', 'OrderedDict.__init__')],
    ['GLOBAL', 'collections.__class__', global('collections', '__class__')],
    ['GLOBAL', 'some.module.__class__', global('some.module', '__class__')],
    ['GLOBAL', 'some.module.sys.modules', global('some.module', 'sys.modules')],
    ['STACK_GLOBAL', 'os.system', [shortText('os'), shortText('system'), 0x93, argument, REDUCE]],
    ['STACK_GLOBAL', 'torch._utils.sys.modules', [shortText('torch._utils'), shortText('sys.modules'), 0x93]],
    ['INST', 'os.system', [MARK, 'S', "'echo'\n", 'i', 'os\nsystem\n']],
    ['OBJ', 'a global torch.FloatStorage', [MARK, global('torch', 'FloatStorage'), 0x6f]],
    ['NEWOBJ', 'a global collections.OrderedDict', [global('collections', 'OrderedDict'), EMPTY_TUPLE, 0x81]],
    [
      'NEWOBJ_EX',
      'a global torch.FloatStorage',
      [global('torch', 'FloatStorage'), EMPTY_TUPLE, EMPTY_DICT, 0x92],
    ],
    ['EXT1', 'extension 1', [0x82, 1]],
    ['EXT2', 'extension 258', [0x83, 2, 1]],
    ['EXT4', 'extension 1', [0x84, 1, 0, 0, 0]],
    ['REDUCE', 'torch.FloatStorage', [global('torch', 'FloatStorage'), argument, REDUCE]],
    ['REDUCE', 'a dict of 0', [EMPTY_DICT, EMPTY_TUPLE, REDUCE]],
    ['BUILD', '__class__', [ORDERED_DICT, EMPTY_DICT, text('__class__'), NONE, SETITEM, BUILD]],
    ['BUILD', 'the state of a tensor', [tensor(), EMPTY_DICT, BUILD]],
  ])('%s is refused by its name: %s', async (opcode, name, parts) => {
    const promise = openPickle(PROTO_4, parts, STOP);
    await expect(promise).rejects.toMatchObject({
      code: 'checkpoint-refused',
      message: expect.stringContaining(name) as string,
    });
    await expect(promise).rejects.toThrow(
      new RegExp(`record "x/data.pkl": ${opcode} at offset \\d+: .*nothing was executed`),
    );
  });

  it('is refused in the middle of good tensors', async () => {
    await expect(
      openPickle(
        PROTO_2,
        EMPTY_DICT,
        text('w'),
        tensor(),
        SETITEM,
        text('f'),
        global('os', 'system'),
        SETITEM,
        STOP,
      ),
    ).rejects.toMatchObject({
      code: 'checkpoint-refused',
      message: expect.stringContaining('os.system') as string,
    });
  });

  it('is refused as bare text too', async () => {
    const source = createBytesSource(assemble("(S'echo'\nios\nsystem\n."), 'test.pth');
    await expect(openCheckpoint(source)).rejects.toMatchObject({
      code: 'checkpoint-refused',
      message: expect.stringContaining('os.system') as string,
    });
  });

  it('cannot put control characters or endless names into the message', async () => {
    const error = await openPickle(PROTO_2, global('a\u001b[2J', 'b'.repeat(1000)), STOP).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).not.toContain('\u001b');
    expect(String(error).length).toBeLessThan(500);
  });
});

describe('a pickle as data', () => {
  it('reads protocol 4 with frames, short strings and memoized names', async () => {
    const { root, tensors } = await openPickle(
      [PROTO_4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0],
      [shortText('collections'), 0x94, shortText('OrderedDict'), 0x94, 0x93, 0x94, EMPTY_TUPLE, REDUCE, 0x94],
      [shortText('w'), 0x94, tensor(), SETITEM],
      [shortText('same'), 0x68, 4, SETITEM],
      STOP,
    );
    expect(root).toEqual(
      new Map<string, unknown>([
        ['w', tensors.get('w')],
        ['same', 'w'],
      ]),
    );
  });

  it('keeps __proto__ and constructor as keys of a dict', async () => {
    const { root, tensors } = await openPickle(
      [PROTO_2, EMPTY_DICT, text('__proto__'), [EMPTY_DICT, text('polluted'), tensor(), SETITEM], SETITEM],
      [text('constructor'), int(1), SETITEM, STOP],
    );
    expect([...tensors.keys()]).toEqual(['__proto__/polluted']);
    expect([...(root as ReadonlyMap<string, unknown>).keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('reads numbers of every form', async () => {
    const { root } = await openPickle(
      [PROTO_2, EMPTY_LIST, MARK],
      [0x4b, 255, 0x4d, 1, 2, 0x4a, 0xfb, 0xff, 0xff, 0xff, int(2n ** 53n - 1n), int(-(2n ** 60n)), 0x8a, 0],
      [0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x88, 0x89, NONE],
      ['e', STOP],
    );
    expect(root).toEqual([255, 513, -5, 2 ** 53 - 1, -(2n ** 60n), 0, 1.5, true, false, null]);
  });

  it('takes the seventh argument of a tensor and a parameter around it', async () => {
    const withMetadata: Part = [
      global('torch._utils', '_rebuild_tensor_v2'),
      tuple(storage(), int(1), tuple(int(3)), tuple(int(1)), 0x89, ORDERED_DICT, EMPTY_DICT),
      REDUCE,
    ];
    const parameter: Part = [
      global('torch._utils', '_rebuild_parameter'),
      withMetadata,
      0x88,
      ORDERED_DICT,
      0x87,
      REDUCE,
    ];
    const { tensors } = await openPickle(dictWith(parameter));
    expect(tensors.get('w')).toMatchObject({ shape: [3], storageOffset: 1 });
  });

  it('enters a shared tuple once, so that sixty doublings are sixty steps', async () => {
    const doublings = Array.from({ length: 60 }, (_, index): Part => [0x68, index, TUPLE2, 0x71, index + 1]);
    const { tensors } = await openPickle(PROTO_2, tensor(), 0x71, 0, doublings, STOP);
    expect(tensors.size).toBe(2);
  });

  it('ends on a list that holds itself', async () => {
    const { tensors } = await openPickle(
      PROTO_2,
      EMPTY_LIST,
      0x71,
      0,
      0x68,
      0,
      APPEND,
      tensor(),
      APPEND,
      STOP,
    );
    expect([...tensors.keys()]).toEqual(['1']);
  });
});

describe('a pickle that is wrong', () => {
  const LONG = 2 ** 31 - 1;
  it.each<[string, string, RegExp, Part]>([
    ['an unknown opcode', 'checkpoint-malformed', /0xff at offset 2: this is not an opcode/, [0xff]],
    ['an opcode of no use here', 'checkpoint-unsupported', /DUP at offset 3/, [NONE, 0x32]],
    ['protocol 6', 'checkpoint-unsupported', /protocol 6; 0 to 5 are read/, [0x80, 6]],
    ['an empty stack', 'checkpoint-malformed', /REDUCE at offset 2: not enough values/, [REDUCE]],
    ['values below a MARK', 'checkpoint-malformed', /not enough values/, [NONE, NONE, MARK, TUPLE2]],
    ['a TUPLE without MARK', 'checkpoint-malformed', /no MARK/, [TUPLE]],
    ['a missing memo entry', 'checkpoint-malformed', /memo entry 9 was never set/, [0x68, 9]],
    [
      'an APPEND to a dict',
      'checkpoint-malformed',
      /expected a list, found a dict/,
      [EMPTY_DICT, NONE, APPEND],
    ],
    [
      'a SETITEM on a list',
      'checkpoint-malformed',
      /expected a dict, found a list/,
      [EMPTY_LIST, NONE, NONE, SETITEM],
    ],
    ['a list as key', 'checkpoint-unsupported', /as key of a dict/, [EMPTY_DICT, EMPTY_LIST, NONE, SETITEM]],
    [
      'an OrderedDict with an argument',
      'checkpoint-unsupported',
      /expected OrderedDict\(\), found 1 arguments/,
      [global('collections', 'OrderedDict'), EMPTY_LIST, TUPLE1, REDUCE],
    ],
    ['an odd SETITEMS', 'checkpoint-malformed', /a key without a value/, [EMPTY_DICT, MARK, NONE, 'u']],
    ['leftovers', 'checkpoint-malformed', /left on the stack/, [NONE, NONE]],
    [
      'a string beyond the end',
      'checkpoint-malformed',
      /expected 1000 bytes of BINUNICODE at offset 7, found/,
      ['X', [0xe8, 3, 0, 0]],
    ],
    [
      'a string of 2 GB',
      'checkpoint-too-large',
      /a string of 2147483647 bytes/,
      ['X', [0xff, 0xff, 0xff, 0x7f]],
    ],
    ['text that is not UTF-8', 'checkpoint-malformed', /not UTF-8/, [0x8c, 1, 0xff]],
    ['an endless name', 'checkpoint-malformed', /expected a newline within/, ['c', 'a'.repeat(5000)]],
    [
      'a storage key that is a path',
      'checkpoint-malformed',
      /as storage key, found "\.\.\/etc"/,
      tensor({ key: '../etc' }),
    ],
    ['a missing storage', 'checkpoint-malformed', /"x\/data\/7" is missing/, tensor({ key: '7' })],
    [
      'a shape beyond its storage',
      'checkpoint-malformed',
      /reaches element 8 of storage 0, which has 4/,
      tensor({ size: [3, 3], stride: [3, 1] }),
    ],
    ['an offset beyond its storage', 'checkpoint-malformed', /reaches element 4/, tensor({ offset: 3 })],
    ['a negative offset', 'checkpoint-malformed', /storage_offset: .*found -1/, tensor({ offset: -1 })],
    ['a negative stride', 'checkpoint-malformed', /stride: .*found -1/, tensor({ offset: 1, stride: [-1] })],
    ['a negative size', 'checkpoint-malformed', /size: .*found -2/, tensor({ size: [-2] })],
    [
      '2^40 elements in 16 bytes',
      'checkpoint-malformed',
      /expected 4398046511104 bytes .*found 16/,
      tensor({ elementCount: 2n ** 40n, size: [2n ** 40n] }),
    ],
    [
      '2^63 elements',
      'checkpoint-malformed',
      /found -?9223372036854775808/,
      tensor({ elementCount: 2n ** 63n }),
    ],
    [
      'an expansion to 2^62',
      'checkpoint-too-large',
      /more elements than can be counted/,
      tensor({ size: [LONG, LONG], stride: [0, 0] }),
    ],
    [
      'an expansion to 2^31',
      'checkpoint-too-large',
      /expands 4 stored elements/,
      tensor({ size: [LONG], stride: [0] }),
    ],
    [
      'nine dimensions',
      'checkpoint-too-large',
      /9 dimensions/,
      tensor({ size: Array<number>(9).fill(1), stride: Array<number>(9).fill(1) }),
    ],
    ['more strides than sizes', 'checkpoint-malformed', /1 sizes, but 2 strides/, tensor({ stride: [1, 1] })],
    [
      'a storage in two dtypes',
      'checkpoint-malformed',
      /once float32\[4\], once int32\[4\]/,
      [tensor(), tensor({ storageClass: 'IntStorage' }), TUPLE2],
    ],
    [
      'a persistent id of something else',
      'checkpoint-malformed',
      /persistent id/,
      [text('module'), TUPLE1, 'Q'],
    ],
    [
      'a tensor of no storage',
      'checkpoint-malformed',
      /expected a storage, found None/,
      [global('torch._utils', '_rebuild_tensor_v2'), MARK, Array<Part>(6).fill(NONE), TUPLE, REDUCE],
    ],
  ])('is malformed, unsupported or too large: %s', async (_what, code, message, parts) => {
    const promise = openPickle(PROTO_2, parts, STOP);
    await expect(promise).rejects.toMatchObject({ code });
    await expect(promise).rejects.toThrow(message);
  });

  it('needs its STOP', async () => {
    await expect(openPickle(PROTO_2, EMPTY_DICT)).rejects.toThrow(/the pickle ends before its STOP/);
  });

  it('two tensors of one path cannot be told apart', async () => {
    await expect(
      openPickle(
        PROTO_2,
        EMPTY_DICT,
        text('a/b'),
        tensor(),
        SETITEM,
        text('a'),
        dictPart('b', tensor()),
        SETITEM,
        STOP,
      ),
    ).rejects.toMatchObject({ code: 'checkpoint-unsupported' });
  });
});

function dictPart(key: string, value: Part): Part {
  return [EMPTY_DICT, text(key), value, SETITEM];
}

describe('a pickle made to exhaust the machine', () => {
  const repeat = (count: number, part: Uint8Array): Uint8Array => {
    const all = new Uint8Array(count * part.length);
    for (let index = 0; index < count; index++) all.set(part, index * part.length);
    return all;
  };
  it.each<[string, Part]>([
    ['50,000 nested tuples around a tensor', [tensor(), repeat(50_000, assemble(TUPLE1))]],
    ['50,000 nested tuples around nothing', [NONE, repeat(50_000, assemble(TUPLE1))]],
    ['a stack without end', repeat(2_000_000, assemble(NONE))],
    ['a number of 255 bytes', [MARK, repeat(10_000, assemble(0x8a, 255, new Uint8Array(255).fill(0x7f)))]],
    [
      'storages without end',
      [
        EMPTY_LIST,
        ...Array.from({ length: 17_000 }, (_, key) => [
          storage({ key: String(key), elementCount: 0 }),
          APPEND,
        ]),
      ],
    ],
    [
      'a megabyte of name above thousands of mentions of one tensor',
      [
        EMPTY_DICT,
        [text('t'), tensor(), 0x71, 1, SETITEM],
        assembleLong('k'.repeat(2 ** 20)),
        [EMPTY_DICT, ...Array.from({ length: 1000 }, (_, key) => [int(key), 0x68, 1, SETITEM])],
        SETITEM,
      ],
    ],
    [
      'names that together are longer than a text can be',
      [
        EMPTY_DICT,
        [text('t'), tensor(), 0x71, 1, SETITEM],
        assembleLong('k'.repeat(2 ** 20)),
        [0x71, 2],
        repeat(900, assemble(EMPTY_DICT, 0x68, 2)),
        [0x68, 1],
        repeat(900, assemble(SETITEM)),
        SETITEM,
      ],
    ],
    ['marks without end', repeat(2_000_000, assemble(MARK))],
    ['lists without end', [EMPTY_LIST, repeat(900_000, assemble(EMPTY_LIST, APPEND))]],
    ['dicts without end', [EMPTY_LIST, repeat(900_000, assemble(EMPTY_DICT, APPEND))]],
    ['memo entries without end', [NONE, repeat(900_000, assemble(0x94))]],
    [
      'the same tensor without end',
      [EMPTY_LIST, tensor(), 0x71, 0, APPEND, repeat(150_000, assemble(0x68, 0, APPEND))],
    ],
    [
      'more bytes than are read',
      [NONE, repeat(1_000_000, assemble(0x71, 0, 0x71, 0, 0x71, 0, 0x71, 0, 0x71, 0))],
    ],
  ])('is given up within a second: %s', async (_what, parts) => {
    const bytes = zipWithPickle(assembleLarge(parts));
    // The time is the processor's, so that a busy machine does not make the test fail.
    const started = process.cpuUsage();
    await expect(openCheckpoint(createBytesSource(bytes, 'test.pth'))).rejects.toMatchObject({
      code: 'checkpoint-too-large',
    });
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000);
  });

  function assembleLong(value: string): Uint8Array {
    return Buffer.concat([assemble(0x58, u32(value.length)), new TextEncoder().encode(value)]);
  }

  // The hand assembler spreads its bytes one by one, which is too slow for millions.
  function assembleLarge(parts: Part): Uint8Array {
    const list = Array.isArray(parts) ? (parts as readonly Part[]) : [parts];
    return Buffer.concat([
      assemble(PROTO_2),
      ...list.map((part) => (part instanceof Uint8Array ? part : assemble(part))),
      assemble(STOP),
    ]);
  }
});

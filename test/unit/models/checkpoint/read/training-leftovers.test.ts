import { describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import {
  APPEND,
  BUILD,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_TUPLE,
  MARK,
  NONE,
  type Part,
  REDUCE,
  SETITEM,
  STOP,
  TUPLE1,
  TUPLE2,
  assemble,
  global,
  int,
  shortText,
  tensor,
  text,
  tuple,
  zipWithPickle,
} from '../../../../fixtures/checkpoints/hand-pickles.ts';

/** `{'w': tensor, 'x': value}` in a protocol. */
async function openBeside(value: Part, protocol = 2): Promise<Checkpoint> {
  const head: Part = protocol < 2 ? [] : [0x80, protocol];
  const pickle = assemble(
    [head, EMPTY_DICT, text('w'), tensor(), SETITEM],
    [text('x'), value, SETITEM, STOP],
  );
  return await openCheckpoint(createBytesSource(zipWithPickle(pickle), 'test.pth'));
}

function call(module: string, name: string, ...args: readonly Part[]): Part {
  return [global(module, name), args.length === 1 ? [args[0]!, TUPLE1] : tuple(...args), REDUCE];
}

const NEWOBJ: Part = 0x81;
const bytesOf = (latin1: string): Part => call('_codecs', 'encode', text(latin1), text('latin1'));
const dtype: Part = [
  call('numpy', 'dtype', text('f8'), 0x89, 0x88),
  tuple(int(3), text('<'), NONE, NONE, NONE, int(-1), int(-1), int(0)),
  BUILD,
];
const object = (module: string, name: string): Part => [
  [global(module, name), EMPTY_TUPLE, NEWOBJ],
  [EMPTY_DICT, text('lr'), int(1), SETITEM, BUILD],
];

describe('what training leaves beside the weights', () => {
  it.each<[string, string, Part]>([
    [
      'a numpy scalar',
      'numpy.core.multiarray.scalar',
      call('numpy.core.multiarray', 'scalar', dtype, bytesOf('x')),
    ],
    [
      'a numpy 2 scalar',
      'numpy._core.multiarray.scalar',
      call('numpy._core.multiarray', 'scalar', dtype, bytesOf('x')),
    ],
    [
      'a numpy array',
      'numpy.core.multiarray._reconstruct',
      [
        call(
          'numpy.core.multiarray',
          '_reconstruct',
          global('numpy', 'ndarray'),
          tuple(int(0)),
          bytesOf('b'),
        ),
        tuple(int(1), tuple(int(2)), dtype, 0x89, bytesOf('0123')),
        BUILD,
      ],
    ],
    ['a numpy dtype', 'numpy.dtype', dtype],
    [
      'a Counter',
      'collections.Counter',
      call('collections', 'Counter', [EMPTY_DICT, int(30), int(1), SETITEM]),
    ],
    ['a deque', 'collections.deque', [call('collections', 'deque', EMPTY_LIST), int(1), APPEND]],
    ['a set', '__builtin__.set', call('__builtin__', 'set', EMPTY_LIST)],
    ['a frozenset', 'builtins.frozenset', call('builtins', 'frozenset', EMPTY_LIST)],
    ['a slice', 'builtins.slice', call('builtins', 'slice', int(0), int(1), NONE)],
    ['a complex number', '__builtin__.complex', call('__builtin__', 'complex', int(0), int(1))],
    ['a bytearray', '__builtin__.bytearray', call('__builtin__', 'bytearray', text('a'), text('latin-1'))],
    ['bytes', '_codecs.encode', bytesOf('abc')],
    ['empty bytes', '__builtin__.bytes', [global('__builtin__', 'bytes'), EMPTY_TUPLE, REDUCE]],
    ['a path', 'pathlib.PosixPath', call('pathlib', 'PosixPath', text('/'), text('data'))],
    ['a path of Python 3.13', 'pathlib._local.PosixPath', call('pathlib._local', 'PosixPath', text('/'))],
    ['a moment', 'datetime.datetime', call('datetime', 'datetime', bytesOf('\u0007xyz'))],
    ['a duration', 'datetime.timedelta', call('datetime', 'timedelta', int(0), int(1), int(2))],
    ['a decimal', 'decimal.Decimal', call('decimal', 'Decimal', text('0.1'))],
    ['a UUID', 'uuid.UUID', object('uuid', 'UUID')],
    ['a torch.Size', 'torch.Size', call('torch', 'Size', tuple(int(2), int(3)))],
    ['a device', 'torch.device', call('torch', 'device', text('cuda'), int(0))],
    ['a namespace', 'argparse.Namespace', object('argparse', 'Namespace')],
    ['a simple namespace', 'types.SimpleNamespace', [call('types', 'SimpleNamespace'), EMPTY_DICT, BUILD]],
    ['an enum of the user', '__main__.Phase', call('__main__', 'Phase', int(1))],
    ['settings of the user', 'code.config.Config', object('code.config', 'Config')],
    [
      'settings of OmegaConf',
      'omegaconf.dictconfig.DictConfig',
      object('omegaconf.dictconfig', 'DictConfig'),
    ],
    ['an optimizer', 'torch.optim.adamw.AdamW', object('torch.optim.adamw', 'AdamW')],
    ['a scheduler', 'torch.optim.lr_scheduler.StepLR', object('torch.optim.lr_scheduler', 'StepLR')],
    [
      'a loss function',
      'torch.nn.modules.loss.CrossEntropyLoss',
      object('torch.nn.modules.loss', 'CrossEntropyLoss'),
    ],
    [
      'a member of an enum of Python 3.11',
      '__main__.Phase.TRAIN',
      call('builtins', 'getattr', global('__main__', 'Phase'), text('TRAIN')),
    ],
    [
      'a method that a scheduler calls',
      'torch.optim.lr_scheduler.OneCycleLR._annealing_cos',
      call(
        '__builtin__',
        'getattr',
        global('torch.optim.lr_scheduler', 'OneCycleLR'),
        text('_annealing_cos'),
      ),
    ],
    [
      'a method of an object',
      'my.Scheduler.step',
      call('builtins', 'getattr', [global('my', 'Scheduler'), EMPTY_TUPLE, NEWOBJ], text('step')),
    ],
    ['members of a flag', '_operator.or_', call('_operator', 'or_', int(1), int(2))],
    ['the type of None', '__builtin__.type', call('__builtin__', 'type', NONE)],
    ['a layout', 'torch.serialization._get_layout', call('torch.serialization', '_get_layout', text('x'))],
    [
      'a random generator of numpy',
      'numpy.random._pickle.__generator_ctor',
      call('numpy.random._pickle', '__generator_ctor', text('PCG64')),
    ],
    ['an error', 'builtins.ValueError', call('builtins', 'ValueError', text('no'))],
    ['a name like a JavaScript property', 'constructor.constructor', call('constructor', 'constructor')],
    [
      'an object by copyreg',
      'copy_reg._reconstructor',
      call(
        'copy_reg',
        '_reconstructor',
        global('argparse', 'Namespace'),
        global('__builtin__', 'object'),
        NONE,
      ),
    ],
  ])('%s is skipped', async (_what, name, value) => {
    const { root, tensors } = await openBeside(value);
    expect([...tensors.keys()]).toEqual(['w']);
    expect((root as ReadonlyMap<string, unknown>).get('x')).toEqual({ kind: 'opaque', name });
  });

  it('names a dtype, a layout and a class without making anything of them', async () => {
    for (const [module, name] of [
      ['torch', 'float32'],
      ['torch', 'bfloat16'],
      ['torch', 'float8_e4m3fn'],
      ['torch', 'strided'],
      ['torch', 'channels_last'],
      ['torch.optim.adamw', 'AdamW'],
      ['numpy', 'float64'],
    ] as const) {
      const { root } = await openBeside(global(module, name));
      expect((root as ReadonlyMap<string, unknown>).get('x')).toEqual({
        kind: 'global',
        name: `${module}.${name}`,
      });
    }
  });

  it('reads a defaultdict as a dict', async () => {
    const value = [
      call('collections', 'defaultdict', global('__builtin__', 'list')),
      text('a'),
      tensor(),
      SETITEM,
    ];
    expect([...(await openBeside(value)).tensors.keys()]).toEqual(['w', 'x/a']);
  });

  it('takes tuples, objects and tensors as keys of a dict', async () => {
    const keys = [
      tuple(int(1), int(2)),
      call('pathlib', 'PosixPath', text('a')),
      tensor(),
      global('torch', 'int8'),
    ];
    const value = [EMPTY_DICT, ...keys.map((key) => [key, tensor(), SETITEM])];
    expect([...(await openBeside(value)).tensors.keys()]).toEqual(['w', 'x/#1', 'x/#2', 'x/#3', 'x/#4']);
  });

  it('may have attributes on its dicts', async () => {
    const value = [EMPTY_DICT, [EMPTY_DICT, text('_note'), int(1), SETITEM], BUILD];
    expect((await openBeside(value)).tensors.size).toBe(1);
  });

  it.each<[string, number, unknown, Part]>([
    ['INT, True', 0, true, ['I', '01\n']],
    ['INT', 0, -7, ['I', '-7\n']],
    ['LONG', 0, 5, ['L', '5L\n']],
    ['FLOAT', 0, 0.25, ['F', '0.25\n']],
    ['FLOAT, infinite', 0, -Infinity, ['F', '-inf\n']],
    ['UNICODE', 0, 'aéb\\', ['V', 'a\\u00e9b\\\n']],
    ['STRING', 0, 'epoch', ['S', "'epoch'\n"]],
    ['SHORT_BINSTRING', 1, 'epoch', ['U', 5, 'epoch']],
    ['BINSTRING', 1, 'epoch', ['T', 5, 0, 0, 0, 'epoch']],
    ['LIST', 0, [1, 2], [MARK, int(1), int(2), 'l']],
    ['DICT', 0, new Map([[1, 2]]), [MARK, int(1), int(2), 'd']],
    ['PUT and GET', 0, 3, [int(3), 'p9\n', '0', 'g9\n']],
    ['POP of a MARK', 0, 3, [int(3), MARK, '0']],
    ['POP_MARK', 1, 3, [int(3), MARK, int(4), '1']],
    ['LONG4', 2, 258, [0x8b, 2, 0, 0, 0, 2, 1]],
    ['BINUNICODE8', 4, 'a', [0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'a']],
    ['SHORT_BINBYTES', 3, { kind: 'opaque', name: 'builtins.bytes' }, ['C', 2, 1, 2]],
    ['BINBYTES', 3, { kind: 'opaque', name: 'builtins.bytes' }, ['B', 2, 0, 0, 0, 1, 2]],
    ['BINBYTES8', 4, { kind: 'opaque', name: 'builtins.bytes' }, [0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['BYTEARRAY8', 5, { kind: 'opaque', name: 'builtins.bytes' }, [0x96, 1, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['EMPTY_SET and ADDITEMS', 4, { kind: 'opaque', name: 'builtins.set' }, [0x8f, MARK, int(1), 0x90]],
    ['FROZENSET', 4, { kind: 'opaque', name: 'builtins.frozenset' }, [MARK, int(1), 0x91]],
    [
      'NEWOBJ_EX',
      4,
      { kind: 'opaque', name: 'my.Class' },
      [shortText('my'), shortText('Class'), 0x93, EMPTY_TUPLE, EMPTY_DICT, 0x92],
    ],
    ['OBJ', 1, { kind: 'opaque', name: 'my.Class' }, [MARK, global('my', 'Class'), 'o']],
    ['INST', 0, { kind: 'opaque', name: 'my.Class' }, [MARK, int(1), 'i', 'my\nClass\n']],
  ])('is read with %s', async (_opcode, protocol, expected, value) => {
    const { root } = await openBeside(value, protocol);
    expect((root as ReadonlyMap<string, unknown>).get('x')).toEqual(expected);
  });

  it.each<[string, string, RegExp, Part]>([
    [
      'a storage in protocol 0',
      'checkpoint-unsupported',
      /protocol 0, which PyTorch itself/,
      ['P', "('storage')\n"],
    ],
    ['a number without digits', 'checkpoint-malformed', /expected a decimal number/, ['I', 'x\n']],
    [
      'a number without end',
      'checkpoint-too-large',
      /a number of 4000 digits/,
      ['L', `${'9'.repeat(4000)}\n`],
    ],
    ['an APPEND to a tuple', 'checkpoint-malformed', /expected a list/, [int(1), TUPLE1, int(1), APPEND]],
    ['ADDITEMS to a list', 'checkpoint-malformed', /expected a set/, [EMPTY_LIST, MARK, int(1), 0x90]],
    ['bytes beyond the end', 'checkpoint-malformed', /expected 255 bytes of SHORT_BINBYTES/, ['C', 255]],
  ])('is a clear error with %s', async (_what, code, message, value) => {
    const promise = openBeside(value);
    await expect(promise).rejects.toMatchObject({ code });
    await expect(promise).rejects.toThrow(message);
  });

  it.each<[string, Part]>([
    ['os.system', call('os', 'system', text('true'))],
    ['builtins.exec', call('builtins', 'exec', text('1'))],
    ['operator.attrgetter', call('operator', 'attrgetter', text('a'))],
    ['importlib.import_module', call('importlib', 'import_module', text('a'))],
    ['torch.hub.load', call('torch.hub', 'load', text('a'))],
    ['numpy.load', call('numpy', 'load', text('a'))],
    ['builtins.getattr', call('builtins', 'getattr', global('__main__', 'Phase'), text('__init__'))],
    ['an object (a.B.c)', [call('builtins', 'getattr', global('a', 'B'), text('c')), EMPTY_TUPLE, REDUCE]],
    ['types.CodeType', call('types', 'CodeType', int(1))],
    ['subprocess.run', [call('argparse', 'Namespace'), call('subprocess', 'run', text('a')), TUPLE2]],
  ])('does not make %s harmless', async (name, value) => {
    const promise = openBeside(value);
    await expect(promise).rejects.toMatchObject({ code: 'checkpoint-refused' });
    await expect(promise).rejects.toThrow(
      `asks for ${name}, which weights do not need; nothing was executed`,
    );
  });
});

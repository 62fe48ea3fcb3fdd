/**
 * The meaning of a name in a pickle to this reader. `known` names have a meaning as data, which pickle-calls.ts works
 * out. `opaque` names are of values that training leaves beside weights (paths, dates, settings, numpy's numbers,
 * classes of the user's own); such a value is skipped. `refused` names run programs or reach into others, which no data
 * needs. No name of any kind is ever imported or called: names are strings here.
 */
export type NameMeaning = 'known' | 'opaque' | 'refused';

export const ORDERED_DICT = 'collections.OrderedDict';
export const DEFAULT_DICT = 'collections.defaultdict';
/** Members of enums and methods of classes are written as attributes of these. */
export const GETATTR: readonly string[] = ['builtins.getattr', '__builtin__.getattr'];

/** Functions of PyTorch that make a tensor. The reader checks their arguments later. */
export const REBUILD = {
  tensorV1: 'torch._utils._rebuild_tensor',
  tensor: 'torch._utils._rebuild_tensor_v2',
  tensorV3: 'torch._utils._rebuild_tensor_v3',
  parameter: 'torch._utils._rebuild_parameter',
  parameterWithState: 'torch._utils._rebuild_parameter_with_state',
  fromType: 'torch._tensor._rebuild_from_type',
  fromTypeV2: 'torch._tensor._rebuild_from_type_v2',
} as const;

/** Functions of PyTorch that make tensors of kinds that are not read, and the name of each kind. */
export const UNREAD_TENSORS: ReadonlyMap<string, string> = new Map([
  ['torch._utils._rebuild_qtensor', 'a quantised tensor'],
  ['torch._utils._rebuild_sparse_tensor', 'a sparse tensor'],
  ['torch._utils._rebuild_sparse_csr_tensor', 'a sparse tensor'],
  ['torch._utils._rebuild_nested_tensor', 'a nested tensor'],
  ['torch._utils._rebuild_meta_tensor_no_storage', 'a tensor of the meta device, which has no values'],
  ['torch._utils._rebuild_device_tensor_from_numpy', 'a tensor of another device, kept as a numpy array'],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', 'a tensor of another device'],
  ['torch._utils._rebuild_xla_tensor', 'a tensor of an XLA device, kept as a numpy array'],
  ['torch._utils._rebuild_wrapper_subclass', 'a tensor of another class'],
  ['torch.storage._load_from_bytes', 'a tensor that was pickled without torch.save'],
]);

const TORCH_STORAGES =
  /^(cuda\.)?(Float|Half|BFloat16|Double|Long|Int|Short|Char|Byte|Bool|ComplexFloat|ComplexDouble|QInt8|QUInt8|QInt32|QUInt4x2|QUInt2x4|Untyped)Storage$/;
/** Classes of `torch` itself, its dtypes, layouts, memory formats and schemes of quantisation. */
const TORCH_DATA =
  /^(Size|device|dtype|layout|memory_format|qscheme|finfo|iinfo|Generator|Tensor|[A-Z][A-Za-z0-9]*Tensor|b?float\d*(_\w+)?|half|double|u?int\d*|long|short|bool|chalf|cfloat|cdouble|complex\d+|q(u?)int\d+(x\d+)?|bits\d+(x\d+)?|strided|sparse_\w+|jagged|_mkldnn|contiguous_format|preserve_format|channels_last(_3d)?|per_(tensor|channel)_\w+)$/;
const NUMPY_DATA =
  /^(dtype|ndarray|matrix|recarray|record|generic|void|datetime64|timedelta64|u?(byte|short|intc|intp|long|longlong)|half|single|double|c?longdouble|csingle|cdouble|(bool|u?int|float|complex|str|bytes|object|unicode|string)(_|\d*))$/;
const PYTHON_EXCEPTION = /^([A-Z]\w*(Error|Exception|Warning|Exit|Interrupt)|Exception|StopIteration)$/;

/** The names of each module that are data. Its other names could run code, and are refused. */
const DATA_OF_MODULES: ReadonlyMap<string, RegExp> = new Map([
  ['collections', /^(Counter|deque|ChainMap|UserDict|UserList|UserString)$/],
  ['torch', TORCH_DATA],
  ['torch._utils', /^(_rebuild_\w+|torch\.(contiguous_format|preserve_format|channels_last(_3d)?))$/],
  ['torch.serialization', /^_get_layout$/],
  ['torch._tensor', /^(Tensor|_rebuild_from_type\w*)$/],
  ['torch.storage', /^(_load_from_bytes|TypedStorage|_TypedStorage|_LegacyStorage|_UntypedStorage)$/],
  ['numpy', NUMPY_DATA],
  ['numpy.core.multiarray', /^(scalar|_reconstruct)$/],
  ['numpy._core.multiarray', /^(scalar|_reconstruct)$/],
  ['numpy.core.numeric', /^_frombuffer$/],
  ['numpy._core.numeric', /^_frombuffer$/],
  ['numpy.random', /^(__RandomState_ctor|[A-Z]\w*)$/],
  ['numpy.random._pickle', /^__(generator|randomstate|bit_generator)_ctor$/],
  ['_codecs', /^encode$/],
  ['codecs', /^encode$/],
  ['copyreg', /^(_reconstructor|__newobj__|__newobj_ex__)$/],
  ['copy_reg', /^(_reconstructor|__newobj__|__newobj_ex__)$/],
  ['functools', /^partial$/],
  // The function that combines members of an enum.Flag.
  ['operator', /^or_$/],
  ['_operator', /^or_$/],
  ['types', /^(SimpleNamespace|MappingProxyType)$/],
  ['typing', /^[A-Z]\w*$/],
  ['pandas', /^([A-Z]\w*)$/],
  ['random', /^Random$/],
  ['io', /^(BytesIO|StringIO)$/],
  ['re', /^_compile$/],
  ['logging', /^(Logger|RootLogger|Formatter|Filter|_getLevel\w*|getLogger)$/],
  ['weakref', /^(ref|WeakSet|WeakKeyDictionary|WeakValueDictionary)$/],
]);

const DATA_BUILTINS = new Set([
  ...['set', 'frozenset', 'slice', 'bytearray', 'bytes', 'complex', 'dict', 'list', 'tuple', 'int', 'long'],
  ...[
    'float',
    'bool',
    'str',
    'unicode',
    'object',
    'range',
    'xrange',
    'Ellipsis',
    'NotImplemented',
    'NoneType',
    'type',
  ],
]);

/** Packages and modules that run programs, load code, open connections, change files or reach into the interpreter. */
const ACTING_MODULES: readonly string[] = [
  ...[
    'os',
    'posix',
    'nt',
    'ntpath',
    'posixpath',
    'subprocess',
    '_posixsubprocess',
    'popen2',
    'commands',
    'pty',
  ],
  ...[
    'sys',
    'shutil',
    'socket',
    '_socket',
    'ssl',
    'importlib',
    '_frozen_importlib',
    'imp',
    'runpy',
    'pkgutil',
  ],
  ...[
    'zipimport',
    'webbrowser',
    'ctypes',
    '_ctypes',
    'cffi',
    'code',
    'codeop',
    'operator',
    '_operator',
    'pickle',
  ],
  ...[
    '_pickle',
    'cPickle',
    'dill',
    'cloudpickle',
    'joblib',
    'jsonpickle',
    'marshal',
    'shelve',
    'timeit',
    'pdb',
  ],
  ...[
    'bdb',
    'trace',
    'profile',
    'cProfile',
    'doctest',
    'asyncio',
    '_asyncio',
    'multiprocessing',
    'threading',
  ],
  ...[
    '_thread',
    'concurrent',
    'signal',
    '_signal',
    'platform',
    'tempfile',
    'urllib',
    'urllib2',
    'http',
    'requests',
  ],
  ...['httpx', 'aiohttp', 'smtplib', 'ftplib', 'telnetlib', 'poplib', 'imaplib', 'xmlrpc', 'socketserver'],
  ...['inspect', 'gc', 'site', 'distutils', 'setuptools', 'pip', 'ensurepip', 'venv', 'pydoc', 'linecache'],
  ...[
    'readline',
    'atexit',
    'sched',
    'glob',
    'fileinput',
    'mmap',
    'fcntl',
    'resource',
    'winreg',
    '_winapi',
    'msvcrt',
  ],
  ...[
    'IPython',
    'pexpect',
    'paramiko',
    'fabric',
    'psutil',
    'yaml',
    'logging.config',
    'pandas.io',
    'numpy.lib',
  ],
  ...[
    'numpy.testing',
    'numpy.f2py',
    'numpy.distutils',
    'numpy.ctypeslib',
    'torch.hub',
    'torch.jit',
    'torch.package',
  ],
  ...['torch.serialization', 'torch.multiprocessing', 'torch.utils.cpp_extension', 'torch.distributed.rpc'],
  ...['torch._dynamo', 'torch._inductor'],
];

const ACTING = new Set(ACTING_MODULES);
/** Of these, the modules that have no modules below them, so that `code.train` is a module of the user's. */
const PLAIN_MODULES = new Set([
  ...[
    'code',
    'codeop',
    'commands',
    'site',
    'trace',
    'profile',
    'glob',
    'platform',
    'resource',
    'sched',
    'signal',
  ],
  ...['operator', 'inspect', 'gc', 'imp', 'doctest', 'timeit', 'tempfile', 'shelve'],
]);
/** Module names of the interpreter itself. Other inner names could lead to an object's inner attributes. */
const MAIN_MODULES = new Set(['__main__', '__mp_main__', '__builtin__', '__torch__', '__future__']);

/** The meaning of `module.name`. Both parts are compared as they are, so that dots in them reach nothing. */
export function meaningOf(module: string, name: string): NameMeaning {
  const full = `${module}.${name}`;
  if (isKnown(full)) return 'known';
  if (module === 'builtins' || module === '__builtin__') {
    return DATA_BUILTINS.has(name) || PYTHON_EXCEPTION.test(name) ? 'opaque' : 'refused';
  }
  const data = DATA_OF_MODULES.get(module);
  if (data !== undefined) return data.test(name) ? 'opaque' : 'refused';
  const names = name.split('.');
  const isInner = (part: string): boolean => part.startsWith('__') && !MAIN_MODULES.has(part);
  if (names.some(isInner) || module.split('.').some(isInner)) return 'refused';
  // `a.b` as a class within a module; `some.sys` would lead to another module.
  if (names.length > 1 && names.some((part) => ACTING.has(part) || part === 'builtins')) return 'refused';
  return isActing(module) ? 'refused' : 'opaque';
}

function isKnown(full: string): boolean {
  return (
    full === ORDERED_DICT ||
    full === DEFAULT_DICT ||
    GETATTR.includes(full) ||
    UNREAD_TENSORS.has(full) ||
    Object.values<string>(REBUILD).includes(full) ||
    storageClassOf(full) !== null
  );
}

/** `Float` of `torch.FloatStorage`, wherever in PyTorch's versions the class lies; null for anything else. */
export function storageClassOf(full: string): string | null {
  const name = /^torch\.(?:storage\.)?(.+)$/.exec(full)?.[1] ?? '';
  const found = TORCH_STORAGES.exec(name)?.[2];
  return found ?? null;
}

/** Whether a module, or one above it, could run code. */
function isActing(module: string): boolean {
  const parts = module.split('.');
  return parts.some((_part, index) => {
    const above = parts.slice(0, index + 1).join('.');
    return ACTING.has(above) && (above === module || !PLAIN_MODULES.has(above));
  });
}

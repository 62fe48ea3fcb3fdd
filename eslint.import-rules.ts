import type { Linter } from 'eslint';
import boundaries from 'eslint-plugin-boundaries';

/**
 * The parts of the source, by file. `errors` is the one part of utils that models may take as a value, and lies in
 * `utils` too; every other file lies in exactly one part.
 */
const PARTS = {
  utils: 'utils/**',
  errors: 'utils/errors.ts',
  components: 'components/**',
  checkpoint: 'models/checkpoint/**',
  onnx: 'models/onnx/**',
  quantization: 'models/quantization/**',
  genconvit: 'models/genconvit/**',
  face: 'models/face/**',
  runtime: 'models/runtime/**',
  store: 'models/store/**',
  scan: 'models/scan/**',
  commands: 'models/commands/**',
  detector: 'models/detector.ts',
  // Data about the networks that any part may read, such as the registry of checkpoints.
  registry: 'models/!(detector).ts',
  content: 'entrypoints/content/**',
  badges: 'entrypoints/badges.content/**',
  screen: 'entrypoints/screen.content/**',
  popup: 'entrypoints/popup/**',
  background: 'entrypoints/background/**',
  offscreen: 'entrypoints/offscreen/**',
  options: 'entrypoints/options/**',
  details: 'entrypoints/details/**',
  welcome: 'entrypoints/welcome/**',
  check: 'entrypoints/check/**',
  test: 'test/**',
  config: '*.{ts,js}',
} as const;

type Part = keyof typeof PARTS;
const ALL_PARTS = Object.keys(PARTS) as Part[];

// Pure: no part of these knows the networks, a session, or storage.
const FORMATS: readonly Part[] = ['checkpoint', 'onnx', 'quantization'];
const MODELS: readonly Part[] = [
  ...FORMATS,
  'genconvit',
  'face',
  'runtime',
  'store',
  'scan',
  'detector',
  'registry',
];

/**
 * Which other parts a part may import from: with `values`, whatever they export; with `types`, by `import type`
 * only, so that nothing of them is bundled. A part may always import from itself.
 */
const MAY_IMPORT: Record<Part, { values?: readonly Part[]; types?: readonly Part[] }> = {
  utils: {},
  errors: {},
  components: { types: ['utils'] },

  checkpoint: { values: ['errors', ...FORMATS], types: ['utils'] },
  onnx: { values: ['errors', ...FORMATS], types: ['utils'] },
  quantization: { values: ['errors', ...FORMATS], types: ['utils'] },
  genconvit: { values: ['errors', ...FORMATS, 'registry'], types: ['utils', 'face'] },
  face: { values: ['errors'], types: ['utils'] },
  runtime: { values: ['errors'], types: ['utils'] },
  // Installing a model is converting a checkpoint into the store.
  store: { values: ['errors', 'checkpoint', 'genconvit', 'registry'], types: ['utils', 'onnx', 'runtime'] },
  // What one scan does with its frames: like the detector, it puts the parts together.
  scan: { values: ['errors', 'genconvit', 'face', 'runtime', 'store', 'detector'], types: ['utils'] },
  registry: { values: ['errors'], types: ['utils', ...MODELS] },
  // The two that put the parts together: for the extension, and for the command line.
  detector: { values: ['errors', ...MODELS], types: ['utils'] },
  commands: { values: ['errors', ...MODELS], types: ['utils'] },

  // Bundled into every page, or opened at every click: the networks must not come along.
  content: { values: ['components', 'utils'], types: MODELS },
  // On every page of a site where badges are on: it holds nothing but what looks out for videos.
  badges: { values: ['utils'] },
  // Beside the content script, with which it shares how elements lie in and over one another.
  screen: { values: ['utils', 'content'] },
  popup: { values: ['components', 'utils'], types: MODELS },
  background: { values: ['components', 'utils', ...MODELS] },
  offscreen: { values: ['components', 'utils', ...MODELS] },
  options: { values: ['components', 'utils', ...MODELS] },
  // It shows what a scan left behind: no network runs there.
  details: { values: ['components', 'utils'], types: MODELS },
  welcome: { values: ['components', 'utils', ...MODELS] },
  // It hands a file to the host: no network runs there.
  check: { values: ['components', 'utils'], types: MODELS },

  test: { values: ALL_PARTS },
  config: { values: ALL_PARTS },
};

const ENTRYPOINTS: readonly Part[] = [
  'content',
  'badges',
  'screen',
  'popup',
  'background',
  'offscreen',
  'options',
  'details',
  'welcome',
  'check',
];

/** Modules from outside that only some parts may import; tests and configuration are free. */
type ReservedModule = {
  modules: { origin: 'external' | 'core'; source?: string | string[] };
  onlyIn: readonly Part[];
  reason: string;
};

const RESERVED_MODULES: readonly ReservedModule[] = [
  {
    modules: { origin: 'external', source: ['onnxruntime-web', 'onnxruntime-common'] },
    onlyIn: ['runtime'],
    reason: 'Only models/runtime imports ONNX Runtime',
  },
  {
    modules: { origin: 'external', source: '@mediapipe/*' },
    onlyIn: ['face'],
    reason: 'Only models/face imports MediaPipe',
  },
  {
    modules: { origin: 'external', source: ['preact', '@preact/*'] },
    onlyIn: ['components', ...ENTRYPOINTS],
    reason: 'models and utils have no user interface',
  },
  {
    modules: { origin: 'external', source: 'wxt' },
    onlyIn: ['utils', ...ENTRYPOINTS],
    reason: 'models and components know no browser API',
  },
  {
    modules: { origin: 'external', source: ['webextension-polyfill', '@wxt-dev/webextension-polyfill'] },
    onlyIn: [],
    reason: 'Import { browser } from wxt/browser, which puts the polyfill behind it',
  },
  {
    modules: { origin: 'core' },
    onlyIn: ['commands'],
    reason: 'Only models/commands runs in Node alone',
  },
];

/** `import W from './inference.worker.ts?worker'`: allowed from the entrypoint's own folder only, see below. */
const WORKER_QUERY = '/[?]worker$/';

const part = (names: readonly Part[]) => ({ file: { categories: names } });

function folderPolicies(name: Part) {
  const { values = [], types = [] } = MAY_IMPORT[name];
  return [
    { from: part([name]), allow: { to: part([name, ...values]) } },
    ...(types.length > 0
      ? [{ from: part([name]), allow: { to: part(types), dependency: { kind: 'type' } } }]
      : []),
  ];
}

function modulePolicy({ modules, onlyIn, reason }: ReservedModule) {
  const others = ALL_PARTS.filter((name) => !onlyIn.includes(name) && name !== 'test' && name !== 'config');
  return { from: part(others), disallow: { to: { module: modules } }, message: `${reason}.` };
}

/** ESLint configuration objects that enforce the import rules under `rootDirectory`. */
export function importRules(rootDirectory: string): Linter.Config[] {
  return [
    {
      files: ['**/*.{ts,tsx,js}'],
      plugins: { boundaries },
      settings: {
        'boundaries/root-path': rootDirectory,
        'boundaries/files': Object.entries(PARTS).map(([category, pattern]) => ({ category, pattern })),
        'boundaries/dependency-nodes': ['dynamic-import', 'export', 'require'],
        'boundaries/additional-dependency-nodes': [
          // The plugin's own two `import` nodes, without Vite's queries, which no resolver knows.
          { selector: `ImportDeclaration[importKind=type] > Literal`, kind: 'type', name: 'import' },
          {
            selector: `ImportDeclaration[importKind!=type] > Literal:not([value=${WORKER_QUERY}])`,
            kind: 'value',
            name: 'import',
          },
        ],
        'boundaries/legacy-templates': false,
        // Relative imports name the file with its ending; node's resolver finds packages and built-ins.
        'import/resolver': { node: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.d.ts'] } },
      },
      rules: {
        'boundaries/no-unknown-files': 'error',
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                regex: '^[^.].*[?]worker$|^[.][.]/.*[?]worker$',
                message: 'A Worker lies beside its entrypoint.',
              },
            ],
          },
        ],
        'boundaries/dependencies': [
          'error',
          {
            default: 'disallow',
            checkAllOrigins: true,
            checkUnknownLocals: true,
            checkInternals: true,
            policies: [
              { allow: { to: { module: { origin: ['external', 'core'] } } } },
              ...ALL_PARTS.flatMap(folderPolicies),
              ...RESERVED_MODULES.map(modulePolicy),
            ],
          },
        ],
      },
    },
  ];
}

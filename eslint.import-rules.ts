import type { Linter } from 'eslint';
import boundaries from 'eslint-plugin-boundaries';

/** The parts of the source, by folder. Every file lies in exactly one part. */
const PARTS = {
  domain: 'utils/domain/**',
  browser: 'utils/browser/**',
  components: 'components/**',
  image: 'models/image/**',
  checkpoint: 'models/checkpoint/**',
  onnx: 'models/onnx/**',
  quantization: 'models/quantization/**',
  runtime: 'models/runtime/**',
  face: 'models/face/**',
  detectors: 'models/detectors/**',
  store: 'models/store/**',
  frames: 'models/frames/**',
  scan: 'models/scan/**',
  host: 'models/host/**',
  evaluation: 'models/evaluation/**',
  evidence: 'models/evidence/**',
  content: 'entrypoints/content/**',
  badges: 'entrypoints/badges.content/**',
  screen: 'entrypoints/screen.content/**',
  faces: 'entrypoints/faces.content/**',
  popup: 'entrypoints/popup/**',
  background: 'entrypoints/background/**',
  offscreen: 'entrypoints/offscreen/**',
  options: 'entrypoints/options/**',
  report: 'entrypoints/report/**',
  welcome: 'entrypoints/welcome/**',
  check: 'entrypoints/check/**',
  evaluate: 'entrypoints/evaluate/**',
  history: 'entrypoints/history/**',
  verify: 'entrypoints/verify/**',
  cli: 'entrypoints/cli/**',
  test: 'test/**',
  // For the version: an offscreen document can't read the manifest.
  package: 'package.json',
  config: '*.{ts,js}',
} as const;

type Part = keyof typeof PARTS;
const ALL_PARTS = Object.keys(PARTS) as Part[];

/** They know pictures, files and graphs. No part of these knows a detector, a session, or storage. */
const FORMATS: readonly Part[] = ['checkpoint', 'onnx', 'quantization'];
const MODELS: readonly Part[] = [
  'image',
  ...FORMATS,
  'runtime',
  'face',
  'detectors',
  'store',
  'frames',
  'scan',
  'host',
  'evaluation',
  'evidence',
];

/**
 * Which other parts a part may import from: with `values`, whatever they export; with `types`, by `import type`
 * only, so that nothing of them is bundled. A part may always import from itself.
 */
const MAY_IMPORT: Record<Part, { values?: readonly Part[]; types?: readonly Part[] }> = {
  domain: {},
  package: {},
  browser: { values: ['domain'] },
  components: { values: ['domain'] },

  image: { values: ['domain'] },
  checkpoint: { values: ['domain', ...FORMATS] },
  onnx: { values: ['domain', ...FORMATS] },
  quantization: { values: ['domain', ...FORMATS] },
  runtime: { values: ['domain'] },
  face: { values: ['domain', 'image'] },
  // A detector knows neither storage nor sessions.
  detectors: { values: ['domain', 'image', ...FORMATS], types: ['face'] },
  // Installing a model is converting a checkpoint into the store.
  store: { values: ['domain', 'checkpoint', 'detectors'], types: ['onnx', 'runtime'] },
  frames: { values: ['domain', 'image'] },
  scan: { values: ['domain', 'image', 'face', 'frames', 'detectors', 'runtime', 'store'] },
  // Archives and pictures; the networks that run a bundle's pictures again are its callers'.
  evidence: { values: ['domain', 'image', 'checkpoint'] },
  // The two that put the parts together: for the extension, and for datasets.
  host: { values: ['domain', ...MODELS] },
  evaluation: { values: ['domain', ...MODELS] },
  // Of the components, the plots alone are no TSX, which Node does not read.
  cli: { values: ['components', 'domain', ...MODELS] },

  // Bundled into every page: the networks must not come along. A frame that is too large to be sent is cut in the page.
  content: { values: ['components', 'domain', 'browser', 'image'], types: MODELS },
  // On every page of a site where badges are on: it holds only what finds videos.
  badges: { values: ['domain', 'browser'] },
  screen: { values: ['domain', 'browser'] },
  faces: { values: ['components', 'domain', 'browser'] },
  // Opened at every click.
  popup: { values: ['components', 'domain', 'browser'], types: MODELS },
  background: { values: ['components', 'domain', 'browser', ...MODELS] },
  offscreen: { values: ['domain', 'browser', 'package', ...MODELS] },
  options: { values: ['components', 'domain', 'browser', ...MODELS] },
  // It shows a finished scan: no network runs there.
  report: { values: ['components', 'domain', 'browser', 'image', 'evidence'], types: MODELS },
  welcome: { values: ['components', 'domain', 'browser', ...MODELS] },
  check: { values: ['components', 'domain', 'browser', ...MODELS] },
  evaluate: { values: ['components', 'domain', 'browser', ...MODELS] },
  // It shows finished scans: no network runs there.
  history: { values: ['components', 'domain', 'browser'] },
  verify: { values: ['components', 'domain', 'browser', ...MODELS] },

  test: { values: ALL_PARTS },
  config: { values: ALL_PARTS },
};

const ENTRYPOINTS: readonly Part[] = [
  'content',
  'badges',
  'screen',
  'faces',
  'popup',
  'background',
  'offscreen',
  'options',
  'report',
  'welcome',
  'check',
  'evaluate',
  'history',
  'verify',
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
    onlyIn: ['browser', ...ENTRYPOINTS],
    reason: 'Only utils/browser and entrypoints know the browser API',
  },
  {
    modules: { origin: 'external', source: ['webextension-polyfill', '@wxt-dev/webextension-polyfill'] },
    onlyIn: [],
    reason: 'Import { browser } from wxt/browser, which puts the polyfill behind it',
  },
  {
    modules: { origin: 'external', source: ['bullmq', 'ioredis'] },
    onlyIn: ['cli'],
    reason: 'Only entrypoints/cli knows the queue',
  },
  {
    modules: { origin: 'core' },
    onlyIn: ['cli', 'runtime', 'store'],
    reason: 'Only entrypoints/cli, the Node loader and the folder store run in Node',
  },
];

/** Vite's `import W from './inference.worker.ts?worker'` and `import style from './badge.css?inline'`: see below. */
const VITE_QUERY = '/[?](worker|inline)$/';

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
          // The plugin's own two `import` nodes, without Vite's queries and WXT's `#i18n`, which no resolver knows.
          {
            selector: `ImportDeclaration[importKind=type] > Literal:not([value='#i18n'])`,
            kind: 'type',
            name: 'import',
          },
          {
            selector: `ImportDeclaration[importKind!=type] > Literal:not([value=${VITE_QUERY}], [value='#i18n'])`,
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
                regex: '^(?!([.][.]/)+models/host/[^/]+[?]worker$|[.]/[^/]+[?]worker$)(?=.*[?]worker$)',
                message: 'Workers lie in models/host.',
              },
              {
                regex: '^(?!([.][.]/)+components/[^?]+[.]css[?]inline$)(?=.*[?]inline$)',
                message: 'Styles for shadow roots lie in components.',
              },
              { regex: '^#i18n$', message: 'Take texts from components/texts.tsx.' },
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
    { files: ['components/texts.tsx'], rules: { 'no-restricted-imports': 'off' } },
  ];
}

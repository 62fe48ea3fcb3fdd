import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRules } from '../../../eslint.import-rules.ts';

/** One file of each part, for the others to import. */
const TARGETS = [
  'components/badge.tsx',
  'entrypoints/background/menus.ts',
  'entrypoints/content/sampling.ts',
  'entrypoints/offscreen/analysis.worker.ts',
  'entrypoints/popup/popup.tsx',
  'models/checkpoint/pickle.ts',
  'models/commands/score.ts',
  'models/detector.ts',
  'models/face/crop.ts',
  'models/genconvit/ed.ts',
  'models/onnx/graph.ts',
  'models/quantization/int8.ts',
  'models/registry.ts',
  'models/runtime/session.ts',
  'models/scan/scan.ts',
  'models/store/store.ts',
  'utils/errors.ts',
  'utils/settings.ts',
];

let root: string;
let eslint: ESLint;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'import-rules-'));
  await symlink(resolve(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'));
  for (const target of TARGETS) {
    await mkdir(dirname(join(root, target)), { recursive: true });
    await writeFile(join(root, target), 'export const value = 1;\n');
  }
  eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ['**/*.{ts,tsx}'], languageOptions: { parser: tseslint.parser } },
      ...importRules(root),
    ],
  });
});

afterAll(() => rm(root, { recursive: true }));

async function lint(filePath: string, source: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${source}\n`, { filePath: join(root, filePath) });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'parser'}: ${message}`);
}

const value = (path: string): string => `import { value } from '${path}';`;
const type = (path: string): string => `import type { value } from '${path}';`;

const ALLOWED: readonly (readonly [importer: string, source: string])[] = [
  ['models/onnx/writer.ts', value('./graph.ts')],
  ['models/onnx/writer.ts', value('../../utils/errors.ts')],
  ['models/onnx/writer.ts', type('../../utils/settings.ts')],
  ['models/onnx/writer.ts', value('hash-wasm')],
  ['models/quantization/int4.ts', value('../onnx/graph.ts')],
  ['models/genconvit/vae.ts', value('../checkpoint/pickle.ts')],
  ['models/genconvit/vae.ts', value('../onnx/graph.ts')],
  ['models/genconvit/vae.ts', value('../quantization/int8.ts')],
  ['models/genconvit/vae.ts', type('../face/crop.ts')],
  ['models/store/download.ts', type('../runtime/session.ts')],
  ['models/store/download.ts', value('../registry.ts')],
  ['models/store/install-model.ts', value('../genconvit/ed.ts')],
  ['models/scan/scan.ts', value('../detector.ts')],
  ['models/scan/scan.ts', value('../store/store.ts')],
  ['models/detector.ts', value('./store/store.ts')],
  ['models/detector.ts', value('./runtime/session.ts')],
  ['models/detector.ts', value('./face/crop.ts')],
  ['models/detector.ts', value('./genconvit/ed.ts')],
  ['models/commands/convert.ts', value('../runtime/session.ts')],
  ['models/commands/convert.ts', value('node:fs')],
  ['models/runtime/load.ts', value('onnxruntime-web')],
  ['models/runtime/load.ts', "await import('onnxruntime-web/jspi');"],
  ['models/face/detect.ts', value('@mediapipe/tasks-vision')],
  ['components/popup-view.tsx', type('../utils/settings.ts')],
  ['components/popup-view.tsx', value('./badge.tsx')],
  ['components/popup-view.tsx', value('preact/hooks')],
  ['entrypoints/content/index.ts', type('../../models/detector.ts')],
  ['entrypoints/content/index.ts', value('../../utils/settings.ts')],
  ['entrypoints/content/index.ts', value('wxt/browser')],
  ['entrypoints/popup/main.tsx', value('../../components/badge.tsx')],
  ['entrypoints/popup/main.tsx', value('preact')],
  ['entrypoints/popup/main.tsx', type('../../models/registry.ts')],
  ['entrypoints/offscreen/main.ts', value('../../models/detector.ts')],
  ['entrypoints/offscreen/main.ts', "import Worker from './analysis.worker.ts?worker';"],
  ['entrypoints/background/index.ts', value('../../models/store/store.ts')],
  ['utils/ports.ts', value('./errors.ts')],
  ['utils/ports.ts', value('wxt/browser')],
  [
    'test/unit/any.test.ts',
    `${value('../../models/onnx/graph.ts')} ${value('onnxruntime-web')} ${value('node:fs')}`,
  ],
  ['wxt.config.ts', `${value('./models/face/crop.ts')} ${value('node:fs')}`],
];

const FORBIDDEN: readonly (readonly [importer: string, source: string])[] = [
  // models → utils' plain types
  ['models/onnx/writer.ts', value('../../utils/settings.ts')],
  // formats know nothing of the networks
  ['models/checkpoint/zip.ts', value('../genconvit/ed.ts')],
  ['models/checkpoint/zip.ts', type('../store/store.ts')],
  ['models/onnx/writer.ts', type('../genconvit/ed.ts')],
  ['models/onnx/writer.ts', "export * from '../genconvit/ed.ts';"],
  ['models/onnx/writer.ts', "await import('../genconvit/ed.ts');"],
  ['models/onnx/writer.ts', value('../registry.ts')],
  ['models/quantization/int4.ts', value('../runtime/session.ts')],
  ['models/quantization/int4.ts', value('../face/crop.ts')],
  ['models/quantization/int4.ts', value('../detector.ts')],
  // genconvit knows neither storage nor sessions
  ['models/genconvit/vae.ts', type('../store/store.ts')],
  ['models/genconvit/vae.ts', type('../runtime/session.ts')],
  ['models/genconvit/vae.ts', value('../face/crop.ts')],
  // only models/detector.ts knows all parts
  ['models/runtime/self-test.ts', value('../genconvit/ed.ts')],
  ['models/store/download.ts', value('../runtime/session.ts')],
  ['models/store/download.ts', value('../face/crop.ts')],
  ['models/genconvit/vae.ts', type('../scan/scan.ts')],
  ['models/face/detect.ts', value('../genconvit/ed.ts')],
  ['models/registry.ts', value('./store/store.ts')],
  ['models/runtime/session.ts', type('../detector.ts')],
  ['models/detector.ts', value('./commands/score.ts')],
  // packages with one owner
  ['models/genconvit/vae.ts', value('onnxruntime-web')],
  ['models/commands/convert.ts', type('onnxruntime-common')],
  ['entrypoints/offscreen/main.ts', value('onnxruntime-web/jspi')],
  ['entrypoints/offscreen/main.ts', value('@mediapipe/tasks-vision')],
  ['models/detector.ts', value('@mediapipe/tasks-vision')],
  ['models/detector.ts', value('preact')],
  ['utils/text.ts', value('preact')],
  ['models/store/download.ts', value('wxt/browser')],
  ['components/popup-view.tsx', value('wxt/browser')],
  ['entrypoints/background/index.ts', value('webextension-polyfill')],
  ['models/runtime/load.ts', value('node:os')],
  ['entrypoints/background/index.ts', value('node:fs')],
  // components → types of utils
  ['components/popup-view.tsx', value('../utils/settings.ts')],
  ['components/popup-view.tsx', type('../models/registry.ts')],
  ['components/popup-view.tsx', type('../entrypoints/popup/popup.tsx')],
  // entrypoints never each other; content and popup take models only as types
  ['entrypoints/popup/main.tsx', type('../background/menus.ts')],
  ['entrypoints/background/index.ts', value('../content/sampling.ts')],
  ['entrypoints/popup/main.tsx', value('../../models/registry.ts')],
  ['entrypoints/content/index.ts', value('../../models/face/crop.ts')],
  ['entrypoints/content/index.ts', "import { type value } from '../../models/detector.ts';"],
  ['entrypoints/offscreen/main.ts', value('../../models/commands/score.ts')],
  // utils imports nothing of ours
  ['utils/ports.ts', type('../models/detector.ts')],
  ['utils/ports.ts', value('../components/badge.tsx')],
  // product code does not know its tests
  ['models/onnx/writer.ts', value('../../test/unit/any.ts')],
  // a file that does not exist
  ['models/onnx/writer.ts', value('./missing.ts')],
];

test.each(ALLOWED)('%s may: %s', async (importer, source) => {
  expect(await lint(importer, source)).toEqual([]);
});

test.each(FORBIDDEN)('%s must not: %s', async (importer, source) => {
  expect(await lint(importer, source)).toEqual([expect.stringMatching(/^boundaries\/dependencies: /)]);
});

test('a Worker of another entrypoint is refused', async () => {
  expect(
    await lint('entrypoints/offscreen/main.ts', "import Worker from '../content/sampling.ts?worker';"),
  ).toEqual([expect.stringMatching(/^no-restricted-imports: .* A Worker lies beside its entrypoint/)]);
});

test('a file outside the layout is refused', async () => {
  expect(await lint('src/helpers.ts', 'export const value = 1;')).toEqual([
    expect.stringMatching(/^boundaries\/no-unknown-files: /),
  ]);
});

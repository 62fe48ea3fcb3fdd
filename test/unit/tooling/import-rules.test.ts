import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRules } from '../../../eslint.import-rules.ts';

/** Files for the others to import: at least one of each part. */
const TARGETS = [
  'components/badge/badge.tsx',
  'entrypoints/background/menu.ts',
  'entrypoints/badges.content/video-watch.ts',
  'entrypoints/check/check-page.tsx',
  'entrypoints/cli/score.ts',
  'entrypoints/content/overlay.ts',
  'entrypoints/evaluate/gather-files.ts',
  'entrypoints/history/history-page.tsx',
  'entrypoints/offscreen/open-host.ts',
  'entrypoints/options/options.tsx',
  'entrypoints/popup/popup.tsx',
  'entrypoints/report/report.tsx',
  'entrypoints/screen.content/covers.ts',
  'entrypoints/verify/bundle-result.tsx',
  'entrypoints/faces.content/box-on-video.ts',
  'entrypoints/welcome/welcome.tsx',
  'models/checkpoint/read/pickle.ts',
  'models/detectors/genconvit/ed.ts',
  'models/detectors/registry.ts',
  'models/evaluation/metrics.ts',
  'models/evidence/check-bundle.ts',
  'models/face/crop.ts',
  'models/frames/frame-source.ts',
  'models/host/engine.worker.ts',
  'models/host/start-host.ts',
  'models/image/raster-image.ts',
  'models/onnx/graph.ts',
  'models/quantization/int8.ts',
  'models/runtime/session.ts',
  'models/scan/run-scan.ts',
  'models/store/model-store.ts',
  'utils/browser/settings.ts',
  'utils/domain/scan.ts',
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
  ['models/onnx/writer.ts', value('hash-wasm')],
  // the domain is everybody's: its values too
  ['models/onnx/writer.ts', value('../../utils/domain/scan.ts')],
  ['models/image/cutter.ts', value('../../utils/domain/scan.ts')],
  ['models/scan/people.ts', type('../../utils/domain/scan.ts')],
  ['components/popup-view.tsx', value('../utils/domain/scan.ts')],
  ['utils/browser/messages.ts', value('../domain/scan.ts')],
  ['utils/domain/report.ts', value('./scan.ts')],
  // formats and pictures
  ['models/quantization/int4.ts', value('../onnx/graph.ts')],
  ['models/face/detect.ts', value('../image/raster-image.ts')],
  ['models/frames/file-source.ts', value('../image/raster-image.ts')],
  // a detector is built of formats, and takes faces as types
  ['models/detectors/genconvit/vae.ts', value('../../checkpoint/read/pickle.ts')],
  ['models/detectors/genconvit/vae.ts', value('../../onnx/graph.ts')],
  ['models/detectors/genconvit/vae.ts', value('../../quantization/int8.ts')],
  ['models/detectors/genconvit/vae.ts', value('../../image/raster-image.ts')],
  ['models/detectors/genconvit/vae.ts', type('../../face/crop.ts')],
  // a checkpoint is installed into the store by its detector
  ['models/store/install-model.ts', value('../detectors/registry.ts')],
  ['models/store/install-model.ts', value('../checkpoint/read/pickle.ts')],
  ['models/store/download/download.ts', type('../../runtime/session.ts')],
  // a scan puts frames, faces and networks together; the host, the evaluation and the command line put scans together
  ['models/scan/run-scan.ts', value('../frames/frame-source.ts')],
  ['models/scan/run-scan.ts', value('../face/crop.ts')],
  ['models/scan/run-scan.ts', value('../detectors/registry.ts')],
  ['models/scan/run-scan.ts', value('../runtime/session.ts')],
  ['models/scan/run-scan.ts', value('../store/model-store.ts')],
  ['models/host/start-host.ts', value('../scan/run-scan.ts')],
  ['models/host/start-host.ts', value('../store/model-store.ts')],
  ['models/evaluation/dataset.ts', value('../scan/run-scan.ts')],
  ['models/evidence/read-bundle.ts', value('../checkpoint/read/pickle.ts')],
  ['entrypoints/cli/convert.ts', value('../../models/runtime/session.ts')],
  ['entrypoints/cli/convert.ts', value('node:fs')],
  // packages with one owner
  ['models/runtime/load.ts', value('onnxruntime-web')],
  ['models/runtime/load.ts', "await import('onnxruntime-web/jspi');"],
  ['models/runtime/load-ort-node.ts', value('node:fs')],
  ['models/store/backends/folder.ts', value('node:fs')],
  ['models/face/detect.ts', value('@mediapipe/tasks-vision')],
  ['components/popup-view.tsx', value('./badge/badge.tsx')],
  ['components/popup-view.tsx', value('preact/hooks')],
  ['utils/browser/ports.ts', value('wxt/browser')],
  // entrypoints
  ['entrypoints/content/index.ts', type('../../models/scan/run-scan.ts')],
  ['entrypoints/content/index.ts', value('../../models/image/raster-image.ts')],
  ['entrypoints/content/index.ts', value('../../utils/browser/settings.ts')],
  ['entrypoints/content/index.ts', value('wxt/browser')],
  ['entrypoints/badges.content/index.ts', value('../../utils/browser/settings.ts')],
  ['entrypoints/screen.content/index.ts', value('../../utils/domain/scan.ts')],
  ['entrypoints/faces.content/index.ts', value('../../components/badge/badge.tsx')],
  ['entrypoints/popup/main.tsx', value('../../components/badge/badge.tsx')],
  ['entrypoints/popup/main.tsx', value('preact')],
  ['entrypoints/popup/main.tsx', type('../../models/detectors/registry.ts')],
  ['entrypoints/report/main.tsx', type('../../models/scan/run-scan.ts')],
  ['entrypoints/report/export-report.tsx', value('../../models/evidence/check-bundle.ts')],
  ['entrypoints/verify/main.tsx', value('../../models/evidence/check-bundle.ts')],
  ['entrypoints/offscreen/main.ts', value('../../models/host/start-host.ts')],
  ['entrypoints/offscreen/main.ts', "import Worker from '../../models/host/engine.worker.ts?worker';"],
  ['entrypoints/content/overlay.ts', "import style from '../../components/badge/badge.css?inline';"],
  ['entrypoints/background/index.ts', value('../../models/store/model-store.ts')],
  ['entrypoints/check/main.tsx', value('../../models/frames/frame-source.ts')],
  ['entrypoints/evaluate/main.tsx', value('../../models/frames/frame-source.ts')],
  ['entrypoints/options/main.tsx', value('../../models/store/model-store.ts')],
  ['entrypoints/welcome/main.tsx', value('../../models/detectors/registry.ts')],
  // tests and configuration know everything
  [
    'test/unit/any.test.ts',
    `${value('../../models/onnx/graph.ts')} ${value('onnxruntime-web')} ${value('node:fs')}`,
  ],
  ['wxt.config.ts', `${value('./models/face/crop.ts')} ${value('node:fs')}`],
];

const FORBIDDEN: readonly (readonly [importer: string, source: string])[] = [
  // models know nothing of the browser
  ['models/onnx/writer.ts', value('../../utils/browser/settings.ts')],
  ['models/host/start-host.ts', type('../../utils/browser/settings.ts')],
  // formats and pictures know nothing of the networks
  ['models/checkpoint/read/zip.ts', value('../../detectors/genconvit/ed.ts')],
  ['models/checkpoint/read/zip.ts', type('../../store/model-store.ts')],
  ['models/onnx/writer.ts', type('../detectors/genconvit/ed.ts')],
  ['models/onnx/writer.ts', "export * from '../detectors/genconvit/ed.ts';"],
  ['models/onnx/writer.ts', "await import('../detectors/genconvit/ed.ts');"],
  ['models/onnx/writer.ts', value('../detectors/registry.ts')],
  ['models/quantization/int4.ts', value('../runtime/session.ts')],
  ['models/quantization/int4.ts', value('../face/crop.ts')],
  ['models/quantization/int4.ts', value('../scan/run-scan.ts')],
  ['models/image/cutter.ts', value('../face/crop.ts')],
  ['models/image/cutter.ts', type('../detectors/registry.ts')],
  // a detector knows neither storage nor sessions
  ['models/detectors/genconvit/vae.ts', type('../../store/model-store.ts')],
  ['models/detectors/genconvit/vae.ts', type('../../runtime/session.ts')],
  ['models/detectors/genconvit/vae.ts', value('../../face/crop.ts')],
  ['models/detectors/genconvit/vae.ts', type('../../scan/run-scan.ts')],
  ['models/detectors/registry.ts', value('../store/model-store.ts')],
  // below the scan, parts do not know each other
  ['models/runtime/self-test.ts', value('../detectors/genconvit/ed.ts')],
  ['models/runtime/session.ts', type('../scan/run-scan.ts')],
  ['models/store/download/download.ts', value('../../runtime/session.ts')],
  ['models/store/download/download.ts', value('../../face/crop.ts')],
  ['models/face/detect.ts', value('../detectors/genconvit/ed.ts')],
  ['models/frames/file-source.ts', value('../scan/run-scan.ts')],
  ['models/scan/run-scan.ts', value('../host/start-host.ts')],
  ['models/scan/run-scan.ts', type('../evaluation/metrics.ts')],
  ['models/evaluation/dataset.ts', value('../../entrypoints/cli/score.ts')],
  // a bundle is checked without networks
  ['models/evidence/check-bundle.ts', value('../scan/run-scan.ts')],
  // packages with one owner
  ['models/detectors/genconvit/vae.ts', value('onnxruntime-web')],
  ['entrypoints/cli/convert.ts', type('onnxruntime-common')],
  ['entrypoints/offscreen/main.ts', value('onnxruntime-web/jspi')],
  ['entrypoints/offscreen/main.ts', value('@mediapipe/tasks-vision')],
  ['models/scan/run-scan.ts', value('@mediapipe/tasks-vision')],
  ['models/scan/run-scan.ts', value('preact')],
  ['utils/browser/text.ts', value('preact')],
  ['models/host/start-host.ts', value('wxt/browser')],
  ['models/store/download/download.ts', value('wxt/browser')],
  ['components/popup-view.tsx', value('wxt/browser')],
  ['utils/domain/report.ts', value('wxt/browser')],
  ['entrypoints/background/index.ts', value('webextension-polyfill')],
  ['models/scan/judge.ts', value('node:os')],
  ['entrypoints/background/index.ts', value('node:fs')],
  // components → domain
  ['components/popup-view.tsx', value('../utils/browser/settings.ts')],
  ['components/popup-view.tsx', type('../utils/browser/settings.ts')],
  ['components/popup-view.tsx', type('../models/detectors/registry.ts')],
  ['components/popup-view.tsx', type('../entrypoints/popup/popup.tsx')],
  // entrypoints never each other
  ['entrypoints/popup/main.tsx', type('../background/menu.ts')],
  ['entrypoints/background/index.ts', value('../content/overlay.ts')],
  ['entrypoints/screen.content/index.ts', value('../content/overlay.ts')],
  ['entrypoints/faces.content/index.ts', value('../content/overlay.ts')],
  ['entrypoints/check/main.tsx', type('../report/report.tsx')],
  ['entrypoints/evaluate/main.tsx', type('../report/report.tsx')],
  ['entrypoints/history/main.tsx', value('../report/report.tsx')],
  ['entrypoints/history/main.tsx', value('../../models/store/model-store.ts')],
  ['entrypoints/verify/main.tsx', value('../report/report.tsx')],
  ['entrypoints/welcome/main.tsx', value('../options/options.tsx')],
  ['entrypoints/offscreen/main.ts', value('../cli/score.ts')],
  ['entrypoints/cli/convert.ts', value('../offscreen/open-host.ts')],
  // content scripts, popup and report are bundled without networks
  ['entrypoints/popup/main.tsx', value('../../models/detectors/registry.ts')],
  ['entrypoints/content/index.ts', value('../../models/face/crop.ts')],
  ['entrypoints/content/index.ts', "import { type value } from '../../models/scan/run-scan.ts';"],
  ['entrypoints/badges.content/index.ts', type('../../models/image/raster-image.ts')],
  ['entrypoints/badges.content/index.ts', value('../../components/badge/badge.tsx')],
  ['entrypoints/screen.content/index.ts', value('../../models/image/raster-image.ts')],
  ['entrypoints/report/main.tsx', value('../../models/scan/run-scan.ts')],
  // utils import nothing of ours
  ['utils/browser/ports.ts', type('../../models/scan/run-scan.ts')],
  ['utils/browser/ports.ts', value('../../components/badge/badge.tsx')],
  ['utils/domain/report.ts', type('../browser/settings.ts')],
  ['utils/domain/report.ts', type('../../models/scan/run-scan.ts')],
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

test.each([
  ['entrypoints/offscreen/main.ts', '../content/overlay.ts?worker'],
  ['entrypoints/offscreen/main.ts', '../../models/scan/run-scan.ts?worker'],
  ['entrypoints/check/main.tsx', '../../models/host/deeper/engine.worker.ts?worker'],
])('%s must not start a Worker from %s', async (importer, address) => {
  expect(await lint(importer, `import Worker from '${address}';`)).toEqual([
    expect.stringMatching(/^no-restricted-imports: .* Workers lie in models\/host/),
  ]);
});

test('a style for a shadow root must not come from another entrypoint', async () => {
  const source = `import style from '../popup/popup.css?inline';`;
  expect(await lint('entrypoints/content/overlay.ts', source)).toEqual([
    expect.stringMatching(/^no-restricted-imports: .* Styles for shadow roots lie in components/),
  ]);
});

test('the lists above import from every part, and for every part', () => {
  const importers = [...ALLOWED, ...FORBIDDEN].map(([importer]) => importer);
  const rules = importRules(root)[0]?.settings?.['boundaries/files'] as readonly { pattern: string }[];
  const folders = rules
    .map(({ pattern }) => pattern.replace('**', ''))
    .filter((folder) => folder.endsWith('/'));
  expect(folders.filter((folder) => !importers.some((path) => path.startsWith(folder)))).toEqual([]);
  const imported = folders.filter((folder) => folder !== 'test/');
  expect(imported.filter((folder) => !TARGETS.some((path) => path.startsWith(folder)))).toEqual([]);
});

test('a file outside the layout is refused', async () => {
  expect(await lint('src/helpers.ts', 'export const value = 1;')).toEqual([
    expect.stringMatching(/^boundaries\/no-unknown-files: /),
  ]);
});

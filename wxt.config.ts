import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import preact from '@preact/preset-vite';
import { defaultClientConditions } from 'vite';
import type { Plugin } from 'vite';
import { defineConfig, type ResolvedPublicFile } from 'wxt';
import { collectPackages, formatNotices, NOTICES_NAME, packageOf } from './wxt.licences.ts';
import { addNormalizationMetadata } from './models/face/tflite-metadata.ts';
import { PUBLISHER } from './models/detectors/genconvit/published.ts';

/** The publisher of the checkpoints and the hosts to which its file addresses redirect. */
const MODEL_PUBLISHER = PUBLISHER.hostPermissions.map((pattern) => pattern.replace(/\/\*$/, ''));

const FACE_MODEL = 'face_detection_full_range_sparse.tflite';

/** Where packaged files come from (under node_modules) and go to (under the extension's root). */
const PACKAGED_FILES = [
  // Both builds of the WebGPU runtime run the wasm execution provider too; which one is decided at run time.
  ['onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.mjs', 'ort/ort-wasm-simd-threaded.jspi.mjs'],
  ['onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm', 'ort/ort-wasm-simd-threaded.jspi.wasm'],
  ['onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs', 'ort/ort-wasm-simd-threaded.asyncify.mjs'],
  ['onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm', 'ort/ort-wasm-simd-threaded.asyncify.wasm'],
  // The `module` loader only: detection never runs outside a module Worker.
  ['@mediapipe/tasks-vision/wasm/vision_wasm_module_internal.js', 'mediapipe/vision_wasm_module_internal.js'],
  [
    '@mediapipe/tasks-vision/wasm/vision_wasm_module_internal.wasm',
    'mediapipe/vision_wasm_module_internal.wasm',
  ],
  // Loaded for files alone that the browser can't decode.
  ['@ffmpeg/core/dist/esm/ffmpeg-core.js', 'ffmpeg/ffmpeg-core.js'],
  ['@ffmpeg/core/dist/esm/ffmpeg-core.wasm', 'ffmpeg/ffmpeg-core.wasm'],
] as const;

/** Packages whose files or code the extension holds: those that are copied, and those that bundles take in. */
const shippedPackages = new Set([
  '@mediapipe/face_detection',
  ...PACKAGED_FILES.map(([path]) => packageOf(`/node_modules/${path}`)!),
]);

export default defineConfig({
  imports: false,
  modules: ['@wxt-dev/webextension-polyfill', '@wxt-dev/i18n/module'],
  // One file a language; `_locales/` in the built extension is made of them.
  i18n: { localesDir: resolve(import.meta.dirname, 'utils/locales') },
  vite: () => ({
    plugins: [preact(), standInsInPages(), fewFilesForPages(), collectPackages(shippedPackages)],
    // The condition keeps ONNX Runtime's glue out of the bundle: it is packaged once, under /ort/.
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    worker: { format: 'es', plugins: () => [collectPackages(shippedPackages)] },
    build: { target: 'chrome148' },
  }),
  manifest: ({ command, mode }) => ({
    name: '__MSG_extension_name__',
    description: '__MSG_extension_description__',
    default_locale: 'en',
    minimum_chrome_version: '148',
    // Frames cross a port as ImageData; the default JSON serialization turns them into `{}`.
    message_serialization: 'structured_clone',
    // The toolbar shows the mark at rest; the background draws its other states.
    action: { default_icon: { 16: 'icon/idle-16.png', 32: 'icon/idle-32.png' } },
    commands: {
      'check-video': {
        suggested_key: { default: 'Alt+Shift+V' },
        description: '__MSG_command_checkVideo__',
      },
    },
    // None of them shows a warning. The rules for requests reach the hosts alone that the user allows.
    permissions: [
      'activeTab',
      'contextMenus',
      'declarativeNetRequestWithHostAccess',
      'offscreen',
      'scripting',
      'storage',
      'unlimitedStorage',
    ],
    // What an administrator can set; see utils/domain/policy.ts.
    storage: { managed_schema: 'managed-schema.json' },
    // Asked for at a click, host by host: of a video's file, of a player's frame, and of the model's publisher where the
    // browser keeps its answers from us without it.
    optional_host_permissions: ['*://*/*'],
    content_security_policy: {
      extension_pages: contentSecurityPolicy({ isDevelopment: command === 'serve', isTest: mode === 'test' }),
    },
  }),
  hooks: {
    'build:publicAssets': async (wxt, files) => {
      files.push(...(await packagedFiles(wxt.config.root, wxt.config.wxtDir)));
    },
    'build:done': async ({ config }) => {
      const notices = await formatNotices(config.root, shippedPackages);
      await writeFile(resolve(config.outDir, NOTICES_NAME), notices);
    },
  },
});

/**
 * What scripts that go into pages have instead of a library, since every byte of them counts there.
 * - The polyfill is 2.8 kB of each, gzipped. From the version on that the manifest asks for, Chromium's own API gives promises,
 *   and Firefox's always has, which is all that the polyfill does for them; everywhere else it stays.
 * - Of @wxt-dev/i18n the texts need the message of a key only; plural forms and values are components/texts.tsx's.
 * - WXT's context sends and listens for an event on the page's document, for as long as the page lives, so that a later copy of
 *   a script ends an earlier one. Ours find each other in utils/browser/frame-world.ts, and leave nothing behind.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'webextension-polyfill':
    'export default globalThis.browser?.runtime?.id ? globalThis.browser : globalThis.chrome;',
  '@wxt-dev/i18n':
    "import browser from 'webextension-polyfill'; export const createI18n = () => ({ t: (key) => browser.i18n.getMessage(key.replaceAll('.', '_')) });",
  'wxt/utils/content-script-context': 'export class ContentScriptContext {}',
};

function standInsInPages(): Plugin {
  const PREFIX = '\0stand-in:';
  let isContentScript = false;
  return {
    name: 'stand-ins-in-pages',
    enforce: 'pre',
    configResolved: ({ build: { lib } }) => {
      const entry = lib === false ? undefined : lib.entry;
      isContentScript = typeof entry === 'string' && entry.includes('content-script');
    },
    resolveId: (source) => (isContentScript && source in STAND_INS ? PREFIX + source : undefined),
    load: (id) => (id.startsWith(PREFIX) ? STAND_INS[id.slice(PREFIX.length)] : undefined),
  };
}

/**
 * The pages share their modules in dozens of combinations, and each combination would be a file of its own: a page of 130 kB came
 * in 33 files, and asking the browser for each takes longer than running what is in it. Files under 40 kB are joined with those
 * that nearly the same pages load, so that a page loads some kilobytes of others for it.
 */
function fewFilesForPages(): Plugin {
  return {
    name: 'few-files-for-pages',
    config: ({ build }) =>
      build?.lib
        ? null
        : {
            build: {
              rolldownOptions: {
                output: {
                  codeSplitting: {
                    groups: [
                      {
                        name: 'pages',
                        test: /[\\/](?:components|utils|preact|valibot|idb|webextension-polyfill|wxt|@wxt-dev)[\\/]/,
                        minShareCount: 2,
                      },
                    ],
                  },
                },
              },
            },
          },
  };
}

function contentSecurityPolicy({
  isDevelopment,
  isTest,
}: {
  readonly isDevelopment: boolean;
  readonly isTest: boolean;
}): string {
  // Hot reload needs WXT's own server. Not so in what is shipped.
  const developmentServer = isDevelopment ? ['http://localhost:*', 'ws://localhost:*'] : [];
  // `wxt build --mode test`: a server on this machine plays the publisher. Not so in what is shipped.
  const testPublisher = isTest ? ['http://localhost:*', 'http://127.0.0.1:*'] : [];
  const directives: Record<string, readonly string[]> = {
    'default-src': ["'none'"],
    'script-src': ["'self'", "'wasm-unsafe-eval'"],
    'worker-src': ["'self'"],
    'connect-src': ["'self'", ...MODEL_PUBLISHER, ...developmentServer, ...testPublisher],
    'style-src': ["'self'", ...(isDevelopment ? ["'unsafe-inline'"] : [])],
    'img-src': ["'self'", 'blob:', 'data:'],
    // Videos are read by their own addresses, and nothing else is; `connect-src` stays closed.
    'media-src': ["'self'", 'blob:', 'https:', 'http:'],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')};`)
    .join(' ');
}

/**
 * Everything that would otherwise be fetched from the network at run time, taken from npm packages: nothing of it
 * is committed. The face model gets its metadata on the way; the result lies in WXT's own work folder.
 */
async function packagedFiles(root: string, workDirectory: string): Promise<ResolvedPublicFile[]> {
  const inPackage = (path: string): string => resolve(root, 'node_modules', path);
  const tflite = await readFile(inPackage(`@mediapipe/face_detection/${FACE_MODEL}`));
  const faceModel = resolve(workDirectory, FACE_MODEL);
  await mkdir(workDirectory, { recursive: true });
  await writeFile(faceModel, addNormalizationMetadata(tflite));
  return [
    ...PACKAGED_FILES.map(([source, relativeDest]) => ({ absoluteSrc: inPackage(source), relativeDest })),
    { absoluteSrc: faceModel, relativeDest: `models/${FACE_MODEL}` },
  ];
}

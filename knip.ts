import { readFileSync } from 'node:fs';
import type { KnipConfig } from 'knip';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** The command line's programs are those that package.json starts. */
const PROGRAMS = Object.values(scripts).flatMap(
  (script) => /^node (entrypoints\/cli\/\S+)/.exec(script)?.[1] ?? [],
);

/** `--production` leaves tests and configuration out: it finds what only they use. */
const isProduction = process.argv.includes('--production');

const config: KnipConfig = {
  // The `!` marks what is part of the product. Knip's own rule for WXT takes every file of entrypoints/ for a start.
  wxt: false,
  entry: [
    'entrypoints/*/{index.ts,main.ts,main.tsx}!',
    // Without `--production` Knip reads them in package.json itself.
    ...(isProduction ? PROGRAMS.map((path) => `${path}!`) : []),
    // Imported with `?worker`.
    'models/host/*.worker.ts!',
    'test/**/*.test.ts',
    // Started by hand or by package.json, or served to a page.
    'test/{bench,demo}/*.ts',
    'test/support/{prepare,run-checks,run-full}.ts',
    'test/**/*.page.ts',
    'test/browser/*-page/{page,*.worker}.ts',
    'test/e2e/*{screenshots,shots}.ts',
    'test/fixtures/icons/render-icons.ts',
    'test/fixtures/videos/make-videos.ts',
    'test/fixtures/files/make-files.ts',
    'test/fixtures/checkpoints/make-twin.ts',
    // What the extension is built with.
    'wxt.config.ts!',
  ],
  project: ['{entrypoints,components,models,utils}/**/*.{ts,tsx}!', 'test/**/*.ts', '*.{ts,js}'],
  // A function that its own file calls may be exported for its test; a type, to be named by a caller of its file.
  ignoreExportsUsedInFile: isProduction || { type: true, interface: true },
  ignoreDependencies: [
    // WXT's module puts the polyfill behind `wxt/browser`; the types are `wxt/browser`'s.
    'webextension-polyfill',
    '@types/webextension-polyfill',
    '@wxt-dev/webextension-polyfill',
    // Files of theirs are read by path: FFmpeg and the face model by wxt.config.ts, the photographs of the tests' videos, what runs in
    // pages.
    '@ffmpeg/core',
    '@mediapipe/face_detection',
    '@vladmandic/face-api',
    'axe-core',
  ],
  // Programs of the operating system.
  ignoreBinaries: ['ffmpeg', 'mkfifo', 'redis-server', 'sha256sum', 'Xvfb'],
};

// Knip asks for a default export.
export default config;

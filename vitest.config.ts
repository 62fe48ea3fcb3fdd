import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Two cores: the network tests hold a WASM heap each, so at most two files run side by side.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          // Runs in Node and drives a Chromium through playwright-core. Not Vitest's browser mode: that serves the
          // source through its own development server, while these tests are about the built bundle, its /ort/
          // files, flags that only a launched browser takes, and (later) the installed extension.
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          environment: 'node',
          // One Chromium at a time; the software WebGPU adapter uses every core there is.
          fileParallelism: false,
          testTimeout: 180_000,
          // Launching, and once per machine installing, a Chromium.
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          // The built extension in a real Chromium, from the click to the history. Nothing on the way is replaced.
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          globalSetup: 'test/support/prepare.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});

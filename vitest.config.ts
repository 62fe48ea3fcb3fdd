import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/support/slowest-first.ts';

/**
 * What all projects that start a Chromium have in common. They run in Node and drive it through playwright-core. Not
 * Vitest's browser mode: that serves the source through its own development server, while these tests are about the
 * built bundle, its /ort/ files, flags that only a launched browser takes, and the installed extension.
 */
const IN_CHROMIUM = {
  environment: 'node',
  // Makes what all of them share on the disk: bundles and videos. Every file has its own browser, profile and ports.
  globalSetup: 'test/support/prepare.ts',
  // Launching, and once per machine installing, a Chromium.
  hookTimeout: 600_000,
  // How long a condition may take with three browsers on two cores. Where the time is the claim, the test says so.
  expect: { poll: { timeout: 15_000 } },
} as const;

/** The project `full` runs them again with all their cases: see test/support/cases.ts. */
const FILES_WITH_MORE_CASES = [
  'test/browser/badge-places.test.ts',
  'test/browser/decoder.test.ts',
  'test/browser/download-faults.test.ts',
  'test/browser/{ed,vae}-on-webgpu.test.ts',
  'test/e2e/{odd-pages,score,screen,verdicts,ways}.test.ts',
  'test/unit/models/scan/early-stop.test.ts',
];

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          // Two cores: the network tests hold a WASM heap each, so at most two files run side by side.
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...IN_CHROMIUM,
          // Parts of the product in a real browser: pages, content scripts, workers, storage.
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // One more than two cores: most files wait for their pages, and the software WebGPU adapter uses one core.
          maxWorkers: 3,
          testTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...IN_CHROMIUM,
          // The built extension from the click to the history. Nothing on the way is replaced.
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Two cores: beside a third browser a stopped service worker came back too late. Automatic badges are tested in the
          // test build, which does not pause while the machine is busy.
          maxWorkers: 2,
          // The longest takes 40 s on two idle cores.
          testTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...IN_CHROMIUM,
          // Alone on the machine: what measures milliseconds or the processor's time.
          name: 'serial',
          include: ['test/serial/**/*.test.ts'],
          maxWorkers: 1,
          testTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...IN_CHROMIUM,
          // What repeats for long, or tries many of a kind: `npm run test:full` only.
          name: 'full',
          include: ['test/full/**/*.test.ts', ...FILES_WITH_MORE_CASES],
          env: { TRUEFRAME_ALL_CASES: 'yes' },
          maxWorkers: 1,
          testTimeout: 180_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});

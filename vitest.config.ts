import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    // Two cores: the network tests hold a WASM heap each, so at most two files run side by side.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});

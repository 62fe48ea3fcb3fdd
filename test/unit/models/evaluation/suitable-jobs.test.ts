import { expect, test } from 'vitest';
import { suitableJobs } from '../../../../models/evaluation/evaluate-videos.ts';
import type { SelfTest } from '../../../../utils/domain/model.ts';

const model = (byteLength: number, device: SelfTest['device'] = null) => ({
  byteLength,
  selfTest: { testedAt: 0, wasm: { kind: 'not-tested' }, webgpu: { kind: 'not-tested' }, device } as const,
});
const eightCores = { cores: 8, memoryGigabytes: 16 };

test('one engine for each spare core, as far as the memory goes, and one alone on a graphics card', () => {
  expect(suitableJobs([model(65e6)], null, eightCores)).toBe(7);
  expect(suitableJobs([model(1378e6)], null, eightCores)).toBe(2);
  expect(suitableJobs([model(65e6, 'webgpu')], null, eightCores)).toBe(1);
  expect(suitableJobs([model(65e6, 'webgpu')], 'wasm', eightCores)).toBe(7);
  expect(suitableJobs([model(65e6)], 'webgpu', eightCores)).toBe(1);
  expect(suitableJobs([model(65e6)], null, { cores: 1, memoryGigabytes: null })).toBe(1);
});

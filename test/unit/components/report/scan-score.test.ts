import { expect, test } from 'vitest';
import { modelLabel, modelName } from '../../../../components/install/model-label.ts';
import { isWorking } from '../../../../components/scan-progress.ts';
import { shownScore } from '../../../../components/report/verdict-words.ts';
import {
  DEMO_MODEL,
  ED_MODEL,
  finishedState,
  refusalOf,
  reportOf,
  verdictOf,
} from '../../../fixtures/scans/scans.ts';

test('shows no score for refusals and for stand-in networks', () => {
  expect(shownScore(reportOf(verdictOf(0.82)))).toBe(0.82);
  expect(shownScore(reportOf(refusalOf('no-face')))).toBeNull();
  expect(shownScore(reportOf(verdictOf(0.82), { model: DEMO_MODEL }))).toBeNull();
});

test('names a network and where it ran, and a stand-in as one', () => {
  expect(modelLabel(ED_MODEL)).toBe('GenConViT ED · WebGPU');
  expect(modelName({ networks: ['ed', 'vae'], isDemo: false })).toBe('GenConViT ED and VAE');
  expect(modelLabel(DEMO_MODEL)).toBe('DEMO MODEL ED · WASM');
});

test('tells a check that can be cancelled from one that has ended', () => {
  expect(isWorking({ kind: 'waiting' })).toBe(true);
  expect(isWorking({ kind: 'running', framesScanned: 1, framesAsked: 15 })).toBe(true);
  expect(isWorking(finishedState(verdictOf(0.5)))).toBe(false);
  expect(isWorking({ kind: 'cancelled' })).toBe(false);
  expect(isWorking(null)).toBe(false);
});

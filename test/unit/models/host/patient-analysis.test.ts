import { expect, test } from 'vitest';
import { createPatientAnalysis } from '../../../../models/host/patient-analysis.ts';
import type { Analysis } from '../../../../models/scan/analysis.ts';

const unused = (): never => {
  throw new Error('not asked for');
};

test('a call that is aborted is over at once, and goes on undisturbed in the Worker', async () => {
  const seen: AbortSignal[] = [];
  const judged = Promise.withResolvers<never>();
  const analysis: Analysis = {
    loadModel: unused,
    findFaces: unused,
    findFacesInSquares: unused,
    judgeFaces: (_crops, _firstIndex, signal) => {
      seen.push(signal);
      return judged.promise;
    },
  };
  const aborting = new AbortController();
  const call = createPatientAnalysis(analysis, unused).judgeFaces([], 0, aborting.signal);
  aborting.abort();
  await expect(call).rejects.toThrow(/abort/i);
  expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
});

test('a call that would begin after the abort is not made', async () => {
  const analysis = { loadModel: unused, findFaces: unused, findFacesInSquares: unused, judgeFaces: unused };
  await expect(createPatientAnalysis(analysis, unused).loadModel([], AbortSignal.abort())).rejects.toThrow(
    /abort/i,
  );
});

test('what goes on after the abort is charged when it ends, however it ends', async () => {
  const judged = Promise.withResolvers<never>();
  const analysis: Analysis = {
    loadModel: unused,
    findFaces: unused,
    findFacesInSquares: unused,
    judgeFaces: () => judged.promise,
  };
  let clock = 1000;
  const late: number[] = [];
  const aborting = new AbortController();
  const patient = createPatientAnalysis(
    analysis,
    (milliseconds) => late.push(milliseconds),
    () => clock,
  );
  const call = patient.judgeFaces([], 0, aborting.signal);
  aborting.abort();
  await expect(call).rejects.toThrow(/abort/i);
  expect(late).toEqual([]);
  clock += 700;
  judged.reject(new Error('the Worker'));
  await expect.poll(() => late).toEqual([700]);
});

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  placesOf,
  queuedVideoSchema,
  readQueuedResult,
  refusalOf,
} from '../../../../models/evaluation/queued-video.ts';
import type { QueuedVideo } from '../../../../models/evaluation/queued-video.ts';
import { settingsKeyOf } from '../../../../utils/domain/evaluation.ts';
import type { EvaluatedVideo, PlannedVideo } from '../../../../utils/domain/evaluation.ts';
import { reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const SHA_A = 'a'.repeat(64);
const SHA_B = 'b'.repeat(64);

const VIDEO: PlannedVideo = {
  path: 'set/fake/1.mp4',
  name: '1.mp4',
  klass: 'uncategorized',
  trueLabel: 'FAKE',
  compression: null,
};
const QUEUED: QueuedVideo = {
  formatVersion: 1,
  video: VIDEO,
  stamp: { byteLength: 100, modifiedAt: 1_700_000_000_000 },
  url: null,
  frames: null,
  settings: { framesAsked: 15, sampling: 'linspace', modelIds: ['ed-fp32-wasm-a'], device: null },
  models: [SHA_A],
};
const KEY = settingsKeyOf(QUEUED.settings);
const EVALUATED: EvaluatedVideo = {
  video: VIDEO,
  stamp: QUEUED.stamp,
  settingsKey: KEY,
  milliseconds: 1200,
  report: reportOf(verdictOf(0.82)),
};

test('a job comes back from JSON as it was', () => {
  expect(v.parse(queuedVideoSchema, JSON.parse(JSON.stringify(QUEUED)))).toEqual(QUEUED);
});

test.each([
  ['of another version', { ...QUEUED, formatVersion: 2 }],
  ['with an address that is no web address', { ...QUEUED, url: 'file:///etc/passwd' }],
  ['with a picture outside its folder', { ...QUEUED, frames: [{ number: 0, name: '../1.png' }] }],
  ['with a hash that is none', { ...QUEUED, models: ['abc'] }],
  ['that is nothing', null],
])('a job %s is not taken', (_what, value) => {
  expect(v.safeParse(queuedVideoSchema, value).success).toBe(false);
});

describe('a result', () => {
  test.each([
    ['a report', { kind: 'done', evaluated: EVALUATED }],
    ['a failure', { kind: 'failed', failed: { video: VIDEO, code: 'source-failed', message: 'gone' } }],
  ])('with %s is taken as it came, with its keys in their order', (_what, value) => {
    const read = readQueuedResult(JSON.parse(JSON.stringify(value)), VIDEO, KEY);
    expect(JSON.stringify(read)).toBe(JSON.stringify(value));
  });

  test('says nothing about the true label, the name or the class of its video', () => {
    const video = { ...VIDEO, trueLabel: 'REAL', name: '\u001b[2J', klass: '=cmd()' } as const;
    const done = readQueuedResult({ kind: 'done', evaluated: { ...EVALUATED, video } }, VIDEO, KEY);
    expect(done).toEqual({ kind: 'done', evaluated: EVALUATED });
    const failed = { video, code: 'source-failed', message: 'gone' };
    expect(readQueuedResult({ kind: 'failed', failed }, VIDEO, KEY)).toMatchObject({
      failed: { video: VIDEO },
    });
  });

  test.each([
    ['that is no result', { kind: 'done' }],
    ['without a report', { kind: 'done', evaluated: { ...EVALUATED, report: {} } }],
    [
      'of another video',
      { kind: 'done', evaluated: { ...EVALUATED, video: { ...VIDEO, path: 'set/2.mp4' } } },
    ],
    ['of other settings', { kind: 'done', evaluated: { ...EVALUATED, settingsKey: 'all step x tested' } }],
  ])('%s is a failure with a reason', (_what, value) => {
    expect(readQueuedResult(value, VIDEO, KEY)).toMatchObject({
      kind: 'failed',
      failed: { video: VIDEO, code: 'results-invalid', message: expect.stringContaining('worker') as string },
    });
  });
});

describe('a worker', () => {
  const own = { modelIds: ['ed-fp32-wasm-a'], models: [SHA_A], device: null };

  test('with the run’s models judges', () => {
    expect(refusalOf(QUEUED, own)).toBeNull();
  });

  test('with other weights refuses, and names both', () => {
    const refusal = refusalOf(QUEUED, { ...own, models: [SHA_B] });
    expect(refusal).toContain(SHA_A);
    expect(refusal).toContain(SHA_B);
  });

  test('with more models than the run’s judges with the run’s', () => {
    const more = { modelIds: ['vae-fp32-wasm-b', 'ed-fp32-wasm-a'], models: [SHA_B, SHA_A], device: null };
    expect(refusalOf(QUEUED, more)).toBeNull();
  });

  test('with one network of two refuses', () => {
    const both = { ...QUEUED.settings, modelIds: ['ed-fp32-wasm-a', 'vae-fp32-wasm-b'] };
    expect(refusalOf({ ...QUEUED, settings: both, models: [SHA_A, SHA_B] }, own)).not.toBeNull();
  });

  test('on another device refuses', () => {
    expect(refusalOf(QUEUED, { ...own, device: 'webgpu' })).toContain('webgpu');
  });

  test.each([
    ['set/fake/1.mp4', ['set/fake/1.mp4', 'fake/1.mp4']],
    ['1.mp4', ['1.mp4']],
    ['2/set/fake/1.mp4', ['2/set/fake/1.mp4', 'set/fake/1.mp4', 'fake/1.mp4']],
    ['set/../../etc/passwd', []],
    ['/etc/passwd', []],
    ['set/\0.mp4', []],
  ])('looks for %j only within its folder', (path, places) => {
    expect(placesOf({ path })).toEqual(places);
  });
});

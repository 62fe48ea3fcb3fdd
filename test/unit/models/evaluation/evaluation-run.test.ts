import { expect, test } from 'vitest';
import {
  countRun,
  nextPending,
  NO_RUN,
  reduceRun,
  secondsLeft,
  stateOf,
} from '../../../../models/evaluation/evaluation-run.ts';
import type { RunAction, RunState } from '../../../../models/evaluation/evaluation-run.ts';
import {
  formatPredictions,
  formatReportLine,
  formatTable,
  listUnjudged,
  parseReportLines,
} from '../../../../models/evaluation/result-files.ts';
import { parseResults } from '../../../../models/evaluation/results.ts';
import type { EvaluatedVideo, PlannedVideo } from '../../../../utils/domain/evaluation.ts';
import type { Verdict } from '../../../../utils/domain/verdict.ts';
import { frameScores, refusalOf, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const video = (name: string, fields: Partial<PlannedVideo> = {}): PlannedVideo => ({
  path: `set/${name}`,
  name,
  klass: 'uncategorized',
  trueLabel: null,
  compression: null,
  ...fields,
});
const evaluated = (of: PlannedVideo, verdict: Verdict): EvaluatedVideo => ({
  video: of,
  stamp: { byteLength: 12, modifiedAt: 1_700_000_000_000 },
  settingsKey: '15 linspace ed tested',
  milliseconds: 1500,
  report: reportOf(verdict),
});
const run = (...actions: readonly RunAction[]): RunState => actions.reduce(reduceRun, NO_RUN);

const VIDEOS = [video('a.mp4'), video('b.mp4'), video('c.mp4')] as const;
const [A, B, C] = VIDEOS;
const plan = (...known: readonly EvaluatedVideo[]): RunAction => ({ type: 'plan', videos: VIDEOS, known });

test('a video that is known from before is not judged again', () => {
  const resumed = run(plan(evaluated(A, verdictOf(0.9))), { type: 'start' });
  expect(nextPending(resumed)).toBe(B);
  expect(countRun(resumed)).toEqual({ all: 3, done: 1, failed: 0, running: 0 });
});

test('a video that is not in the set any more is not counted', () => {
  const gone = evaluated(video('gone.mp4'), verdictOf(0.9));
  expect(countRun(run(plan(gone))).done).toBe(0);
});

test('the run is finished when every video has ended, also by a failure', () => {
  const failed = { video: C, code: 'runtime-failed', message: 'x' };
  const state = run(
    plan(evaluated(A, verdictOf(0.9)), evaluated(B, refusalOf('no-face'))),
    { type: 'start' },
    { type: 'failed', failed },
  );
  expect(state.status).toBe('finished');
  expect(nextPending(state)).toBeNull();
  const again = reduceRun(state, { type: 'again', which: 'failed' });
  expect(nextPending(again)).toBe(C);
  expect(nextPending(reduceRun(state, { type: 'again', which: 'all' }))).toBe(A);
});

test('a scan that was stopped is begun anew, and late progress does not reopen an ended one', () => {
  const progress: RunAction = { type: 'progress', path: A.path, framesScanned: 3, framesAsked: 15 };
  const state = run(plan(), { type: 'start' }, progress);
  expect(nextPending(state)).toBe(B);
  expect(nextPending(reduceRun(state, { type: 'stopped', path: A.path }))).toBe(A);
  const done = [{ type: 'done', evaluated: evaluated(A, verdictOf(0.1)) }, progress] as const;
  expect(stateOf(done.reduce<RunState>(reduceRun, state), A.path).kind).toBe('done');
});

test('pausing and cancelling do not begin or lose a video', () => {
  const paused = run(plan(), { type: 'start' }, { type: 'pause' });
  expect(paused.status).toBe('paused');
  expect(reduceRun(paused, { type: 'start' }).status).toBe('running');
  expect(reduceRun(paused, { type: 'cancel' }).status).toBe('cancelled');
});

test('the time left is by the rate of this sitting alone', () => {
  const counts = { all: 110, done: 90, failed: 10, running: 2 };
  expect(secondsLeft(counts, { ended: 5, seconds: 20 })).toBe(40);
  expect(secondsLeft(counts, { ended: 0, seconds: 20 })).toBeNull();
});

const RESULTS = {
  evaluated: [
    evaluated(video('1.mp4', { klass: 'deepfakes', trueLabel: 'FAKE', compression: 'c23' }), {
      ...verdictOf(0.64),
      pooledLabel: 'REAL',
    } as Verdict),
    evaluated(video('2.mp4', { trueLabel: 'REAL' }), refusalOf('no-face')),
    evaluated(video('3.mp4'), refusalOf('unreadable')),
  ],
  failed: [{ video: video('=4,".mp4'), code: 'label-unknown', message: '' }],
};

test('the result file has the original’s keys, its class beside the score, and every video without a score by name', () => {
  expect(JSON.parse(formatPredictions(RESULTS))).toEqual({
    video: {
      name: ['1.mp4'],
      pred: [0.64],
      klass: ['deepfakes'],
      pred_label: ['REAL'],
      correct_label: ['FAKE'],
      compression: ['c23'],
    },
    face_side_pixels: [104],
    unjudged: [
      { name: '2.mp4', path: 'set/2.mp4', klass: 'uncategorized', correct_label: 'REAL', reason: 'no-face' },
      {
        name: '3.mp4',
        path: 'set/3.mp4',
        klass: 'uncategorized',
        correct_label: 'unknown',
        reason: 'unreadable',
      },
      {
        name: '=4,".mp4',
        path: 'set/=4,".mp4',
        klass: 'uncategorized',
        correct_label: 'unknown',
        reason: 'label-unknown',
      },
    ],
  });
  expect(listUnjudged(RESULTS).map(({ isFailure }) => isFailure)).toEqual([false, true, true]);
});

test('the result file has the median side of the judged faces, which the figures by size are of', () => {
  const sides = [90, 200.4, 120];
  const scores = frameScores(1, 0.9);
  const measured = sides.map((sidePixels, index) => ({
    ...scores[index]!,
    measures: { ...scores[index]!.measures!, sidePixels },
  }));
  const one = evaluated(A, verdictOf(0.9));
  const other = evaluated({ ...B, trueLabel: 'REAL' }, verdictOf(0.2));
  const text = formatPredictions({
    evaluated: [one, { ...other, report: { ...other.report, frameScores: measured } }],
    failed: [],
  });
  expect(JSON.parse(text)).toMatchObject({ face_side_pixels: [104, 120], unjudged: [] });
  expect(parseResults(text)).toMatchObject({
    videos: [{ name: 'b.mp4', faceSidePixels: 120 }],
    unlabelled: 1,
  });
});

test('report lines come back as they were written, without a last one that was cut off', () => {
  const lines = RESULTS.evaluated.map(formatReportLine).join('');
  expect(parseReportLines(lines)).toEqual(RESULTS.evaluated);
  expect(parseReportLines(lines.slice(0, -20))).toEqual(RESULTS.evaluated.slice(0, 2));
  expect(parseReportLines('nonsense\n{}\n')).toEqual([]);
});

test('the table quotes what a spreadsheet would read otherwise', () => {
  const rows = formatTable(RESULTS).split('\r\n');
  expect(rows[1]).toContain('set/1.mp4,deepfakes,FAKE,0.64,REAL,');
  expect(rows[4]).toBe('"set/=4,"".mp4",uncategorized,,,,failed,label-unknown,,');
});

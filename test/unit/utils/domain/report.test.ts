import * as v from 'valibot';
import { expect, test } from 'vitest';
import { reportSchema, upgradeReport } from '../../../../utils/domain/report.ts';
import {
  refusalOf,
  reportOf,
  reportOfVersion1,
  reportOfVersion2,
  upgradedReport,
  verdictOf,
} from '../../../fixtures/scans/scans.ts';

const REASONS = [
  { code: 'faces-small', people: 5, pixels: 72 },
  { code: 'face-blurred' },
  { code: 'few-frames', frames: 1 },
] as const;
const REFUSAL = reportOf(refusalOf('no-face'), { model: null });
const REPORT = reportOf(verdictOf(0.82), { source: 'screen', screenScale: 0.5 });

test.each([
  ['of a verdict', REPORT],
  ['of a refusal', REFUSAL],
  ['with reasons', { ...REPORT, verdict: { ...REPORT.verdict, kind: 'not-sure', reasons: REASONS } }],
  ['of which only the verdict was kept', { ...REPORT, frameScores: [], timings: null }],
])('a report %s comes back from JSON as it was', (_what, report) => {
  expect(v.parse(reportSchema, JSON.parse(JSON.stringify(report)))).toEqual(report);
});

test.each([
  ['of a later version', { ...REPORT, version: 4 }, 'version'],
  ['with a score above 1', { ...REPORT, verdict: { ...REPORT.verdict, score: 1.2 } }, 'verdict'],
  ['with an unknown doubt', { ...REPORT, verdict: { ...REPORT.verdict, doubts: ['bored'] } }, 'verdict'],
  ['without its bands', { ...REPORT, bands: undefined }, 'bands'],
  ['that is a list', [], 'version'],
  ['that is nothing', null, undefined],
])('a report %s is refused by the name of the field', (_what, value, field) => {
  const result = v.safeParse(reportSchema, value);
  expect(result.issues?.[0].path?.[0]?.key).toBe(field);
});

test.each([
  ['1 of a verdict', REPORT, reportOfVersion1(REPORT)],
  ['1 of a refusal', REFUSAL, reportOfVersion1(REFUSAL)],
  ['2 of a verdict', REPORT, reportOfVersion2(REPORT)],
  ['2 of a refusal', REFUSAL, reportOfVersion2(REFUSAL)],
])('a report of version %s is read, without what it did not record', (_what, report, former) => {
  expect(v.safeParse(reportSchema, former).success).toBe(false);
  expect(v.parse(reportSchema, upgradeReport(former))).toEqual(upgradedReport(report));
});

test.each([REPORT, { ...REPORT, version: 4 }, { version: 1 }, { version: 2 }, 'text', null])(
  'what is no report of an earlier version stays as it is: %#',
  (stored) => {
    expect(upgradeReport(stored)).toBe(stored);
  },
);

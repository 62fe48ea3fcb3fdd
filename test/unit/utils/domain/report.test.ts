import * as v from 'valibot';
import { expect, test } from 'vitest';
import { reportSchema, upgradeReport } from '../../../../utils/domain/report.ts';
import { refusalOf, reportOf, reportOfVersion1, verdictOf } from '../../../fixtures/scans/scans.ts';

const REPORT = reportOf(verdictOf(0.82), { source: 'screen', screenScale: 0.5 });

test.each([
  ['of a verdict', REPORT],
  ['of a refusal', reportOf(refusalOf('no-face'), { model: null })],
  ['of which only the verdict was kept', { ...REPORT, frameScores: [], timings: null }],
])('a report %s comes back from JSON as it was', (_what, report) => {
  expect(v.parse(reportSchema, JSON.parse(JSON.stringify(report)))).toEqual(report);
});

test.each([
  ['of a later version', { ...REPORT, version: 3 }, 'version'],
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
  ['of a verdict', REPORT],
  ['of a refusal', reportOf(refusalOf('no-face'), { model: null })],
])('a report of version 1 %s becomes one of version 2', (_what, report) => {
  const former = reportOfVersion1(report);
  expect(v.safeParse(reportSchema, former).success).toBe(false);
  expect(v.parse(reportSchema, upgradeReport(former))).toEqual(report);
});

test.each([REPORT, { ...REPORT, version: 3 }, { version: 1 }, 'text', null])(
  'what is no report of version 1 stays as it is: %#',
  (stored) => {
    expect(upgradeReport(stored)).toBe(stored);
  },
);

import { toJsonSchema } from '@valibot/to-json-schema';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import {
  exportedReportSchema,
  exportedText,
  parseExported,
} from '../../../../utils/domain/exported-report.ts';
import { exportedReport } from '../../../fixtures/bundles/make-bundle.ts';
import { refusalOf, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const SCHEMA_FILE = resolve(import.meta.dirname, '../../../../utils/domain/exported-report.schema.json');

test('the JSON Schema for readers outside is that of the code (vitest -u writes it anew)', async () => {
  const schema = toJsonSchema(exportedReportSchema, {
    // JSON Schema has no checks for finite and whole numbers: JSON has no others, and the schema says `integer`.
    errorMode: 'ignore',
  });
  const described = { ...schema, title: 'One check by TrueFrame, version 1 of the file' };
  const options = await resolveConfig(SCHEMA_FILE);
  await expect(
    await format(JSON.stringify(described), { ...options, filepath: SCHEMA_FILE }),
  ).toMatchFileSnapshot(SCHEMA_FILE);
});

test.each([
  ['a verdict on two people', verdictOf(0.8, 0.4)],
  ['a refusal', refusalOf('no-face')],
])('what is written of %s is read as it was', (_what, verdict) => {
  const exported = exportedReport(reportOf(verdict));
  expect(parseExported(exportedText(exported))).toEqual(exported);
});

test.each([
  ['no JSON', '{'],
  ['another file', '{"format":"something"}'],
  ['a later version', JSON.stringify({ ...exportedReport(reportOf(verdictOf(0.8))), version: 2 })],
  [
    'a moment that is none',
    JSON.stringify({ ...exportedReport(reportOf(verdictOf(0.8))), checkedAt: 'now' }),
  ],
])('%s is no report', (_what, text) => {
  expect(parseExported(text)).toBeNull();
});

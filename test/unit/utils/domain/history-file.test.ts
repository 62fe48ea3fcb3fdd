import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  csvWriter,
  HISTORY_FILE_VERSION,
  jsonWriter,
  parseHistoryFile,
} from '../../../../utils/domain/history-file.ts';
import type { HistoryWriter } from '../../../../utils/domain/history-file.ts';
import { REPORT_VERSION } from '../../../../utils/domain/report.ts';
import type { HistoryEntry } from '../../../../utils/domain/scan.ts';
import {
  historyEntry,
  refusalOf,
  reportOf,
  reportOfVersion1,
  verdictOf,
} from '../../../fixtures/scans/scans.ts';

function write(writer: HistoryWriter, entries: readonly HistoryEntry[]): string {
  return writer.head + entries.map((entry, index) => writer.entry(entry, index === 0)).join('') + writer.tail;
}

const ENTRIES = [
  historyEntry({ scanId: 'one', title: 'One', ownLabel: 'real', note: 'original at …' }),
  historyEntry({ scanId: 'two', title: 'Zwei "2"', report: reportOf(refusalOf('no-face')) }),
  historyEntry({ scanId: 'three', report: reportOf(verdictOf(0.5, 0.2)) }),
];
const FILE = write(jsonWriter(0), ENTRIES);
const json = (): { entries: Record<string, unknown>[]; [key: string]: unknown } =>
  JSON.parse(FILE) as { entries: Record<string, unknown>[] };
const parse = (value: unknown) => parseHistoryFile(JSON.stringify(value));

describe('a JSON file', () => {
  test('is read back as it was written, one entry a line', async () => {
    expect(await parseHistoryFile(FILE)).toEqual({ entries: ENTRIES });
    expect(FILE.trim().split('\n')).toHaveLength(ENTRIES.length + 2);
  });

  test('of no entry is read back', async () => {
    expect(await parseHistoryFile(write(jsonWriter(0), []))).toEqual({ entries: [] });
  });

  test('has no face in it', () => {
    const withPicture = historyEntry({ facePicture: new Blob(['face']) });
    expect(jsonWriter(0).entry(withPicture, true)).not.toContain('facePicture');
  });

  test('with a report of an earlier version is read with one of this version', async () => {
    const [entry] = ENTRIES;
    const former = {
      ...json(),
      entries: [{ ...json().entries[0], report: reportOfVersion1(entry!.report) }],
    };
    const parsed = await parse(former);
    expect('entries' in parsed && parsed.entries[0]!.report.version).toBe(REPORT_VERSION);
  });
});

describe('what is refused', () => {
  test.each([
    ['no JSON', 'title,score\r\n', 'not-json'],
    ['a file that is cut short', FILE.slice(0, -20), 'not-json'],
    ['nothing', '', 'not-json'],
    ['thousands of open brackets', '['.repeat(100_000), 'not-json'],
    ['a number', '7', 'foreign'],
    ['null', 'null', 'foreign'],
    ['a list', '[]', 'foreign'],
    ['a bookmark file', '{"roots":{"bar":{"children":[]}}}', 'foreign'],
    ['another file of ours', '{"format":"trueframe-report","version":1,"report":{}}', 'foreign'],
    ['entries that are no list', `{"format":"trueframe-history","version":1,"entries":{}}`, 'foreign'],
  ])('%s', async (_name, content, code) => {
    expect(await parseHistoryFile(content)).toEqual({ problem: { code } });
  });

  test('a file of a later version, and of one that never was', async () => {
    expect(await parse({ ...json(), version: HISTORY_FILE_VERSION + 1 })).toEqual({
      problem: { code: 'newer' },
    });
    expect(await parse({ ...json(), version: 0 })).toEqual({ problem: { code: 'older' } });
  });

  test.each([
    ['without an id', { scanId: '' }],
    ['with a time beyond any', { finishedAt: 1e300 }],
    ['with a time before 1970', { finishedAt: -1 }],
    ['with a label of its own', { ownLabel: 'fake' }],
    ['with a note that is too long', { note: 'x'.repeat(2001) }],
    [
      'with a score that is none',
      { report: { ...(json().entries[0]!.report as object), verdict: { kind: 'not-sure', score: 7 } } },
    ],
    ['that is no entry', null],
  ])('an entry %s, by its number, and with it all others', async (_name, change) => {
    const entries = json().entries;
    const [, second] = entries;
    entries[1] = (change === null ? null : { ...second, ...change }) as Record<string, unknown>;
    expect(await parse({ ...json(), entries })).toEqual({ problem: { code: 'entry-invalid', number: 2 } });
  });

  test('an entry whose report a later version wrote', async () => {
    const entries = json().entries;
    entries[2] = { ...entries[2], report: { version: REPORT_VERSION + 1 } };
    expect(await parse({ ...json(), entries })).toEqual({ problem: { code: 'entry-newer', number: 3 } });
  });
});

test('any text and any JSON is a problem or entries, and never an error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (content) => {
      expect(await parseHistoryFile(content)).toHaveProperty('problem');
    }),
    { numRuns: 300 },
  );
});

test('a file of which one value was exchanged is a problem or entries, and never an error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.jsonValue(), async (at, value) => {
      let index = 0;
      const paths = JSON.stringify(json(), (_key, each: unknown) => (index++, each)).length && index;
      let count = 0;
      const changed = JSON.stringify(json(), (_key, each: unknown) =>
        count++ === at % paths ? value : each,
      );
      const parsed = await parseHistoryFile(changed);
      const entries = 'entries' in parsed ? parsed.entries : [];
      for (const { finishedAt } of entries) new Date(finishedAt).toISOString();
    }),
    { numRuns: 200 },
  );
});

describe('a CSV file', () => {
  test('has a line for each scan, with the fields’ names over them', () => {
    const lines = write(csvWriter(), ENTRIES).split('\r\n');
    expect(lines[0]).toMatch(/^\uFEFFfinishedAt,verdict,refusal,score,/);
    expect(lines[1]).toContain('likely-manipulated,,0.82,15,15,One,https://www.example.com/watch/12');
    expect(lines[2]).toContain('refused,no-face,,0,15,"Zwei ""2"""');
    expect(lines).toHaveLength(5);
  });

  test('starts no formula of a page’s title in a spreadsheet, and keeps a line break within its field', () => {
    const line = csvWriter().entry(historyEntry({ title: '=HYPERLINK("x")', note: 'a\nb' }), true);
    expect(line).toContain(`"'=HYPERLINK(""x"")"`);
    expect(line).toContain('"a\nb"');
  });
});

import { expect, test } from 'vitest';
import {
  createMatcher,
  filterHistory,
  NO_FILTER,
  sortHistory,
  summaryOf,
  tallyOf,
} from '../../../../utils/domain/history.ts';
import { DEMO_MODEL, historyEntry, refusalOf, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const ENTRY = historyEntry({ title: 'Ein Gespräch im Café', note: 'Original beim Sender' });
const finds = (search: string, entry = ENTRY): boolean => createMatcher(search)(summaryOf(entry));

test.each([
  ['', true],
  ['   ', true],
  ['café', true],
  ['CAFE', true],
  ['gesprach', true],
  ['example.com', true],
  ['cafe example', true],
  ['im Gespräch', true],
  ['beim sender', true],
  ['cafe example.org', false],
  ['interview', false],
])('%j finds the entry: %j', (search, isFound) => {
  expect(finds(search)).toBe(isFound);
});

test('takes signs of patterns as what they are', () => {
  expect(finds('.*')).toBe(false);
  expect(finds('(really)', { ...ENTRY, title: 'What (really) happened?' })).toBe(true);
});

const SUMMARIES = [
  historyEntry({ scanId: 'd', title: 'D', finishedAt: 4000, report: reportOf(verdictOf(0.9)) }),
  historyEntry({
    scanId: 'c',
    title: 'C',
    finishedAt: 3000,
    pageUrl: 'https://other.example.org/',
    report: reportOf(refusalOf('no-face')),
  }),
  historyEntry({ scanId: 'b', title: 'B', finishedAt: 2000, report: reportOf(verdictOf(0.5)) }),
  historyEntry({
    scanId: 'a',
    title: 'A',
    finishedAt: 1000,
    report: reportOf(verdictOf(0.95), { model: DEMO_MODEL }),
  }),
].map((entry) => summaryOf(entry));

test.each([
  [{}, 'd c b a'],
  [{ outcome: 'likely-manipulated' }, 'd a'],
  [{ outcome: 'refused' }, 'c'],
  [{ site: 'example.com' }, 'd b a'],
  [{ since: 2000 }, 'd c b'],
  [{ modelId: DEMO_MODEL.modelId }, 'a'],
  [{ outcome: 'not-sure', search: 'b', since: 1, site: 'example.com' }, 'b'],
  [{ outcome: 'not-sure', site: 'other.example.org' }, ''],
] as const)('the filter %j leaves %j', (filter, ids) => {
  const left = filterHistory(SUMMARIES, { ...NO_FILTER, ...filter });
  expect(left.map(({ scanId }) => scanId).join(' ')).toBe(ids);
});

test.each([
  ['newest', 'd c b a'],
  ['oldest', 'a b c d'],
  ['highest', 'a d b c'],
  ['lowest', 'b d a c'],
  ['title', 'a b c d'],
  ['site', 'd b a c'],
] as const)('the order %j is %j: a refusal has no score and comes last', (order, ids) => {
  expect(
    sortHistory(SUMMARIES, order, 'en')
      .map(({ scanId }) => scanId)
      .join(' '),
  ).toBe(ids);
});

test('the tally counts a stand-in’s check, and not its verdict', () => {
  expect(tallyOf(SUMMARIES)).toEqual({ scans: 4, manipulated: 1, notSure: 1 });
});

test('a summary has what a list shows, and keeps the size of the faces', () => {
  expect(summaryOf(ENTRY, 7)).toMatchObject({
    site: 'example.com',
    kind: 'likely-manipulated',
    refusal: null,
    score: 0.82,
    hasPicture: false,
    cropByteLength: 7,
  });
  expect(summaryOf(ENTRY)).not.toHaveProperty('cropByteLength');
});

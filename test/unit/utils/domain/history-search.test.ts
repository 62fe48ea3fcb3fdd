import { expect, test } from 'vitest';
import { matchesSearch } from '../../../../utils/browser/history-db.ts';

const ENTRY = { title: 'Ein Gespräch im Café', pageUrl: 'https://www.example.com/watch/12' };

test.each([
  ['', true],
  ['   ', true],
  ['café', true],
  ['CAFE', true],
  ['gesprach', true],
  ['example.com', true],
  ['cafe example', true],
  ['im Gespräch', true],
  ['cafe example.org', false],
  ['interview', false],
])('%j finds the entry: %j', (search, isFound) => {
  expect(matchesSearch(ENTRY, search)).toBe(isFound);
});

test('takes signs of patterns as what they are', () => {
  expect(matchesSearch(ENTRY, '.*')).toBe(false);
  expect(matchesSearch({ ...ENTRY, title: 'What (really) happened?' }, '(really)')).toBe(true);
});

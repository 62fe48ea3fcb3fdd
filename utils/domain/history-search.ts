import type { HistoryEntry } from './scan.ts';

/**
 * Whether every word of the search occurs somewhere in the entry's title or address, in any case. An empty search
 * matches everything.
 */
export function matchesSearch(entry: Pick<HistoryEntry, 'title' | 'pageUrl'>, search: string): boolean {
  const text = fold(`${entry.title}\n${entry.pageUrl}`);
  return fold(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Without case and without accents: "cafe" finds "Café". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

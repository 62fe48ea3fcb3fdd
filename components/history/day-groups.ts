import { dayHeading } from '../format.ts';

export type DayGroup<Entry> = { readonly heading: string; readonly entries: readonly Entry[] };

/** Splits a list that is in order of time into one group for each day's heading. */
export function groupByDay<Entry extends { readonly finishedAt: number }>(
  entries: readonly Entry[],
  now: number,
  locale: string,
): readonly DayGroup<Entry>[] {
  const groups: { heading: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const heading = dayHeading(entry.finishedAt, now, locale);
    const last = groups.at(-1);
    if (last?.heading === heading) last.entries.push(entry);
    else groups.push({ heading, entries: [entry] });
  }
  return groups;
}

import { siteOf } from './addresses.ts';
import type { UsedModel } from './model.ts';
import type { ScoreBands } from './report.ts';
import type { HistoryEntry } from './scan.ts';
import type { RefusalReason, VerdictKind } from './verdict.ts';

/**
 * One entry as lists, the search and the filters know it. It lies beside the entry in a store of its own: a report is
 * ten times as long, and to search twenty thousand entries none is read.
 */
export type HistorySummary = Pick<
  HistoryEntry,
  'scanId' | 'finishedAt' | 'title' | 'pageUrl' | 'ownLabel' | 'note'
> & {
  /**
   * The negative of `finishedAt`: an index can then read the newest entries first in one step, but the oldest first
   * only one by one.
   */
  readonly newness: number;
  readonly site: string;
  /** null for a refusal. */
  readonly kind: VerdictKind | null;
  /** null for a verdict. */
  readonly refusal: RefusalReason | null;
  readonly score: number | null;
  readonly bands: ScoreBands;
  readonly model: Pick<UsedModel, 'modelId' | 'networks' | 'title' | 'dtype' | 'isDemo' | 'isForeign'> | null;
  readonly hasPicture: boolean;
  /** Title, address and note without case and accents. */
  readonly searchText: string;
  /** Bytes of the entry on the disk, about: its JSON and its face picture. */
  readonly byteLength: number;
  /** Bytes of the kept faces; missing if there are none. */
  readonly cropByteLength?: number;
};

/** The user's own words about an entry. */
export type Annotation = Pick<HistoryEntry, 'ownLabel' | 'note'>;

export function summaryOf(entry: HistoryEntry, cropByteLength?: number): HistorySummary {
  const { scanId, finishedAt, title, pageUrl, report, ownLabel, note, facePicture } = entry;
  const { verdict, bands, used } = report;
  const isRefused = verdict.kind === 'refused';
  return {
    scanId,
    finishedAt,
    newness: -finishedAt,
    title,
    pageUrl,
    site: siteOf(pageUrl),
    kind: isRefused ? null : verdict.kind,
    refusal: isRefused ? verdict.reason : null,
    score: isRefused ? null : verdict.score,
    bands,
    model: used.model === null ? null : named(used.model),
    ownLabel,
    note,
    hasPicture: facePicture !== null,
    searchText: fold(`${title}\n${pageUrl}\n${note}`),
    byteLength: JSON.stringify(entry).length + (facePicture?.size ?? 0),
    ...(cropByteLength !== undefined && { cropByteLength }),
  };
}

function named({ modelId, networks, title, dtype, isDemo, isForeign }: UsedModel): HistorySummary['model'] {
  return { modelId, networks, title, dtype, isDemo, isForeign };
}

/** Whether every word of a search occurs somewhere in an entry's text, in any case. An empty search matches everything. */
export function createMatcher(search: string): (entry: Pick<HistorySummary, 'searchText'>) => boolean {
  const words = fold(search).split(/\s+/);
  return ({ searchText }) => words.every((word) => searchText.includes(word));
}

/** Without case and without accents: "cafe" finds "Café". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The entries that a list shows; null for every one. */
export type HistoryFilter = {
  readonly search: string;
  readonly outcome: VerdictKind | 'refused' | null;
  readonly site: string | null;
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly modelId: string | null;
};

export const NO_FILTER: HistoryFilter = { search: '', outcome: null, site: null, since: null, modelId: null };

export const HISTORY_ORDERS = ['newest', 'oldest', 'highest', 'lowest', 'title', 'site'] as const;
export type HistoryOrder = (typeof HISTORY_ORDERS)[number];

/** The entries that match, in their own order. */
export function filterHistory(
  entries: readonly HistorySummary[],
  { search, outcome, site, since, modelId }: HistoryFilter,
): readonly HistorySummary[] {
  const matches = createMatcher(search);
  return entries.filter(
    (entry) =>
      (outcome === null || (entry.kind ?? 'refused') === outcome) &&
      (site === null || entry.site === site) &&
      (since === null || entry.finishedAt >= since) &&
      (modelId === null || entry.model?.modelId === modelId) &&
      matches(entry),
  );
}

/** @param newestFirst in that order @param locale by which texts are compared, as a BCP 47 tag */
export function sortHistory(
  newestFirst: readonly HistorySummary[],
  order: HistoryOrder,
  locale: string,
): readonly HistorySummary[] {
  const { compare } = new Intl.Collator(locale, { numeric: true });
  // Entries without a score come last in either order.
  const byScore = (sign: number) => (one: HistorySummary, other: HistorySummary) =>
    one.score === null || other.score === null
      ? Number(one.score === null) - Number(other.score === null)
      : sign * (one.score - other.score);
  switch (order) {
    case 'newest':
      return newestFirst;
    case 'oldest':
      return newestFirst.toReversed();
    case 'highest':
      return newestFirst.toSorted(byScore(-1));
    case 'lowest':
      return newestFirst.toSorted(byScore(1));
    case 'title':
      return newestFirst.toSorted((one, other) => compare(one.title, other.title));
    case 'site':
      return newestFirst.toSorted((one, other) => compare(one.site, other.site));
    default:
      return order satisfies never;
  }
}

export type HistoryTally = { readonly scans: number; readonly manipulated: number; readonly notSure: number };

/** Verdicts of stand-in networks mean nothing, so they count as scans only. */
export function tallyOf(entries: readonly HistorySummary[]): HistoryTally {
  const judged = (kind: VerdictKind): number =>
    entries.filter((entry) => entry.kind === kind && entry.model?.isDemo !== true).length;
  return { scans: entries.length, manipulated: judged('likely-manipulated'), notSure: judged('not-sure') };
}

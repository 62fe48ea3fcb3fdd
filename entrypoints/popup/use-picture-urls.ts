import { useEffect, useMemo } from 'preact/hooks';
import type { HistoryEntry } from '../../utils/domain/scan.ts';

/** Object URLs of the entries' face pictures, taken back when the entries change. */
export function usePictureUrls(entries: readonly HistoryEntry[]): (entry: HistoryEntry) => string | null {
  const urls = useMemo(
    () =>
      new Map(
        entries.flatMap(({ scanId, facePicture }) =>
          facePicture === null ? [] : [[scanId, URL.createObjectURL(facePicture)] as const],
        ),
      ),
    [entries],
  );
  useEffect(
    () => () => {
      for (const url of urls.values()) URL.revokeObjectURL(url);
    },
    [urls],
  );
  return ({ scanId }) => urls.get(scanId) ?? null;
}

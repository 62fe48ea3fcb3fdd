import { useEffect, useState } from 'preact/hooks';
import type { HistorySummary } from '../../utils/domain/history.ts';

/**
 * Object URLs of the face pictures of the entries that are shown, taken back when others are shown.
 * @param read gives the pictures of those of the scans that have one; the same function at each call
 */
export function usePictureUrls(
  entries: readonly HistorySummary[],
  read: (scanIds: readonly string[]) => Promise<ReadonlyMap<string, Blob>>,
): (scanId: string) => string | null {
  const [urls, setUrls] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    const scanIds = entries.flatMap(({ scanId, hasPicture }) => (hasPicture ? scanId : []));
    if (scanIds.length === 0) return;
    let made: ReadonlyMap<string, string> | null = null;
    let isCurrent = true;
    void read(scanIds).then((pictures) => {
      if (!isCurrent) return;
      made = new Map([...pictures].map(([scanId, picture]) => [scanId, URL.createObjectURL(picture)]));
      setUrls(made);
    });
    return () => {
      isCurrent = false;
      for (const url of made?.values() ?? []) URL.revokeObjectURL(url);
    };
  }, [entries, read]);
  return (scanId) => urls.get(scanId) ?? null;
}

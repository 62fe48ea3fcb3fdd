import { addressToReopen } from '../../utils/domain/post-sites.ts';
import { isQuiet } from '../../utils/domain/scan.ts';
import type { HistoryEntry, Scan } from '../../utils/domain/scan.ts';
import type { Settings } from '../../utils/domain/settings.ts';

/**
 * What the history keeps of a scan; null for what it does not keep: anything from a private window, what was
 * cancelled or failed, automatic checks that said nothing aloud, and checks that found no model, since they looked at
 * nothing.
 * @param finishedAt milliseconds since the epoch
 * @param facePicture kept only where the settings say so
 */
export function historyEntryOf(
  scan: Scan,
  finishedAt: number,
  facePicture: Blob | null,
  { keepFacePictures }: Pick<Settings, 'keepFacePictures'>,
): HistoryEntry | null {
  const { state, video } = scan;
  if (scan.isPrivate || state.kind !== 'finished') return null;
  const { verdict } = state.report;
  // A feed would fill the history with what nobody has asked about; what was said aloud is worth finding again.
  if (isQuiet(scan)) return null;
  if (verdict.kind === 'refused' && verdict.reason === 'model-missing') return null;
  return {
    scanId: scan.scanId,
    pageUrl: addressToReopen(video),
    title: video.title,
    fileUrl: video.fileUrl,
    finishedAt,
    report: state.report,
    facePicture: keepFacePictures ? facePicture : null,
  };
}

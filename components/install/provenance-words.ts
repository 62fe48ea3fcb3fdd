import type { InstalledModel } from '../../utils/domain/model.ts';
import { camelCase, t } from '../texts.tsx';

/** Enough of a commit's name to find it by, as Git shows it. */
const REVISION_DIGITS = 7;

/** Where a model came from, in words that claim no more than was checked. */
export function provenanceWords({
  provenance,
  sourceRevision,
  isDemo,
}: Pick<InstalledModel, 'provenance' | 'sourceRevision' | 'isDemo'>): string {
  if (isDemo) return t('model.provenance.demo');
  if (provenance !== 'published-download') return t(`model.provenance.${camelCase(provenance)}`);
  return sourceRevision === null
    ? t('model.provenance.publishedDownload')
    : t('model.provenance.publishedDownloadRevision', {
        revision: sourceRevision.slice(0, REVISION_DIGITS),
      });
}

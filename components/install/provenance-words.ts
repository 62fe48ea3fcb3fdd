import type { InstalledModel } from '../../utils/domain/model.ts';

/** Enough of a commit's name to find it by, as Git shows it. */
const REVISION_DIGITS = 7;

/** Where a model came from, in words that claim no more than was checked. */
export function provenanceWords(
  model: Pick<InstalledModel, 'provenance' | 'sourceRevision' | 'isDemo'>,
): string {
  if (model.isDemo) return 'A stand-in with made-up weights';
  switch (model.provenance) {
    case 'published-download': {
      const revision =
        model.sourceRevision === null ? '' : `, revision ${model.sourceRevision.slice(0, REVISION_DIGITS)}`;
      return `Published checkpoint, downloaded from Hugging Face${revision}`;
    }
    case 'published-file':
      return 'The published file, checked by its SHA-256';
    case 'other-file':
      return 'Not the published checkpoint';
    case 'converted-folder':
      return 'From a converted folder; its checkpoint was not seen here';
  }
}

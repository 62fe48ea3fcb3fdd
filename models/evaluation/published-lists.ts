import type { DatasetKind } from '../../utils/domain/evaluation.ts';

/**
 * The videos of each data set on which the first detector's authors tested, as in their repository's folder
 * `json_file`. The lists are kept as published: the last name of Celeb-DF's list is cut off there, too.
 * @returns null for a data set without such a list
 */
export async function publishedList(kind: DatasetKind): Promise<readonly string[] | null> {
  switch (kind) {
    case 'dfdc':
      return (await import('./lists/dfdc.json', { with: { type: 'json' } })).default;
    case 'faceforensics':
      return (await import('./lists/faceforensics.json', { with: { type: 'json' } })).default;
    case 'celeb':
      return (await import('./lists/celeb.json', { with: { type: 'json' } })).default;
    case 'timit':
    case 'labelled':
    case 'other':
      return null;
    default:
      return kind satisfies never;
  }
}

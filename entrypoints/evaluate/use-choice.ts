import { useEffect, useState } from 'preact/hooks';
import {
  ownList,
  planDataset,
  recognizeDataset,
  textFilesOf,
} from '../../models/evaluation/dataset-layouts.ts';
import type { DatasetFiles, DatasetPlan } from '../../models/evaluation/dataset-layouts.ts';
import { publishedList } from '../../models/evaluation/published-lists.ts';
import type { DatasetKind } from '../../utils/domain/evaluation.ts';
import type { Gathered } from './gather-files.ts';

/** Which of a data set's videos are judged. */
export type ListChoice = 'authors' | 'own' | 'all';

export type Choice = {
  readonly gathered: Gathered;
  readonly kind: DatasetKind;
  /** Those that this data set has, the usual one first. */
  readonly lists: readonly ListChoice[];
  readonly list: ListChoice;
  readonly plan: DatasetPlan;
};

/** A label file or a list has some megabytes; a film that someone has named so is not read. */
const MAX_TEXT_BYTE_LENGTH = 64e6;

/** The chosen files as a data set. The kind is recognised, and the user may change it. */
export function useChoice(gathered: Gathered | null) {
  const [wanted, setWanted] = useState<{ kind: DatasetKind | null; list: ListChoice | null }>({
    kind: null,
    list: null,
  });
  const [choice, setChoice] = useState<Choice | null>(null);

  useEffect(() => setWanted({ kind: null, list: null }), [gathered]);
  useEffect(() => {
    let isCurrent = true;
    setChoice(null);
    if (gathered !== null) {
      void describeChoice(gathered, wanted.kind, wanted.list).then((described) => {
        if (isCurrent) setChoice(described);
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [gathered, wanted]);

  return {
    choice: choice?.gathered === gathered ? choice : null,
    setKind: (kind: DatasetKind) => setWanted({ kind, list: null }),
    setList: (list: ListChoice) => setWanted((before) => ({ ...before, list })),
  };
}

/** @param wantedKind null for the kind that is recognised; @param wantedList null for the usual list of the kind */
async function describeChoice(
  gathered: Gathered,
  wantedKind: DatasetKind | null,
  wantedList: ListChoice | null,
): Promise<Choice> {
  const paths = gathered.files.map(({ path }) => path);
  const kind = wantedKind ?? recognizeDataset(paths);
  const files: DatasetFiles = { paths, texts: await readTexts(gathered, textFilesOf(kind, paths)) };
  const own = ownList(kind, files);
  const authors = await publishedList(kind);
  const lists: readonly ListChoice[] = [
    ...(own === null ? [] : (['own'] as const)),
    ...(authors === null ? [] : (['authors'] as const)),
    'all',
  ];
  const list = wantedList ?? lists[0]!;
  const names = { own, authors, all: null }[list];
  return { gathered, kind, lists, list, plan: planDataset(kind, files, names) };
}

async function readTexts(
  { files }: Gathered,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const { path, open } of files) {
    if (!names.includes(path)) continue;
    // A file that can't be read has no labels, which is said with the number of videos without one.
    const file = await open().catch(() => null);
    if (file !== null && file.size <= MAX_TEXT_BYTE_LENGTH) texts.set(path, await file.text());
  }
  return texts;
}

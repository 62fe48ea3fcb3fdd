import { expect, test } from 'vitest';
import {
  frameFolders,
  ownList,
  planDataset,
  recognizeDataset,
  textFilesOf,
} from '../../../../models/evaluation/dataset-layouts.ts';
import { publishedList } from '../../../../models/evaluation/published-lists.ts';

/** The four layouts in miniature, and two of a user's own. */
const LAYOUTS = {
  dfdc: ['set/metadata.json', 'set/aassnaulhq.mp4', 'set/bqdjzqhcft.mp4', 'set/unknown.mp4'],
  faceforensics: [
    'ff/original_sequences/actors/c23/videos/01__exit_phone_room.mp4',
    'ff/original_sequences/youtube/c40/videos/000.mp4',
    'ff/manipulated_sequences/NeuralTextures/c23/videos/950_836.mp4',
    'ff/manipulated_sequences/Deepfakes/c40/videos/990_008.mp4',
    'ff/manipulated_sequences/FaceShifter/c23/videos/990_008.mp4',
    'ff/README.txt',
  ],
  timit: [
    'DeepfakeTIMIT/higher_quality/fadg0/sa1-video-fram1.avi',
    'DeepfakeTIMIT/higher_quality/fadg0/sa1.wav',
  ],
  celeb: [
    'Celeb-DF-v2/Celeb-real/id0_0000.mp4',
    'Celeb-DF-v2/YouTube-real/00170.mp4',
    'Celeb-DF-v2/Celeb-synthesis/id0_id1_9999.mp4',
    'Celeb-DF-v2/List_of_testing_videos.txt',
  ],
  labelled: ['mine/train_vid/real/a b.mp4', 'mine/test_vid/Fake/-ü.mkv', 'mine/notes.mp4'],
  other: ['clips/a.mp4', 'clips/b.txt'],
} as const;

const files = (paths: readonly string[], texts: Readonly<Record<string, string>> = {}) => ({
  paths,
  texts: new Map(Object.entries(texts)),
});

test('each layout is recognised by its folders and files', () => {
  for (const [kind, paths] of Object.entries(LAYOUTS)) expect(recognizeDataset(paths)).toBe(kind);
  expect(recognizeDataset(['x/labels.tsv', 'x/a.mp4'])).toBe('labelled');
  expect(recognizeDataset([])).toBe('other');
});

test('DFDC takes labels from metadata.json, and says which videos have none', () => {
  expect(textFilesOf('dfdc', LAYOUTS.dfdc)).toEqual(['set/metadata.json']);
  const metadata = {
    'aassnaulhq.mp4': { label: 'REAL', split: 'train' },
    'bqdjzqhcft.mp4': { label: 'FAKE', split: 'train', original: 'aassnaulhq.mp4' },
    'unknown.mp4': { label: 'MAYBE' },
  };
  const plan = planDataset('dfdc', files(LAYOUTS.dfdc, { 'set/metadata.json': JSON.stringify(metadata) }));
  expect(plan.videos.map(({ name, klass, trueLabel }) => [name, klass, trueLabel])).toEqual([
    ['aassnaulhq.mp4', 'dfdc', 'REAL'],
    ['bqdjzqhcft.mp4', 'dfdc', 'FAKE'],
  ]);
  expect(plan.leftOut.map(({ name }) => name)).toEqual(['unknown.mp4']);
  expect(plan.problems).toEqual([{ code: 'label-unknown', count: 1, examples: ['set/unknown.mp4'] }]);
  const damaged = planDataset('dfdc', files(LAYOUTS.dfdc, { 'set/metadata.json': '{' }));
  expect(damaged.problems.map(({ code, count }) => [code, count])).toEqual([
    ['unreadable', 1],
    ['label-unknown', 3],
  ]);
});

test('FaceForensics++ has classes, labels and compression by folder, a method unknown to the original too', () => {
  const plan = planDataset('faceforensics', files(LAYOUTS.faceforensics));
  expect(plan.videos.map(({ klass, trueLabel, compression }) => [klass, trueLabel, compression])).toEqual([
    ['deepfakes', 'FAKE', 'c40'],
    ['faceshifter', 'FAKE', 'c23'],
    ['neuraltextures', 'FAKE', 'c23'],
    ['original', 'REAL', 'c23'],
    ['original', 'REAL', 'c40'],
  ]);
  expect(plan.problems).toEqual([]);
  const half = planDataset('faceforensics', files([LAYOUTS.faceforensics[0]]));
  expect(half.problems).toEqual([{ code: 'missing', count: 1, examples: ['manipulated_sequences'] }]);
});

test("the authors' list of FaceForensics++ finds the data set's own files under the authors' names", async () => {
  const list = await publishedList('faceforensics');
  const plan = planDataset('faceforensics', files(LAYOUTS.faceforensics), list);
  expect(plan.videos.map(({ path }) => path)).toEqual([
    'ff/manipulated_sequences/Deepfakes/c40/videos/990_008.mp4',
    'ff/manipulated_sequences/NeuralTextures/c23/videos/950_836.mp4',
    'ff/original_sequences/actors/c23/videos/01__exit_phone_room.mp4',
  ]);
  expect(plan.problems.map(({ code, count }) => [code, count])).toEqual([
    ['listed-absent', 404],
    ['unlisted', 2],
  ]);
});

test('DeepfakeTIMIT has fakes alone, and its missing half is said', () => {
  const plan = planDataset('timit', files(LAYOUTS.timit));
  expect(plan.videos).toEqual([
    {
      path: 'DeepfakeTIMIT/higher_quality/fadg0/sa1-video-fram1.avi',
      name: 'sa1-video-fram1.avi',
      klass: 'deepfaketimit',
      trueLabel: 'FAKE',
      compression: null,
    },
  ]);
  expect(plan.problems).toEqual([{ code: 'missing', count: 1, examples: ['lower_quality'] }]);
});

test("Celeb-DF's own list, and the authors', choose its test videos", async () => {
  const own = files(LAYOUTS.celeb, {
    'Celeb-DF-v2/List_of_testing_videos.txt':
      '1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_9999.mp4\n',
  });
  const plan = planDataset('celeb', own, ownList('celeb', own));
  expect(plan.videos.map(({ klass, trueLabel }) => [klass, trueLabel])).toEqual([
    ['celeb-synthesis', 'FAKE'],
    ['youtube-real', 'REAL'],
  ]);
  const authors = planDataset('celeb', files(LAYOUTS.celeb), await publishedList('celeb'));
  expect(authors.videos.map(({ name }) => name)).toEqual(['00170.mp4']);
  expect(authors.problems.find(({ code }) => code === 'listed-absent')?.count).toBe(517);
});

test("the authors' lists have the counts that they publish", async () => {
  expect((await publishedList('dfdc'))?.length).toBe(400);
  expect((await publishedList('celeb'))?.length).toBe(518);
  expect((await publishedList('faceforensics'))?.length).toBe(407);
  expect(await publishedList('timit')).toBeNull();
});

test('a labelled folder is read by the folder closest to each file; a video in neither is said', () => {
  const plan = planDataset('labelled', files(LAYOUTS.labelled));
  expect(plan.videos.map(({ name, trueLabel }) => [name, trueLabel])).toEqual([
    ['-ü.mkv', 'FAKE'],
    ['a b.mp4', 'REAL'],
  ]);
  expect(plan.leftOut.map(({ name }) => name)).toEqual(['notes.mp4']);
});

test('a label file names videos beside it; unknown words, absent and unlisted videos are said', () => {
  const paths = ['x/labels.tsv', 'x/a b.mp4', 'x/sub/c.mp4', 'x/d.mp4', 'x/e.mp4'];
  const text =
    'path\tlabel\tclass\na b.mp4\tREAL\tstudio\nc.mp4\tfake\t\nd.mp4\tperhaps\t\ngone.mp4\tfake\t\n';
  const plan = planDataset('labelled', files(paths, { 'x/labels.tsv': text }));
  expect(plan.videos.map(({ path, klass, trueLabel }) => [path, klass, trueLabel])).toEqual([
    ['x/a b.mp4', 'studio', 'REAL'],
    ['x/sub/c.mp4', 'uncategorized', 'FAKE'],
  ]);
  expect(plan.problems).toEqual([
    { code: 'labelled-absent', count: 1, examples: ['gone.mp4'] },
    { code: 'unlisted', count: 1, examples: ['x/e.mp4'] },
    { code: 'label-unknown', count: 1, examples: ['x/d.mp4'] },
  ]);
});

test('a comma-separated label file without a head, with quotes, is read', () => {
  const plan = planDataset(
    'labelled',
    files(['x/labels.csv', 'x/a,b.mp4'], { 'x/labels.csv': '"a,b.mp4",Fake\r\n' }),
  );
  expect(plan.videos.map(({ name, trueLabel }) => [name, trueLabel])).toEqual([['a,b.mp4', 'FAKE']]);
});

test('a folder without labels has every video, in order, uncategorized', () => {
  expect(planDataset('other', files(['c/b.MOV', 'c/a.mp4', 'c/x.txt'])).videos).toEqual([
    { path: 'c/a.mp4', name: 'a.mp4', klass: 'uncategorized', trueLabel: null, compression: null },
    { path: 'c/b.MOV', name: 'b.MOV', klass: 'uncategorized', trueLabel: null, compression: null },
  ]);
});

test('a folder of pictures is one video with its folder’s label; beside a video file, pictures are covers', () => {
  const paths = [
    'set/real/one clip/frame2.png',
    'set/real/one clip/frame10.JPG',
    'set/fake/b.mp4',
    'set/fake/cover.png',
    'set/fake/other/1.jpeg',
    'set/fake/texts/1.txt',
    'single.png',
  ];
  expect(recognizeDataset(paths)).toBe('labelled');
  const { videos } = planDataset('labelled', files(paths));
  expect(videos.map(({ path, name, trueLabel }) => [path, name, trueLabel])).toEqual([
    ['set/fake/b.mp4', 'b.mp4', 'FAKE'],
    ['set/fake/other', 'other', 'FAKE'],
    ['set/real/one clip', 'one clip', 'REAL'],
  ]);
  expect([...frameFolders(paths)]).toEqual([
    ['set/real/one clip', ['set/real/one clip/frame2.png', 'set/real/one clip/frame10.JPG']],
    ['set/fake/other', ['set/fake/other/1.jpeg']],
  ]);
});

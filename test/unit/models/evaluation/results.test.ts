import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBenchmarkCsv,
  formatResultJson,
  parseBenchmarkCsv,
  parseResults,
} from '../../../../models/evaluation/results.ts';

const COLUMNS = {
  name: ['a.mp4', 'b_c40.mp4'],
  pred: [0.9, 0.1],
  klass: ['deepfakes', ['Celeb-real', 'Celeb-synthesis']],
  pred_label: ['FAKE', 'REAL'],
  correct_label: ['FAKE', 'REAL'],
};
const json = (change: object = {}, beside: object = {}): string =>
  JSON.stringify({ video: { ...COLUMNS, ...change }, ...beside });

test('reads the original’s columns, with the compression where the file or the name tells it', () => {
  expect(parseResults(json({}, { face_side_pixels: [120, null] })).videos).toEqual([
    {
      name: 'a.mp4',
      score: 0.9,
      label: 'FAKE',
      trueLabel: 'FAKE',
      klass: 'deepfakes',
      compression: null,
      faceSidePixels: 120,
      split: null,
    },
    {
      name: 'b_c40.mp4',
      score: 0.1,
      label: 'REAL',
      trueLabel: 'REAL',
      klass: 'Celeb-real and Celeb-synthesis',
      compression: 'c40',
      faceSidePixels: null,
      split: null,
    },
  ]);
  const { videos } = parseResults(json({ compression: ['c23', 'c23'] }));
  expect(videos.map(({ compression }) => compression)).toEqual(['c23', 'c23']);
});

test('a video whose true label is unknown counts in no figure, and is counted itself', () => {
  const { videos, unlabelled } = parseResults(json({ correct_label: ['unknown', 'REAL'] }));
  expect(videos.map(({ name }) => name)).toEqual(['b_c40.mp4']);
  expect(unlabelled).toBe(1);
  expect(() => parseResults(json({ correct_label: ['unknown', 'unknown'] }))).toThrow(
    /no video with a true label/,
  );
});

describe('what is no file of results is refused with what is wrong in it', () => {
  test.each([
    ['{"video": ', /no JSON/],
    ['{}', /video/],
    [json({ pred: [0.9] }), /video.pred has 1 entries, but there are 2 names/],
    [json({ pred: [0.9, 1.5] }), /video.pred.1/],
    [json({ pred: [0.9, null] }), /video.pred.1/],
    [json({ pred_label: ['FAKE', 'MAYBE'] }), /video.pred_label.1/],
    [json({ name: [], pred: [], klass: [], pred_label: [], correct_label: [] }), /no video/],
    ['', /columns Label, Filename, Prediction, Confidence/],
    ['Split,Label,Filename,Prediction\n', /columns Confidence/],
    ['Label,Filename,Prediction,Confidence\n', /no video/],
    ['Label,Filename,Prediction,Confidence\nFAKE,a.mp4,FAKE\n', /row 2 has 3 values/],
    ['Label,Filename,Prediction,Confidence\nFAKE,a.mp4,FAKE,many\n', /row 2, Confidence/],
    ['Label,Filename,Prediction,Confidence\nFAKE,a.mp4,FAKE,7\n', /row 2, Confidence/],
    ['Label,Filename,Prediction,Confidence\nfake,a.mp4,FAKE,.7\n', /row 2, Label/],
    ['Label,Filename,Prediction,Confidence\nFAKE,a"b.mp4,FAKE,.7\n', /quote/],
    ['Label,Filename,Prediction,Confidence\nFAKE,"a.mp4,FAKE,.7\n', /quote/],
  ])('%#', (text, problem) => {
    expect(() => parseResults(text)).toThrow(expect.objectContaining({ code: 'results-invalid' }) as Error);
    expect(() => parseResults(text)).toThrow(problem);
  });
});

describe('the benchmark’s CSV', () => {
  test('is read as pandas writes it, with and without its first column', () => {
    const row = { label: 'FAKE', trueLabel: 'REAL', name: 'my, "video".mp4', score: 2e-5 };
    const csv = 'Split,Label,Filename,Prediction,Confidence\ntest_vid,REAL,"my, ""video"".mp4",FAKE,2e-05\n';
    expect(parseBenchmarkCsv(csv)).toMatchObject([{ ...row, split: 'test_vid' }]);
    const short = 'Label,Filename,Prediction,Confidence\r\nREAL,"my, ""video"".mp4",FAKE,2e-05';
    expect(parseBenchmarkCsv(short)).toMatchObject([{ ...row, split: null }]);
  });

  test('and the JSON come back as they were written, whatever the names', () => {
    const label = fc.constantFrom('FAKE' as const, 'REAL' as const);
    const video = fc.record({
      name: fc.string({ maxLength: 30 }).filter((name) => !/_(raw|c23|c40)\.\w+$/.test(name)),
      score: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs),
      label,
      trueLabel: label,
      klass: fc.string({ maxLength: 9 }),
      compression: fc.constantFrom(null, 'c23'),
      faceSidePixels: fc.constantFrom(null, 120.5),
      split: fc.constantFrom('test_vid', 'train_vid'),
    });
    fc.assert(
      fc.property(fc.array(video, { minLength: 1, maxLength: 8 }), (videos) => {
        const common = videos.map(({ name, score, label: given, trueLabel }) => ({
          name,
          score,
          label: given,
          trueLabel,
        }));
        expect(parseBenchmarkCsv(formatBenchmarkCsv(videos))).toMatchObject(
          common.map((each, index) => ({ ...each, split: videos[index]!.split })),
        );
        expect(parseResults(formatResultJson(videos)).videos).toEqual(
          videos.map((each) => ({ ...each, split: null })),
        );
      }),
    );
  });
});

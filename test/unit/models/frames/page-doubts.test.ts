import { expect, test } from 'vitest';
import { pageDoubts } from '../../../../models/frames/page-doubts.ts';

const plain = { isAltered: false, covers: [] };
const face = { left: 0.4, top: 0.2, width: 0.2, height: 0.3 };
const covered = (left: number, top: number, width: number, height: number) => ({
  isAltered: false,
  covers: [{ left, top, width, height }],
});

test.each([
  ['nothing over the video', [plain, plain], []],
  ['no answer of the page', [], []],
  ['a bar of buttons', [covered(0, 0.85, 1, 0.15)], []],
  ['something small over the judged face', [covered(0.4, 0.2, 0.1, 0.3)], ['covered-by-page']],
  ['something as small elsewhere', [covered(0.7, 0.2, 0.1, 0.3)], []],
  ['another picture beside the judged face', [covered(0.65, 0, 0.35, 1)], ['covered-by-page']],
  ['a cover that was there at the start', [covered(0, 0, 1, 1), plain], ['covered-by-page']],
  ['a cover that came by the end', [plain, covered(0, 0, 1, 1)], ['covered-by-page']],
  ['a filter', [plain, { ...plain, isAltered: true }], ['altered-by-page']],
] as const)('%s', (_what, seen, doubts) => {
  expect(pageDoubts(seen, face)).toEqual(doubts);
});

test('without a known place of the faces the whole picture counts', () => {
  expect(pageDoubts([covered(0.4, 0.2, 0.1, 0.3)], null)).toEqual([]);
  expect(pageDoubts([covered(0, 0, 0.6, 0.6)], null)).toEqual(['covered-by-page']);
});

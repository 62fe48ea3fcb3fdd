import { expect, test } from 'vitest';
import { mostTelling } from '../../../../components/report/telling-faces.ts';
import { refusalOf, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const FACES = [0.1, 0.95, 0.45, 0.8, 0.3, 0.6, 0.9, 0.2].map((score) => ({ personId: 1, score }));
const OTHER = { personId: 2, score: 0.99 };

test.each([
  ['likely manipulated', 0.8, [0.95, 0.9, 0.8, 0.6, 0.45, 0.3]],
  ['no manipulation found', 0.1, [0.1, 0.2, 0.3, 0.45, 0.6, 0.8]],
  ['not sure', 0.5, [0.95, 0.1, 0.9, 0.8, 0.2, 0.3]],
])('six faces of the deciding person stand for %s, the clearest first', (_what, score, expected) => {
  const told = mostTelling(reportOf(verdictOf(score)), [OTHER, ...FACES]);
  expect(told.map((face) => face.score)).toEqual(expected);
});

test('no face stands for a refusal', () => {
  expect(mostTelling(reportOf(refusalOf('no-face')), FACES)).toEqual([]);
});

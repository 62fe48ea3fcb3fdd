import { expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import type { JudgedFace } from '../../../../models/scan/analysis.ts';
import { createScanRecord, MAX_KEPT_CROPS } from '../../../../models/scan/scan-record.ts';
import type { FacePlace, ScanRecord } from '../../../../models/scan/scan-record.ts';

/** The logit whose sigmoid is `score`; with its negative as REAL, the reference's score of the frame is `score`. */
function judged(score: number): JudgedFace {
  const logit = Math.log(score / (1 - score));
  return { logits: { ed: [logit, -logit] }, input: picture(224), evidence: picture(96) };
}

function picture(side: number): ImageData {
  return { width: side, height: side, data: new Uint8ClampedArray(4), colorSpace: 'srgb' };
}

function place(frameIndex: number, personId = 1): FacePlace {
  const area = { left: 0.1 * frameIndex, top: 0.2, width: 0.1, height: 0.2 };
  const measures = { sidePixels: 120, detectorScore: 0.9, marks: [] };
  return { personId, area, frameIndex, mediaTimeSeconds: frameIndex / 2, measures };
}

function recordOf(scores: readonly number[], personId = 1): ScanRecord {
  const record = createScanRecord(GENCONVIT);
  scores.forEach((score, frameIndex) => {
    record.lookedAtFrame();
    record.add(place(frameIndex, personId), judged(score));
  });
  return record;
}

const rounded = (faces: readonly { readonly score: number }[]): readonly number[] =>
  faces.map(({ score }) => Math.round(score * 100) / 100);

test('frame scores keep the order and the times in which faces were judged', () => {
  const scores = recordOf([0.9, 0.2]).frameScores();
  expect(rounded(scores)).toEqual([0.9, 0.2]);
  expect(scores.map(({ mediaTimeSeconds }) => mediaTimeSeconds)).toEqual([0, 0.5]);
});

test.each([
  { scores: [0.95, 0.7, 0.99, 0.8, 0.75, 0.9, 0.97, 0.6], told: [0.99, 0.97, 0.95, 0.9, 0.8, 0.75] },
  { scores: [0.05, 0.3, 0.01, 0.2, 0.25, 0.1, 0.03, 0.4], told: [0.01, 0.03, 0.05, 0.1, 0.2, 0.25] },
])('the six faces that speak clearest for the verdict come first ($told.0)', ({ scores, told }) => {
  const record = recordOf(scores);
  expect(rounded(record.evidence(record.verdict(8)))).toEqual(told);
});

test('the area of the judged faces is the box around them', () => {
  const record = recordOf([0.9, 0.9, 0.9, 0.9]);
  const { left, top, width, height } = record.judgedArea(record.verdict(4))!;
  expect([left, top, width, height].map((side) => Number(side.toFixed(6)))).toEqual([0, 0.2, 0.4, 0.2]);
});

test('of any number of frames the extremes are still there', () => {
  const scores = Array.from({ length: 500 }, (_, index) => 0.7 + (0.29 * ((index * 37) % 500)) / 500);
  const record = recordOf(scores);
  const evidence = record.evidence(record.verdict(500));
  const highest = scores.toSorted((a, b) => b - a).slice(0, 6);
  evidence.forEach(({ score }, index) => {
    expect(score).toBeCloseTo(highest[index]!, 9);
  });
});

test('the evidence is of the person who decides', () => {
  const record = createScanRecord(GENCONVIT);
  for (let frameIndex = 0; frameIndex < 4; frameIndex++) {
    record.lookedAtFrame();
    record.add(place(frameIndex, 1), judged(0.1));
    record.add(place(frameIndex, 2), judged(0.9));
  }
  const verdict = record.verdict(4);
  expect(verdict).toMatchObject({ kind: 'likely-manipulated', decidingPersonId: 2 });
  expect(record.evidence(verdict).map(({ personId }) => personId)).toEqual([2, 2, 2, 2]);
});

test('a refusal has no evidence', () => {
  const record = recordOf([0.9, 0.9, 0.9]);
  const verdict = record.verdict(15);
  expect(verdict).toMatchObject({ kind: 'refused', reason: 'too-few-frames' });
  expect(record.evidence(verdict)).toEqual([]);
});

test('small faces alone are another refusal than none', () => {
  const record = createScanRecord(GENCONVIT);
  for (let frame = 0; frame < 15; frame++) record.lookedAtFrame();
  expect(record.verdict(15)).toMatchObject({ reason: 'no-face', framesScanned: 15, framesAsked: 15 });
  for (const frame of [0, 1, 1, 2]) record.sawUnusableFace(frame, 'face-too-small');
  expect(record.verdict(15)).toMatchObject({ reason: 'no-face' });
  record.sawUnusableFace(3, 'face-too-small');
  expect(record.verdict(15)).toMatchObject({ reason: 'face-too-small' });
});

test('the one frame of a paused video is enough to say that its face is small', () => {
  const record = createScanRecord(GENCONVIT);
  record.lookedAtFrame();
  record.sawUnusableFace(0, 'face-too-small');
  expect(record.verdict(1)).toMatchObject({ reason: 'face-too-small' });
});

test('where all frames were asked for, as many were asked for as were looked at', () => {
  expect(recordOf([0.9, 0.9, 0.9, 0.9]).verdict(null)).toMatchObject({ framesAsked: 4, doubts: [] });
});

test('the crops that are kept have a bound', () => {
  const record = recordOf(Array.from({ length: MAX_KEPT_CROPS + 5 }, () => 0.5));
  expect(record.crops()).toHaveLength(MAX_KEPT_CROPS);
  expect(record.frameScores()).toHaveLength(MAX_KEPT_CROPS + 5);
});

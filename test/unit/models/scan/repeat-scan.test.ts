import { expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import { repeatScores } from '../../../../models/scan/repeat-scan.ts';
import type { RepeatNetworks } from '../../../../models/scan/repeat-scan.ts';
import { createScanRecord } from '../../../../models/scan/scan-record.ts';
import { reportOfVerdict } from '../../../../utils/domain/report.ts';
import type { ScanReport } from '../../../../utils/domain/report.ts';
import type { KeptPicture } from '../../../../utils/domain/repeat.ts';
import { sha256Of } from '../../../../utils/domain/sha256.ts';
import { ED_MODEL } from '../../../fixtures/scans/scans.ts';

const SIDE = 4;

/** A picture whose first red value is `red`. */
function pictureOf(red: number): ImageData {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4).fill(90);
  data[0] = red;
  return { data, width: SIDE, height: SIDE, colorSpace: 'srgb' };
}

const rgbOf = ({ data }: ImageData): Uint8Array => Uint8Array.from(data.filter((_, at) => at % 4 !== 3));

/** Two made-up networks. Their answers depend on the first pixel and, as random inputs do, on the face's place. */
function answer(red: number, index: number): Record<string, readonly number[]> {
  const logit = red / 100 + 0.01 * index;
  return { ed: [logit, -logit], vae: [logit / 2, -logit / 2] };
}

function createNetworks() {
  const runs: number[][] = [];
  const networks: RepeatNetworks = {
    usedModel: ED_MODEL,
    scoring: GENCONVIT,
    facesPerRun: 4,
    sidePixels: SIDE,
    logitsOf: (inputs: readonly RgbImage[], { first, noise }) => {
      expect(noise).toEqual({ kind: 'seed', seed: 5 });
      runs.push(inputs.map((_, place) => first + place));
      return Promise.resolve(inputs.map(({ data }, place) => answer(data[0]!, first + place)));
    },
  };
  return { networks, runs };
}

/** Ten faces of two people in turn, as a scan has judged them. */
async function scanned(): Promise<{ readonly report: ScanReport; readonly pictures: KeptPicture[] }> {
  const record = createScanRecord(GENCONVIT);
  const pictures: KeptPicture[] = [];
  for (let index = 0; index < 10; index++) {
    const picture = pictureOf(20 * index);
    pictures.push({ index, picture });
    record.lookedAtFrame();
    record.add(
      {
        personId: 1 + (index % 2),
        area: { left: 0, top: 0, width: 0.5, height: 0.5 },
        frameIndex: index,
        mediaTimeSeconds: index,
        measures: { sidePixels: 100, detectorScore: 0.9, marks: [] },
      },
      {
        logits: answer(20 * index, index),
        input: picture,
        evidence: picture,
        pixelsSha256: await sha256Of(rgbOf(picture)),
      },
    );
  }
  const verdict = record.verdict(10);
  const report = reportOfVerdict(
    verdict,
    { source: 'source', screenScale: null, model: ED_MODEL },
    GENCONVIT.bands,
  );
  const frameScores = record.frameScores();
  return { report: { ...report, frameScores, used: { ...report.used, noiseSeed: 5 } }, pictures };
}

test('the same pictures by the same networks give the same scores bit for bit, in the same runs', async () => {
  const { report, pictures } = await scanned();
  const { networks, runs } = createNetworks();
  const repeated = await repeatScores(report, pictures, networks);
  if (repeated.kind !== 'repeated' || report.verdict.kind === 'refused') throw new Error(repeated.kind);
  expect(repeated).toMatchObject({ isSameModel: true, largestDifference: 0, score: report.verdict.score });
  expect(repeated.faces.every(({ isSamePicture }) => isSamePicture === true)).toBe(true);
  expect(repeated.faces.map(({ networkScores }) => networkScores)).toEqual(
    report.frameScores.map(({ networkScores }) => networkScores),
  );
  expect(runs).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
});

test('a picture with one changed pixel is named, and its score differs', async () => {
  const { report, pictures } = await scanned();
  const changed = pictures.map((kept) => (kept.index === 3 ? { ...kept, picture: pictureOf(61) } : kept));
  const repeated = await repeatScores(report, changed, createNetworks().networks);
  if (repeated.kind !== 'repeated') throw new Error(repeated.kind);
  const differing = repeated.faces.filter(({ difference }) => difference > 0);
  expect(differing.map(({ index }) => index)).toEqual([3]);
  expect(repeated.faces.filter(({ isSamePicture }) => isSamePicture !== true)).toEqual(differing);
  expect(repeated.largestDifference).toBeGreaterThan(1e-4);
});

test('without all pictures of the deciding person only the faces are compared, each at its own place', async () => {
  const { report, pictures } = await scanned();
  if (report.verdict.kind === 'refused') throw new Error('refused');
  // The second person decides, since that person's pictures are redder.
  expect(report.verdict.decidingPersonId).toBe(2);
  const { networks, runs } = createNetworks();
  const some = await repeatScores(report, pictures.slice(5, 7), networks);
  expect(some).toMatchObject({ score: null, largestDifference: 0 });
  expect(runs).toEqual([[5, 6]]);
  const own = pictures.filter(({ index }) => index % 2 === 1);
  const ownScore = await repeatScores(report, own, createNetworks().networks);
  expect(ownScore).toMatchObject({ score: report.verdict.score, largestDifference: 0 });
});

test('another model, another input size and a face that the report does not have are told apart', async () => {
  const { report, pictures } = await scanned();
  const { networks } = createNetworks();
  const other = { ...networks, usedModel: { ...ED_MODEL, modelId: 'other' } };
  expect(await repeatScores(report, pictures, other)).toMatchObject({ isSameModel: false });
  expect(await repeatScores(report, pictures, { ...networks, sidePixels: 8 })).toEqual({
    kind: 'other-input',
    sidePixels: 8,
  });
  const unknown = [{ index: 10, picture: pictureOf(0) }];
  await expect(repeatScores(report, unknown, networks)).rejects.toThrow(/no face 10/);
});

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { wordsOfState } from '../../../../components/report/verdict-words.ts';
import { createBytesSource } from '../../../fixtures/checkpoints/bytes-source.ts';
import { convertCheckpoint } from '../../../../models/detectors/conversion.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import {
  formatModelDescription,
  parseModelDescription,
} from '../../../../models/detectors/model-description.ts';
import type { ModelDescription } from '../../../../models/detectors/model-description.ts';
import { createFaceCropper } from '../../../../models/face/face-cropper.ts';
import { createRegistry, infoOf } from '../../../../models/detectors/registry.ts';
import { resizeArea } from '../../../../models/image/resize-area.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import { loadOrtForNode } from '../../../../models/runtime/load-ort-node.ts';
import { createNetworkSession } from '../../../../models/runtime/session.ts';
import type { ModelFiles } from '../../../../models/runtime/session.ts';
import { computeLogits } from '../../../../models/scan/compute-logits.ts';
import type { LoadedNetwork } from '../../../../models/scan/compute-logits.ts';
import { aggregateVerdict } from '../../../../models/scan/aggregate-verdict.ts';
import { mayStop } from '../../../../models/scan/early-stop.ts';
import { createScanRecord } from '../../../../models/scan/scan-record.ts';
import { createModelWriter, listModels, openModel } from '../../../../models/store/model-store.ts';
import type { ModelStore, OpenedModel } from '../../../../models/store/model-store.ts';
import { describeTogether } from '../../../../utils/domain/choose-models.ts';
import { reportOfVerdict } from '../../../../utils/domain/report.ts';
import type { ScanReport } from '../../../../utils/domain/report.ts';
import { reportSchema } from '../../../../utils/domain/report.ts';
import { createMemoryBackend } from '../../../support/memory-backend.ts';
import { frontalFace } from '../face/faces.ts';
import { REDNESS, rednessCheckpoint } from '../../../fixtures/detectors/redness.ts';

const REGISTRY = createRegistry([GENCONVIT, REDNESS]);
const FRAMES = 15;

/** The checkpoint through the conversion into a store, and opened from there. */
async function convert(): Promise<OpenedModel & { readonly modelId: string }> {
  const store: ModelStore = {
    backend: createMemoryBackend(),
    registry: REGISTRY,
    readSelfTests: () => Promise.resolve(new Map()),
  };
  const writer = await createModelWriter(store);
  const converted = await convertCheckpoint(
    createBytesSource(rednessCheckpoint(), 'redness.pth'),
    { registry: REGISTRY, detector: null, network: null, dtype: 'fp32', device: 'wasm' },
    writer.openFile,
  );
  const { modelId, title } = await writer.commit(converted);
  expect(title).toBe('Redness');
  expect((await listModels(store)).map(({ detectorId }) => detectorId)).toEqual(['redness']);
  return { modelId, ...(await openModel(store, modelId)) };
}

async function open(): Promise<
  LoadedNetwork & { readonly description: ModelDescription; readonly modelId: string }
> {
  const { detector, description, files, modelId } = await convert();
  const session = await createNetworkSession(loadOrtForNode(), await inMemory(files), { device: 'wasm' });
  return { detector, facts: description, session, description, modelId };
}

/** ONNX Runtime's build for Node takes shards as bytes. */
async function inMemory({ graph, externalData }: ModelFiles): Promise<ModelFiles> {
  const bytes = externalData.map(async ({ path, data }) => ({
    path,
    data: new Uint8Array(await new Blob([data as BlobPart]).arrayBuffer()),
  }));
  return { graph, externalData: await Promise.all(bytes) };
}

/** One face of one colour in each frame, through the network, to the report. */
async function scan(colour: readonly [number, number, number]): Promise<ScanReport> {
  const network = await open();
  const { detector, description, modelId } = network;
  const crop: RgbImage = {
    data: Uint8Array.from({ length: 40 * 40 * 3 }, (_, index) => colour[index % 3]!),
    width: 40,
    height: 40,
    channels: 3,
  };
  const { imageSize } = description;
  const rows = await computeLogits(
    network,
    Array.from({ length: FRAMES }, () => resizeArea(crop, imageSize, imageSize)),
  );
  await network.session.release();
  const record = createScanRecord(detector);
  const measures = { sidePixels: 250, detectorScore: 0.9, marks: [] };
  const area = { left: 0, top: 0, width: 1, height: 1 };
  rows.forEach((row, frameIndex) => {
    record.lookedAtFrame();
    const picture = { width: 1, height: 1, data: new Uint8ClampedArray(4), colorSpace: 'srgb' } as ImageData;
    record.add(
      { personId: 1, area, frameIndex, mediaTimeSeconds: frameIndex, measures },
      { logits: { [description.network]: row }, input: picture, evidence: picture },
    );
  });
  const { network: networkId, dtype, isDemo = false } = description;
  const model = { modelId, detector, networks: [networkId], dtype, isDemo };
  const verdict = record.verdict(FRAMES);
  const usedModel = {
    ...describeTogether([{ ...model, detector: infoOf(detector) }]),
    device: 'wasm',
  } as const;
  return v.parse(reportSchema, {
    ...reportOfVerdict(verdict, { source: 'source', screenScale: null, model: usedModel }, detector.bands),
    frameScores: record.frameScores(),
    quality: record.quality(verdict, null),
  });
}

describe('a second detector, of which no other file knows anything', () => {
  test('is told by its checkpoint, and its description is read by its own rules', async () => {
    const { description } = await convert();
    expect(description).toMatchObject({
      detector: 'redness',
      network: 'mean',
      graphVersion: 7,
      imageSize: 16,
      extraInputs: {},
    });
    const ofAnother = formatModelDescription({ ...description, detector: 'genconvit' });
    expect(() => parseModelDescription(ofAnother, REGISTRY)).toThrow(/graphVersion 7/);
    expect(() =>
      parseModelDescription(formatModelDescription(description), createRegistry([GENCONVIT])),
    ).toThrow(/detector is not one of genconvit/);
  });

  // Normalised red is (1, −1, −1): logit 3.5, sigmoid .971; grey is about (0, 0, 0): −.5, .378; blue −2.5, .076.
  test.each([
    [[255, 0, 0], 0.9707, 'Likely manipulated'],
    [[128, 128, 128], 0.3775, 'Not sure'],
    [[0, 0, 255], 0.0759, 'No manipulation found'],
  ] as const)(
    'comes from the colour %j to a score of %f and the badge’s words “%s”',
    async (colour, score, title) => {
      const report = await scan(colour);
      expect(report.verdict).toMatchObject({ score: expect.closeTo(score, 3) as number, framesUsed: FRAMES });
      expect(report.bands).toEqual(REDNESS.bands);
      expect(report.used.model).toMatchObject({
        detectorId: 'redness',
        title: 'Redness',
        networks: ['mean'],
      });
      expect(wordsOfState({ kind: 'finished', report }).title).toBe(title);
    },
  );

  test('has its faces cut with its own margin', () => {
    const widthFor = ({ input }: typeof REDNESS): number => {
      const face = frontalFace(500, 500, 100);
      const { usable } = createFaceCropper(input.crop.margin).place([face], { width: 1000, height: 1000 });
      return usable[0]!.crop.right - usable[0]!.crop.left;
    };
    expect(widthFor(REDNESS) / widthFor(GENCONVIT)).toBeCloseTo(1.5, 1);
  });

  test('lets no verdict stand on faces that are smaller than its own training’s', () => {
    const measures = { sidePixels: 150, fineDetail: null, detectorScore: 0.9, marks: [] };
    const rows = [[5]];
    const faces = Array.from({ length: FRAMES }, (_, frameIndex) => ({
      ...{ personId: 1, frameIndex, score: 0.993, networkScores: { mean: 0.993 }, measures, rows },
    }));
    const seen = { framesAsked: FRAMES, framesScanned: FRAMES, faces, framesWithSmallFace: 0 };
    const reasons = [{ code: 'face-small', pixels: 150 }];
    expect(aggregateVerdict(seen, REDNESS)).toMatchObject({ kind: 'not-sure', reasons });
    expect(aggregateVerdict(seen, { ...REDNESS, trainedOn: GENCONVIT.trainedOn })).toMatchObject({
      kind: 'likely-manipulated',
    });
  });

  test('stops an automatic scan by its own bands', () => {
    const measures = { sidePixels: 250, fineDetail: null, detectorScore: 0.9, marks: [] };
    const face = { personId: 1, score: 0.993, networkScores: { mean: 0.993 }, measures, rows: [[5]] };
    const faces = Array.from({ length: 12 }, (_, frameIndex) => ({ ...face, frameIndex }));
    const people = [{ framesJudged: 12, framesWaiting: 0, faces }];
    const soFar = { framesAsked: 15, rowsPerFace: 1, people, leastBitsPerPixel: null };
    // .993 in 12 of 15 frames can still fall to .794: above the published bands' .7, below .9.
    expect(mayStop({ ...soFar, framesToCome: 3, scoring: { ...REDNESS, bands: GENCONVIT.bands } })).toBe(
      true,
    );
    expect(mayStop({ ...soFar, framesToCome: 3, scoring: REDNESS })).toBe(false);
  });
});

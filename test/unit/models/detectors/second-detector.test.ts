import { describe, expect, test } from 'vitest';
import { wordsOfState } from '../../../../components/report/verdict-words.ts';
import { createBytesSource } from '../../../fixtures/checkpoints/bytes-source.ts';
import { convertCheckpoint } from '../../../../models/detectors/convert-checkpoint.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import {
  formatModelDescription,
  MODEL_DESCRIPTION_NAME,
  parseModelDescription,
} from '../../../../models/detectors/model-description.ts';
import type { ModelDescription } from '../../../../models/detectors/model-description.ts';
import { createRegistry, infoOf } from '../../../../models/detectors/registry.ts';
import { resizeArea } from '../../../../models/image/resize-area.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import { loadOrtForNode } from '../../../../models/runtime/load-ort-node.ts';
import { createNetworkSession } from '../../../../models/runtime/session.ts';
import { computeLogits } from '../../../../models/scan/compute-logits.ts';
import type { LoadedNetwork } from '../../../../models/scan/compute-logits.ts';
import { mayStop } from '../../../../models/scan/early-stop.ts';
import { createScanRecord } from '../../../../models/scan/scan-record.ts';
import { modelIdOf } from '../../../../models/store/model-id.ts';
import { describeTogether } from '../../../../utils/domain/choose-models.ts';
import { REPORT_VERSION } from '../../../../utils/domain/report.ts';
import type { ScanReport } from '../../../../utils/domain/report.ts';
import { parseReport } from '../../../../utils/domain/report-schema.ts';
import { REDNESS, rednessCheckpoint } from '../../../fixtures/detectors/redness.ts';

const REGISTRY = createRegistry([GENCONVIT, REDNESS]);
const FRAMES = 15;

/** The checkpoint through the conversion into files, and those back, as a store keeps them. */
async function convert(): Promise<{
  readonly description: ModelDescription;
  readonly files: ReadonlyMap<string, Uint8Array>;
}> {
  const files = new Map<string, Uint8Array>();
  const converted = await convertCheckpoint(
    createBytesSource(rednessCheckpoint(), 'redness.pth'),
    { registry: REGISTRY, detector: null, network: null, dtype: 'fp32', device: 'wasm' },
    (path) => {
      const chunks: Uint8Array[] = [];
      return Promise.resolve({
        write: (bytes) => {
          chunks.push(bytes.slice());
          return Promise.resolve();
        },
        close: async () => {
          files.set(path, new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()));
        },
        abort: () => Promise.resolve(),
      });
    },
  );
  files.set(MODEL_DESCRIPTION_NAME, new TextEncoder().encode(formatModelDescription(converted)));
  const text = new TextDecoder().decode(files.get(MODEL_DESCRIPTION_NAME));
  return { description: parseModelDescription(text, REGISTRY), files };
}

async function open(): Promise<LoadedNetwork & { readonly description: ModelDescription }> {
  const { description, files } = await convert();
  const externalData = description.shards.map(({ path }) => ({ path, data: files.get(path)! }));
  const graph = files.get(description.graph.path)!;
  const session = await createNetworkSession(loadOrtForNode(), { graph, externalData }, { device: 'wasm' });
  return { detector: REGISTRY.get(description.detector), facts: description, session, description };
}

/** One face of one colour in each frame, through the network, to the report. */
async function scan(colour: readonly [number, number, number]): Promise<ScanReport> {
  const network = await open();
  const { detector, description } = network;
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
  rows.forEach((row, frameIndex) => {
    record.lookedAtFrame();
    const picture = { width: 1, height: 1, data: new Uint8ClampedArray(4), colorSpace: 'srgb' } as ImageData;
    record.add(
      { personId: 1, frameIndex, mediaTimeSeconds: frameIndex, marks: [] },
      { logits: { [description.network]: row }, input: picture, evidence: picture },
    );
  });
  const { network: networkId, dtype, isDemo = false } = description;
  const model = { modelId: await modelIdOf(description), detector, networks: [networkId], dtype, isDemo };
  return parseReport({
    version: REPORT_VERSION,
    verdict: record.verdict(FRAMES),
    bands: detector.bands,
    frameScores: record.frameScores(),
    quality: { bitsPerPixel: null },
    used: {
      source: 'source',
      screenScale: null,
      model: { ...describeTogether([{ ...model, detector: infoOf(detector) }]), device: 'wasm' },
    },
    timings: null,
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

  test('stops an automatic scan by its own bands', () => {
    const people = [{ framesJudged: 12, framesWaiting: 0, rows: Array.from({ length: 12 }, () => [5]) }];
    const soFar = { framesAsked: 15, rowsPerFace: 1, people };
    // .993 in 12 of 15 frames can still fall to .794: above the published bands' .7, below .9.
    expect(mayStop({ ...soFar, framesToCome: 3, scoring: { ...REDNESS, bands: GENCONVIT.bands } })).toBe(
      true,
    );
    expect(mayStop({ ...soFar, framesToCome: 3, scoring: REDNESS })).toBe(false);
  });
});

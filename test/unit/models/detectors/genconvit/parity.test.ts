import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { computeLogits } from '../../../../../models/scan/compute-logits.ts';
import { aggregateReference, sigmoid } from '../../../../../models/detectors/genconvit/reference-score.ts';
import {
  FORMS,
  IMAGES,
  largestLogitError,
  loadSynthetic,
  MAX_LOGIT_ERROR,
  normalised,
  SLOW_MACHINE,
  wrongStages,
} from './parity.ts';
import type { LoadedSynthetic } from './parity.ts';

vi.setConfig(SLOW_MACHINE);

describe.each(FORMS)('ED in fp32, %s form', (device) => {
  let network: LoadedSynthetic;
  beforeAll(async () => {
    network = await loadSynthetic('ed', { dtype: 'fp32', device }, true);
  });
  afterAll(async () => {
    await network.session.release();
  });

  it("gives the original's logits", async () => {
    const largest = await largestLogitError(network, 'ed');
    console.info(`ed fp32 ${device}: largest difference of a logit ${largest.toExponential(1)}`);
    expect(largest).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
  });
  it("gives the original's values at every stage", async () => {
    expect(await wrongStages(network, 'ed')).toEqual([]);
  });
  it('gives a face the same logits alone and in a batch', async () => {
    const { image, index } = IMAGES.at(-1)!;
    const face = normalised(image);
    const data = new Float32Array(2 * face.length);
    data.set(normalised({ ...image, data: image.data.toReversed() }));
    data.set(face, face.length);
    const { logits } = await network.session.run({ image: { dims: [2, 3, 224, 224], data } }, ['logits']);
    const [alone] = await computeLogits(network, [image], { noise: { kind: 'none' }, first: index });
    expect(Math.abs(logits!.data[2]! - alone![0]!)).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
    expect(Math.abs(logits!.data[3]! - alone![1]!)).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
  });
});

// genconvit.json's two runs: over the seven images, and image 6 alone.
const POOLED = [
  {
    run: 'vae_eps0',
    seven: { score: 0.762147903, label: 'FAKE' },
    six: { score: 0.22422111, label: 'REAL' },
  },
  {
    run: 'vae_eps',
    seven: { score: 0.746821046, label: 'FAKE' },
    six: { score: 0.216933966, label: 'REAL' },
  },
] as const;

describe('both networks', () => {
  it.each(POOLED)(
    'pool to the score and label of the original, from its own logits, $run',
    ({ run, seven, six }) => {
      const rows = IMAGES.flatMap(({ logits }) => [logits.ed, logits[run]]);
      const { score, label } = aggregateReference(rows.map(([fake, real]) => [sigmoid(fake), sigmoid(real)]));
      const expected = IMAGES.length === 7 ? seven : six;
      expect(score).toBeCloseTo(expected.score, 6);
      expect(label).toBe(expected.label);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { GENCONVIT } from '../../../../../models/detectors/genconvit/genconvit.ts';
import { REGISTRY } from '../../../../../models/detectors/registry.ts';
import {
  describeModel,
  formatModelDescription,
  parseModelDescription,
} from '../../../../../models/detectors/model-description.ts';

const SHA256 = 'ab'.repeat(32);
const description = describeModel(GENCONVIT, {
  network: 'vae',
  dtype: 'int8',
  device: 'wasm',
  imageSize: 224,
  extraInputs: { noise: 12544 },
  source: { name: 'a.pth', byteLength: 10, sha256: SHA256 },
  graph: { path: 'model.onnx', byteLength: 3, sha256: SHA256 },
  shards: [{ path: 'model.data0', byteLength: 4, sha256: SHA256 }],
});

const parse = (text: string) => parseModelDescription(text, REGISTRY);

describe('model.json', () => {
  it('reads back what was written', () => {
    expect(parse(formatModelDescription(description))).toEqual(description);
  });

  it.each<[string, (json: Record<string, unknown>) => void, RegExp]>([
    ['another format', (json) => (json.formatVersion = 2), /formatVersion 2.*convert the checkpoint again/],
    ['an older graph', (json) => (json.graphVersion = 0), /graphVersion 0.*convert/],
    [
      'a version that is no number',
      (json) => (json.graphVersion = { toString: 1, valueOf: 1 }),
      /graphVersion \{.*convert/,
    ],
    [
      'a latent that no memory holds',
      (json) => (json.extraInputs = { noise: 2 ** 45 }),
      /extraInputs\.noise is not a count up to/,
    ],
    ['an image that no memory holds', (json) => (json.imageSize = 2 ** 40), /imageSize is not a count up to/],
    ['a VAE without a latent', (json) => (json.extraInputs = {}), /extraInputs\.noise/],
    [
      'an input that the network does not have',
      (json) => (json.extraInputs = { noise: 1, x: 1 }),
      /\[noise\]/,
    ],
    [
      "ED with the VAE's latent",
      (json) => (json.network = 'ed'),
      /extraInputs is not a size for each of \[\]/,
    ],
    ['an unknown detector', (json) => (json.detector = 'x'), /detector is not one of genconvit/],
    ['an unknown network', (json) => (json.network = 'xception'), /network is not one of ed, vae/],
    [
      'a path out of the folder',
      (json) => ((json.graph as Record<string, unknown>).path = '../x'),
      /graph\.path/,
    ],
    [
      'a size that is no count',
      (json) => ((json.graph as Record<string, unknown>).byteLength = -1),
      /byteLength/,
    ],
    ['a broken hash', (json) => ((json.source as Record<string, unknown>).sha256 = 'xyz'), /source\.sha256/],
    ['shards that are no list', (json) => (json.shards = {}), /shards is not a list/],
  ])('refuses %s by the name of the field', (_what, change, message) => {
    const json = JSON.parse(formatModelDescription(description)) as Record<string, unknown>;
    change(json);
    expect(() => parse(JSON.stringify(json))).toThrow(message);
  });

  it.each([
    ['vae', 12544, { noise: 12544 }],
    ['ed', null, {}],
  ] as const)(
    'of %s without a detector, as earlier versions wrote it, reads as what it is',
    (network, latentSize, extraInputs) => {
      const { detector: _detector, extraInputs: _inputs, ...rest } = description;
      const earlier = { ...rest, network, latentSize };
      expect(parse(JSON.stringify(earlier))).toEqual({ ...description, network, extraInputs });
      expect(() => parse(JSON.stringify({ ...earlier, latentSize: latentSize === null ? 7 : null }))).toThrow(
        /extraInputs/,
      );
    },
  );

  it.each(['', '[]', 'null', '{'])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(/model\.json/);
  });
});

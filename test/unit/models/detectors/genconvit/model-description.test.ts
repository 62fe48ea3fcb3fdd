import { describe, expect, it } from 'vitest';
import {
  describeModel,
  formatModelDescription,
  parseModelDescription,
} from '../../../../../models/detectors/model-description.ts';

const SHA256 = 'ab'.repeat(32);
const description = describeModel({
  network: 'vae',
  dtype: 'int8',
  device: 'wasm',
  imageSize: 224,
  latentSize: 12544,
  source: { name: 'a.pth', byteLength: 10, sha256: SHA256 },
  graph: { path: 'model.onnx', byteLength: 3, sha256: SHA256 },
  shards: [{ path: 'model.data0', byteLength: 4, sha256: SHA256 }],
});

describe('model.json', () => {
  it('reads back what was written', () => {
    expect(parseModelDescription(formatModelDescription(description))).toEqual(description);
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
      (json) => (json.latentSize = 2 ** 45),
      /latentSize is not a count up to/,
    ],
    ['an image that no memory holds', (json) => (json.imageSize = 2 ** 40), /imageSize is not a count up to/],
    ['a VAE without a latent', (json) => (json.latentSize = null), /latentSize/],
    ["ED with the VAE's latent", (json) => (json.network = 'ed'), /latentSize is not null/],
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
    expect(() => parseModelDescription(JSON.stringify(json))).toThrow(message);
  });

  it.each(['', '[]', 'null', '{'])('refuses %j', (text) => {
    expect(() => parseModelDescription(text)).toThrow(/model\.json/);
  });
});

import { describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../../../models/detectors/conversion.ts';
import type { ConversionOptions, ConversionRemark } from '../../../../models/detectors/conversion.ts';
import type { ModelDescription } from '../../../../models/detectors/model-description.ts';
import { REGISTRY } from '../../../../models/detectors/registry.ts';
import type { ShardWriter } from '../../../../models/onnx/external-data.ts';
import { createBytesSource } from '../../../fixtures/checkpoints/bytes-source.ts';
import { TINY } from '../../../fixtures/checkpoints/network-keys.ts';
import type { TensorToWrite } from '../../../fixtures/checkpoints/pickle-writer.ts';
import { countingFloats, tensorOf } from '../../../fixtures/checkpoints/sample-checkpoints.ts';
import {
  type ObjectToWrite,
  type StorageToWrite,
  checkpointBytes,
  storageOf,
} from '../../../fixtures/checkpoints/torch-writer.ts';
import { twinStateDict } from '../../../fixtures/checkpoints/twin.ts';

const NOWHERE: ShardWriter = {
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
  abort: () => Promise.resolve(),
};

type Entries = ReadonlyMap<string, ObjectToWrite>;

function entriesOf(network: 'ed' | 'vae', seed?: number): Entries {
  const made = twinStateDict({ network, sizes: TINY, ...(seed !== undefined && { seed }) }) as {
    entries: Entries;
  };
  return made.entries;
}

const ED = entriesOf('ed');
const VAE = entriesOf('vae');

function renamed(entries: Entries, rename: (key: string) => string): Entries {
  return new Map([...entries].map(([key, value]) => [rename(key), value]));
}
const below = (prefix: string, entries: Entries): Entries => renamed(entries, (key) => prefix + key);
const dict = (entries: Readonly<Record<string, ObjectToWrite>>): Entries => new Map(Object.entries(entries));
const number = (): ObjectToWrite => tensorOf(countingFloats(1), []);

async function convert(
  object: ObjectToWrite,
  options: Partial<ConversionOptions> = {},
): Promise<{ readonly description: ModelDescription; readonly remarks: readonly ConversionRemark[] }> {
  const remarks: ConversionRemark[] = [];
  const description = await convertCheckpoint(
    createBytesSource(checkpointBytes(object), 'x.pth'),
    {
      registry: REGISTRY,
      detector: null,
      network: null,
      dtype: 'fp32',
      device: 'wasm',
      ...(options.network === 'vae' ? {} : { imageSize: TINY.imageSize }),
      onRemark: (remark) => remarks.push(remark),
      ...options,
    },
    () => Promise.resolve(NOWHERE),
  );
  return { description, remarks };
}

const shardsOf = async (object: ObjectToWrite, options: Partial<ConversionOptions> = {}) =>
  (await convert(object, options)).description.shards;
const plain = shardsOf(ED);

describe('weights', () => {
  it.each<[string, ObjectToWrite]>([
    ['of torch.compile', below('_orig_mod.', ED)],
    ['of DataParallel', below('module.', ED)],
    ['of DataParallel and torch.compile', below('module._orig_mod.', ED)],
    [
      'of parts that were compiled',
      renamed(ED, (key) => key.replace(/^(backbone|encoder)\./, '$1._orig_mod.')),
    ],
    [
      'of FSDP',
      renamed(ED, (key) => `_fsdp_wrapped_module.${key.replace('fc.', 'fc._fsdp_wrapped_module.')}`),
    ],
    [
      'of activation checkpointing',
      renamed(ED, (key) => key.replace('.blocks.0.', '.blocks.0._checkpoint_wrapped_module.')),
    ],
    ['of Lightning', dict({ epoch: 3, state_dict: below('model.', ED), loops: dict({}) })],
    [
      'of Lightning with a loss and metrics of its own',
      dict({
        state_dict: new Map([
          ...below('net.', ED),
          ['criterion.weight', number()],
          ['val_auc.confmat', number()],
        ]),
      }),
    ],
    ['of an attribute with any name', below('detector.network.', ED)],
    ['of an averaged model', new Map([['n_averaged', number()], ...below('module.', ED)])],
    ['of an averaged model alone in a file', dict({ epoch: 1, averaged_model: below('module.', ED) })],
    ['of an EMA alone in a file', dict({ model_ema: below('module.', ED) })],
    ['below a key that is not usual', dict({ weights: ED, epoch: 3 })],
    ['below several keys', dict({ nets: dict({ first: dict({ state_dict: ED }) }) })],
    ['in a list', [ED, dict({ lr: 1 }), 5]],
    ['beside a number in the same dict', new Map([...ED, ['epoch', 3]])],
    ['under two keys that are one dict', dict({ model: ED, state_dict: ED })],
  ])('%s are found', async (_what, object) => {
    const { description, remarks } = await convert(object);
    expect(description.network).toBe('ed');
    expect(description.shards).toEqual(await plain);
    expect(remarks).toEqual([]);
  });

  it('of training are taken before averages of them, which are named', async () => {
    const average = entriesOf('ed', 7);
    const object = dict({ ema_state_dict: average, state_dict: ED });
    const { description, remarks } = await convert(object);
    expect(description.shards).toEqual(await plain);
    expect(remarks).toEqual([{ kind: 'chosen-weights', path: 'state_dict', others: ['ema_state_dict'] }]);
    expect(await shardsOf(object, { key: 'ema_state_dict' })).toEqual(await shardsOf(average));
  });

  it('of two networks in one file are chosen by the network or by the key', async () => {
    for (const object of [
      dict({ ed: ED, vae: VAE }),
      new Map([...below('model_ed.', ED), ...below('model_vae.', VAE)]),
      dict({ state_dict: new Map([...below('model_ed.', ED), ...below('model_vae.', VAE)]) }),
    ]) {
      expect(await shardsOf(object, { network: 'ed', detector: 'genconvit' })).toEqual(await plain);
      const { description } = await convert(object, { network: 'vae', detector: 'genconvit' });
      expect(description.shards).toEqual(await shardsOf(VAE, { network: 'vae' }));
      await expect(convert(object)).rejects.toMatchObject({ code: 'network-mismatch' });
      await expect(convert(object)).rejects.toThrow(
        /holds several networks: ED at ".*ed", VAE at ".*vae"; say which one is meant/,
      );
    }
    expect(await shardsOf(new Map([...below('a.', ED), ...below('b.', VAE)]), { key: 'a' })).toEqual(
      await plain,
    );
  });

  it('are named where the key leads to none', async () => {
    const promise = convert(dict({ a: ED, b: entriesOf('ed', 7) }), { key: 'c\u001b' });
    await expect(promise).rejects.toMatchObject({ code: 'options-invalid' });
    await expect(promise).rejects.toThrow(
      'no such network at the key "c\\u001b": there are ED at "a", ED at "b"',
    );
    await expect(convert(dict({ a: dict({ w: number() }) }), { key: 'a' })).rejects.toThrow(
      'no known network is in the file',
    );
  });

  it('of no known network are refused with what is there', async () => {
    await expect(convert(dict({ state_dict: dict({ w: number() }) }))).rejects.toThrow(
      /holds 1 tensors, but none of the known networks: GenConViT ED, GenConViT VAE/,
    );
  });
});

/** The tensor with its first number replaced. */
function withFirst(
  entries: Entries,
  key: string,
  dtype: 'float32' | 'float64' | 'int64',
  first: number | bigint,
): Entries {
  const { shape, storage } = entries.get(key) as TensorToWrite;
  const count = storage.elementCount;
  const values =
    dtype === 'float32'
      ? new Float32Array(count).fill(0.5)
      : dtype === 'float64'
        ? new Float64Array(count).fill(0.5)
        : new BigInt64Array(count);
  values[0] = first;
  const replaced: StorageToWrite = storageOf(dtype, new Uint8Array(values.buffer));
  return new Map([...entries, [key, tensorOf(replaced, shape)]]);
}

describe('weights that no network can compute with', () => {
  it.each<[string, RegExp, 'ed' | 'vae', Entries]>([
    [
      'a NaN',
      /"fc2\.bias" holds NaN: the training has diverged/,
      'ed',
      withFirst(ED, 'fc2.bias', 'float32', Number.NaN),
    ],
    [
      'an infinite number',
      /"fc\.weight" holds -Infinity/,
      'ed',
      withFirst(ED, 'fc.weight', 'float32', -Infinity),
    ],
    [
      'a number beyond float32',
      /"fc\.bias" holds a number beyond float32/,
      'ed',
      withFirst(ED, 'fc.bias', 'float64', 1e300),
    ],
    ['integers', /"fc\.bias" has weights of int64/, 'ed', withFirst(ED, 'fc.bias', 'int64', 1n)],
    [
      'a NaN in the large matrix',
      /"encoder\.mu\.weight" holds NaN/,
      'vae',
      withFirst(VAE, 'encoder.mu.weight', 'float32', Number.NaN),
    ],
    [
      'a negative variance',
      /computed from .*running_var.* is not finite/,
      'vae',
      withFirst(VAE, 'encoder.features.1.running_var', 'float32', -5),
    ],
  ])('are refused by their name: %s', async (_what, message, network, entries) => {
    for (const dtype of network === 'ed' ? (['fp32', 'int8'] as const) : (['fp32', 'int4'] as const)) {
      const promise = convert(entries, { network, detector: 'genconvit', dtype });
      await expect(promise).rejects.toMatchObject({ code: 'checkpoint-unsupported' });
      await expect(promise).rejects.toThrow(message);
    }
  });

  it('may be where the network does not read them', async () => {
    const dead = withFirst(VAE, 'encoder.var.weight', 'float32', Number.NaN);
    expect(await shardsOf(dead, { network: 'vae' })).toEqual(await shardsOf(VAE, { network: 'vae' }));
  });
});

describe('an image size', () => {
  it('beyond what a model can be described with is refused', async () => {
    const promise = convert(ED, { imageSize: 8192 });
    await expect(promise).rejects.toMatchObject({ code: 'options-invalid' });
    await expect(promise).rejects.toThrow('an image of 8192 pixels a side, at most 4096 can be read');
  });
});

import { expect, test } from 'vitest';
import { firstChoice, itemsOf, sizesOf, withDtype } from '../../../../components/install/download-choice.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { offersFor, REGISTRY } from '../../../../models/detectors/registry.ts';
import type { WeightDtype } from '../../../../utils/domain/model.ts';
import { ED_ITEM, partialDownload, VAE_ITEM } from '../../../fixtures/installs/installs.ts';
import { ED_MODEL, installedModel } from '../../../fixtures/scans/scans.ts';

/** The offer for a computer without a graphics card. */
const [OFFER] = offersFor(REGISTRY, { gpu: null, freeByteLength: null, memoryGigabytes: null });
if (OFFER === undefined) throw new Error('nothing is offered');
const ED_INSTALLED = { ...installedModel(ED_MODEL, 0), dtype: 'fp32', device: 'webgpu' } as const;

test('chooses ED alone, as recommended, where nothing is there', () => {
  const choice = firstChoice(OFFER, [], []);
  expect(itemsOf(OFFER, choice, [])).toEqual([ED_ITEM]);
});

test('goes on with the form that was begun, whatever is recommended', () => {
  const begun = partialDownload({ dtype: 'fp32', device: 'webgpu' });
  const items = itemsOf(OFFER, firstChoice(OFFER, [begun], []), []);
  expect(items).toEqual([{ ...ED_ITEM, dtype: 'fp32', device: 'webgpu' }]);
  expect(sizesOf(OFFER, items, [begun]).doneByteLength).toBe(begun.doneByteLength);
});

test('counts nothing as fetched that belongs to another form', () => {
  const begun = partialDownload({ dtype: 'fp32' });
  expect(sizesOf(OFFER, [ED_ITEM], [begun]).doneByteLength).toBe(0);
});

test('fetches only the second network where the first is installed', () => {
  const choice = firstChoice(OFFER, [], [ED_INSTALLED]);
  expect(choice.isFull).toBe(true);
  expect(itemsOf(OFFER, choice, [ED_INSTALLED])).toEqual([VAE_ITEM]);
});

test('fetches a network again that is damaged, made from another file, or a stand-in', () => {
  const unusable = [
    { ...ED_INSTALLED, state: 'invalid' },
    { ...ED_INSTALLED, provenance: 'other-file' },
    { ...ED_INSTALLED, isDemo: true },
  ] as const;
  for (const model of unusable) {
    const choice = firstChoice(OFFER, [], [model]);
    expect(itemsOf(OFFER, choice, [model])).toEqual([ED_ITEM]);
  }
});

test('offers no form that has no meaning, on whatever computer', () => {
  for (const { id: network, installedByteLength } of OFFER.networks) {
    for (const dtype of Object.keys(installedByteLength) as WeightDtype[]) {
      for (const device of ['wasm', 'webgpu'] as const) {
        const choice = withDtype(firstChoice(OFFER, [], []), network, dtype, device);
        const form = choice.forms[network]!;
        expect(form).toMatchObject({ network, dtype });
        expect(() => GENCONVIT.assertConvertible(network, form.dtype, form.device)).not.toThrow();
      }
    }
  }
});

test('adds up both networks, each in its form', () => {
  const choice = { ...firstChoice(OFFER, [], []), isFull: true };
  expect(sizesOf(OFFER, itemsOf(OFFER, choice, []), [])).toEqual({
    fileByteLength: 238_174_949 + 2_782_175_601,
    fetchedByteLength: 120_840_000 + 1_378_600_000,
    installedByteLength: 65_200_000 + 345_900_000,
    doneByteLength: 0,
  });
});

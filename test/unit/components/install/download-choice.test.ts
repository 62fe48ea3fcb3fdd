import { expect, test } from 'vitest';
import { firstChoice, itemsOf, sizesOf, withDtype } from '../../../../components/install/download-choice.ts';
import type { Recommendation } from '../../../../components/install/download-choice.ts';
import { assertConvertible } from '../../../../models/detectors/genconvit/conversion-options.ts';
import { PUBLISHED_CHECKPOINTS } from '../../../../models/detectors/genconvit/published.ts';
import type { InstallItem } from '../../../../utils/domain/installation.ts';
import { ED_ITEM, partialDownload, VAE_ITEM } from '../../../fixtures/installs/installs.ts';
import { ED_MODEL, installedModel } from '../../../fixtures/scans/scans.ts';

const REASON = 'It suits this computer.';
const RECOMMENDED: Readonly<Record<InstallItem['network'], Recommendation>> = {
  ed: { ...ED_ITEM, reason: REASON },
  vae: { ...VAE_ITEM, reason: REASON },
};
const ED_INSTALLED = { ...installedModel(ED_MODEL, 0), dtype: 'fp32', device: 'webgpu' } as const;

test('chooses ED alone, as recommended, where nothing is there', () => {
  const choice = firstChoice(RECOMMENDED, [], []);
  expect(itemsOf(choice, [])).toEqual([ED_ITEM]);
});

test('goes on with the form that was begun, whatever is recommended', () => {
  const begun = partialDownload({ dtype: 'fp32', device: 'webgpu' });
  const items = itemsOf(firstChoice(RECOMMENDED, [begun], []), []);
  expect(items).toEqual([{ network: 'ed', dtype: 'fp32', device: 'webgpu' }]);
  expect(sizesOf(items, PUBLISHED_CHECKPOINTS, [begun]).doneByteLength).toBe(begun.doneByteLength);
});

test('counts nothing as fetched that belongs to another form', () => {
  const begun = partialDownload({ dtype: 'fp32' });
  expect(sizesOf([ED_ITEM], PUBLISHED_CHECKPOINTS, [begun]).doneByteLength).toBe(0);
});

test('fetches only the second network where the first is installed', () => {
  const choice = firstChoice(RECOMMENDED, [], [ED_INSTALLED]);
  expect(choice.isFull).toBe(true);
  expect(itemsOf(choice, [ED_INSTALLED])).toEqual([VAE_ITEM]);
});

test('fetches anew what is damaged, made from another file, or a stand-in', () => {
  const unusable = [
    { ...ED_INSTALLED, state: 'invalid' },
    { ...ED_INSTALLED, provenance: 'other-file' },
    { ...ED_INSTALLED, isDemo: true },
  ] as const;
  for (const model of unusable) {
    const choice = firstChoice(RECOMMENDED, [], [model]);
    expect(itemsOf(choice, [model])).toEqual([ED_ITEM]);
  }
});

test('offers no form that has no meaning, on whatever computer', () => {
  for (const { network, installedByteLength } of PUBLISHED_CHECKPOINTS) {
    for (const dtype of Object.keys(installedByteLength) as InstallItem['dtype'][]) {
      for (const device of ['wasm', 'webgpu'] as const) {
        const choice = withDtype(firstChoice(RECOMMENDED, [], []), network, dtype, device);
        const form = choice.forms[network];
        expect(form).toMatchObject({ network, dtype });
        expect(() => assertConvertible(network, form.dtype, form.device)).not.toThrow();
      }
    }
  }
});

test('adds up both networks, each in its form', () => {
  const choice = { ...firstChoice(RECOMMENDED, [], []), isFull: true };
  expect(sizesOf(itemsOf(choice, []), PUBLISHED_CHECKPOINTS, [])).toEqual({
    fileByteLength: 238_174_949 + 2_782_175_601,
    fetchedByteLength: 120_840_000 + 1_378_600_000,
    installedByteLength: 65_200_000 + 345_900_000,
    doneByteLength: 0,
  });
});

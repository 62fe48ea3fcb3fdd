import { expect, test } from 'vitest';
import { allNetworksOf, chooseModels } from '../../../../utils/domain/choose-models.ts';
import { titleOf } from '../../../../utils/domain/model.ts';
import type { InstalledModel } from '../../../../utils/domain/model.ts';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { infoOf } from '../../../../models/detectors/registry.ts';

const DETECTOR = infoOf(GENCONVIT);

function model(
  modelId: string,
  network: 'ed' | 'vae',
  isDemo = false,
  state: InstalledModel['state'] = 'ready',
): InstalledModel {
  return {
    modelId,
    detectorId: DETECTOR.id,
    detector: DETECTOR,
    networks: [network],
    title: titleOf(DETECTOR, [network]),
    dtype: 'fp16',
    device: 'wasm',
    isDemo,
    provenance: 'other-file',
    sourceName: `${modelId}.pth`,
    sourceByteLength: 1,
    sourceSha256: null,
    sourceRevision: null,
    installedAt: 0,
    byteLength: 1,
    state,
    problem: state === 'ready' ? null : 'model.data0 is missing',
    verifiedAt: null,
    selfTest: null,
  };
}

const ED = model('ed-1', 'ed');
const OLDER_ED = model('ed-0', 'ed');
const VAE = model('vae-1', 'vae');
const DEMO = model('ed-demo', 'ed', true);
const DAMAGED = model('ed-2', 'ed', false, 'invalid');

test.each([
  ['nothing where nothing is installed', [], null, []],
  ['the latest', [VAE, ED, OLDER_ED], null, ['vae-1']],
  ['the chosen one', [VAE, ED, OLDER_ED], 'ed-0', ['ed-0']],
  ['the latest where the chosen one was deleted', [VAE, ED], 'ed-9', ['vae-1']],
  ['both networks’ latest, ED first', [VAE, ED, OLDER_ED], allNetworksOf('genconvit'), ['ed-1', 'vae-1']],
  ['both networks as earlier versions stored it', [VAE, ED], 'genconvit', ['ed-1', 'vae-1']],
  ['the latest where another detector was chosen', [VAE, ED], allNetworksOf('other'), ['vae-1']],
  ['the latest where only one of both is there', [ED, OLDER_ED], 'genconvit', ['ed-1']],
  ['a real model before a later stand-in', [DEMO, ED], null, ['ed-1']],
  ['a stand-in that is alone', [DEMO], null, ['ed-demo']],
  ['no damaged model, even where it is the latest', [DAMAGED, ED], null, ['ed-1']],
  ['no damaged model, even where it was chosen', [DAMAGED, ED], 'ed-2', ['ed-1']],
  ['no damaged model, even where it is alone', [DAMAGED], null, []],
  ['no damaged model for one of both networks', [DAMAGED, VAE, ED], 'genconvit', ['ed-1', 'vae-1']],
  ['a stand-in that was chosen', [DEMO, ED], 'ed-demo', ['ed-demo']],
] as const)('takes %s', (_what, installed, chosen, expected) => {
  expect(chooseModels(installed, chosen).map(({ modelId }) => modelId)).toEqual(expected);
});

import type { Publisher } from '../../../utils/domain/installation.ts';
import type { PublishedCheckpoint } from '../detector.ts';
import type { Network } from './network-layout.ts';

const ORIGIN = 'https://huggingface.co';
const REPOSITORY = 'Deressa/GenConViT';
/** A commit, not a branch: the bytes at the address never change. */
const REVISION = '32d6e9e3c931a37971cc756da706cf1eef643372';

export const PUBLISHER: Publisher = {
  name: 'Hugging Face',
  repositoryUrl: `${ORIGIN}/${REPOSITORY}`,
  licence: { name: 'CC BY-NC 4.0', url: 'https://creativecommons.org/licenses/by-nc/4.0/' },
  hostPermissions: ['https://huggingface.co/*', 'https://*.hf.co/*', 'https://*.xethub.hf.co/*'],
};

/**
 * The published checkpoints of GenConViT, ED first. `fetchedByteLength` and `installedByteLength` follow from names and
 * shapes and were measured on twins of the files (`npm run bench:convert`, test/unit/models/detectors/genconvit/published.test.ts).
 */
export const PUBLISHED_CHECKPOINTS: readonly (PublishedCheckpoint & { readonly network: Network })[] = [
  {
    network: 'ed',
    ...fileAt('genconvit_ed_inference.pth'),
    byteLength: 238_174_949,
    sha256: '86f0c2e875016435def7d031b357bda5dc0061367290d73de121186df3f03f8c',
    fetchedByteLength: 120_840_000,
    installedByteLength: { fp16: 65_200_000, fp32: 120_700_000, int8: 31_800_000 },
  },
  {
    network: 'vae',
    ...fileAt('genconvit_vae_inference.pth'),
    byteLength: 2_782_175_601,
    sha256: '53c627c82d1439fc80e18ac462c1ed6969a3babe5376124a5c38d1c0c88c9042',
    fetchedByteLength: 1_378_600_000,
    installedByteLength: { fp16: 691_100_000, fp32: 1_378_000_000, int8: 345_900_000, int4: 261_400_000 },
  },
];

function fileAt(fileName: string): Pick<PublishedCheckpoint, 'url' | 'fileName' | 'revision'> {
  const url = `${ORIGIN}/${REPOSITORY}/resolve/${REVISION}/${fileName}`;
  return { url, fileName, revision: REVISION };
}

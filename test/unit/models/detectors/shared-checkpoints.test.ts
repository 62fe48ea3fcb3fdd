import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, describe, it } from 'vitest';
import { createNodeFileSource } from '../../../../entrypoints/cli/node-file-source.ts';
import { convertCheckpoint } from '../../../../models/detectors/conversion.ts';
import type { ModelDescription } from '../../../../models/detectors/model-description.ts';
import { REGISTRY } from '../../../../models/detectors/registry.ts';
import { sharedPath } from '../../../support/shared-folder.ts';

const folder = sharedPath('cases/checkpoints', 'checkpoints of PyTorch that were refused or misread once');
const names = folder === undefined ? [] : readdirSync(folder);

async function convert(
  name: string,
): Promise<{ readonly description: ModelDescription; readonly remarks: readonly string[] }> {
  const source = await createNodeFileSource(join(folder!, name));
  const remarks: string[] = [];
  try {
    const description = await convertCheckpoint(
      source,
      {
        registry: REGISTRY,
        ...{ detector: null, network: null, dtype: 'fp32', device: 'wasm', imageSize: 64 },
        onRemark: ({ kind }) => remarks.push(kind),
      },
      () =>
        Promise.resolve({
          write: () => Promise.resolve(),
          close: () => Promise.resolve(),
          abort: () => Promise.resolve(),
        }),
    );
    return { description, remarks };
  } finally {
    await source.close();
  }
}

const REMARKS: Readonly<Record<string, readonly string[]>> = {
  'a_ed_real.safetensors': ['no-checksums'],
  'z_torch26_nocrc.pth': ['no-checksums'],
  'z_trailing_newline.pth': ['bytes-after-end'],
};

describe.skipIf(folder === undefined)('files of one network', () => {
  it.each(names.filter((name) => name !== 'z_noroot.pth'))(
    '%s has the weights of the plain file',
    async (name) => {
      const { description, remarks } = await convert(name);
      expect(description.shards).toEqual((await convert('base_ed.pth')).description.shards);
      expect(remarks).toEqual(REMARKS[name] ?? []);
    },
  );

  it('z_noroot.pth was zipped again without its folder, and that is said', async () => {
    await expect(convert('z_noroot.pth')).rejects.toThrow(/zipped again without its folder/);
  });
});

import { describe, expect, test } from 'vitest';
import { buildNetwork } from '../../../../../models/detectors/genconvit/build-network.ts';
import type { WeightDtype } from '../../../../../utils/domain/model.ts';
import { REGISTRY } from '../../../../../models/detectors/registry.ts';
import { PUBLISHED_CHECKPOINTS, PUBLISHER } from '../../../../../models/detectors/genconvit/published.ts';
import { networkKeys, PUBLISHED } from '../../../../fixtures/checkpoints/network-keys.ts';
import { syntheticStateDict } from '../../../../fixtures/networks/synthetic-model.ts';

/** The largest difference between the announced and the real size: headers, the graph, padding. */
const TOLERANCE = 0.01;

describe.each(PUBLISHED_CHECKPOINTS)('the published $network', (checkpoint) => {
  const { network, installedByteLength } = checkpoint;

  test('lies at an address that names the pinned commit, below the publisher’s hosts', () => {
    expect(checkpoint.revision).toMatch(/^[0-9a-f]{40}$/);
    expect(checkpoint.url).toBe(
      `https://huggingface.co/Deressa/GenConViT/resolve/${checkpoint.revision}/${checkpoint.fileName}`,
    );
    expect(PUBLISHER.hostPermissions).toContain('https://huggingface.co/*');
  });

  test('is known by its checksum', () => {
    expect(checkpoint.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(REGISTRY.findPublished(checkpoint.sha256)).toBe(checkpoint);
    expect(REGISTRY.findPublished('0'.repeat(64))).toBeNull();
    expect(REGISTRY.findPublished(null)).toBeNull();
  });

  test.each(Object.keys(installedByteLength) as WeightDtype[])(
    'takes as much room as it says in %s',
    (dtype) => {
      const { stateDict, reader } = syntheticStateDict(network, PUBLISHED, 1);
      const device = dtype === 'int4' ? 'webgpu' : 'wasm';
      const { built } = buildNetwork(stateDict, reader, { network, dtype, device });
      const byteLength = built.externalGroups
        .flatMap(({ tensors }) => tensors)
        .reduce((sum, tensor) => sum + tensor.byteLength, 0);
      const said = installedByteLength[dtype]!;
      expect(Math.abs(said - byteLength)).toBeLessThan(TOLERANCE * byteLength);
    },
  );

  test('fetches what inference reads, and about half of the file', () => {
    const live = networkKeys(network, PUBLISHED).filter((key) => key.live);
    const byteLength = live.reduce(
      (sum, { shape }) => sum + 4 * shape.reduce((product, dim) => product * dim, 1),
      0,
    );
    expect(Math.abs(checkpoint.fetchedByteLength - byteLength)).toBeLessThan(TOLERANCE * byteLength);
    expect(checkpoint.fetchedByteLength / checkpoint.byteLength).toBeLessThan(0.51);
  });
});

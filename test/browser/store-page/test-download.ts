import type { Publisher } from '../../support/publisher/publisher.ts';
import { TINY_IN_PARTS } from '../../fixtures/checkpoints/network-sizes.ts';
import { twinBytes } from '../../fixtures/checkpoints/twin.ts';
import type { TestDownload } from './protocol.ts';

const REVISION = 'abc123';
/** Small shards and small requests, so that a small file has many of both. */
const SHARD_BYTE_LENGTH = 2 ** 16;

/** Small twins of both networks, and the path at which the test's own publisher has each. */
export const TEST_CHECKPOINTS = {
  ed: {
    path: `/made/up/resolve/${REVISION}/ed.pth`,
    bytes: twinBytes({ network: 'ed', sizes: TINY_IN_PARTS }),
  },
  vae: {
    path: `/made/up/resolve/${REVISION}/vae.pth`,
    bytes: twinBytes({ network: 'vae', sizes: TINY_IN_PARTS }),
  },
} as const;

/** The files for `startPublisher`. */
export const TEST_FILES: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  Object.values(TEST_CHECKPOINTS).map(({ path, bytes }) => [path, bytes]),
);

export function testDownload(
  publisher: Publisher,
  network: 'ed' | 'vae',
  change: Partial<TestDownload> = {},
): TestDownload {
  const { path, bytes } = TEST_CHECKPOINTS[network];
  return {
    checkpoint: {
      network,
      url: publisher.hubOrigin + path,
      fileName: `${network}.pth`,
      revision: REVISION,
      byteLength: bytes.byteLength,
      sha256: '0'.repeat(64),
      fetchedByteLength: 0,
      installedByteLength: {},
    },
    item: { detector: 'genconvit', network, dtype: 'fp32', device: 'wasm' },
    conversion: { imageSize: 64, shardByteLength: SHARD_BYTE_LENGTH },
    readAhead: { chunkByteLength: 2 ** 15, smallByteLength: 2 ** 10, maxBufferedByteLength: 2 ** 16 },
    stallMilliseconds: 1000,
    delayScale: 0.02,
    ...change,
  };
}

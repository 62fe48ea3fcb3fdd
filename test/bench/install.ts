/**
 * npm run bench:install [-- --vae]: installs a whole-size twin of a published checkpoint in the built extension from a
 * server on this machine, and prints one JSON line: bytes fetched against bytes in the file, requests, seconds, and the
 * memory of the extension's processes above what they had before. Exits with 1 when an aim is missed. The VAE's twin
 * needs 3.5 GB of free disk.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { InstallationState, InstallItem } from '../../utils/domain/installation.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import { startDriver, type Driver } from '../support/driver.ts';
import { buildTestExtension, TEST_EXTENSION_FOLDER } from '../support/extension.ts';
import { startPublisher } from '../support/publisher/publisher.ts';
import { setTestPublisher, testCheckpoint, testPathOf } from '../support/publisher/test-publisher.ts';
import { PUBLISHED } from '../fixtures/checkpoints/network-keys.ts';
import { writeTwin } from '../fixtures/checkpoints/write-twin.ts';
import { watchMemory } from './memory.ts';

const MEGABYTE = 1e6;
const MAX_FETCHED_SHARE = 0.51;
const POLL_MILLISECONDS = 100;
/** Enough for the slowest machine on which this is meant to run. */
const TIMEOUT_MILLISECONDS = 30 * 60_000;

const CASES = {
  ed: {
    items: [{ detector: 'genconvit', network: 'ed', dtype: 'fp16', device: 'wasm' }],
    maxMegabytesAboveIdle: 250,
  },
  vae: {
    items: [{ detector: 'genconvit', network: 'vae', dtype: 'int8', device: 'wasm' }],
    maxMegabytesAboveIdle: 700,
  },
} as const satisfies Record<string, { items: readonly InstallItem[]; maxMegabytesAboveIdle: number }>;

const { values } = parseArgs({ options: { vae: { type: 'boolean', default: false } } });
const network = values.vae ? 'vae' : 'ed';
const folder = await mkdtemp(join(tmpdir(), 'trueframe-bench-'));
try {
  const checkpoint = join(folder, `${network}.pth`);
  process.stderr.write(`writing the ${network} twin …\n`);
  writeTwin({ network, sizes: PUBLISHED, path: checkpoint });
  await buildTestExtension();
  const result = await measure(checkpoint);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.isWithinAim ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(checkpoint: string): Promise<Record<string, unknown> & { isWithinAim: boolean }> {
  const { items, maxMegabytesAboveIdle } = CASES[network];
  const { size } = await stat(checkpoint);
  const publisher = await startPublisher({ files: { [testPathOf(network)]: checkpoint } });
  const driver = await startDriver({ extensionDirectory: TEST_EXTENSION_FOLDER });
  try {
    await setTestPublisher(driver.probe, { checkpoints: [testCheckpoint(publisher, network, size)] });
    await driver.ask('openHost', null);
    await new Promise((settled) => setTimeout(settled, 2000));
    const stopIdle = watchMemory();
    await new Promise((elapsed) => setTimeout(elapsed, 1000));
    const idle = (await stopIdle()).extensionBytes ?? Number.NaN;

    const stop = watchMemory();
    const begin = performance.now();
    await driver.ask('startInstallation', { kind: 'download', title: network, items });
    // The self-test loads the network. That memory belongs to a check and not to the installation.
    await waitUntil(driver, ({ kind }) => kind === 'testing' || !isInstalling({ kind } as InstallationState));
    const seconds = (performance.now() - begin) / 1000;
    const peak = (await stop()).extensionBytes ?? Number.NaN;
    const end = await waitUntil(driver, (state) => !isInstalling(state));
    const [model] = await driver.ask('listModels', null);
    const aboveIdle = (peak - idle) / MEGABYTE;
    const fetchedShare = publisher.sentByteLength() / size;
    return {
      network,
      dtype: items[0].dtype,
      end: end.kind,
      fileMB: round(size / MEGABYTE, 1),
      fetchedMB: round(publisher.sentByteLength() / MEGABYTE, 1),
      fetchedShare: round(fetchedShare, 4),
      requests: publisher.log.filter(({ host }) => host === 'cdn').length,
      mostRequestsAtOnce: publisher.maxOpenRequests(),
      seconds: round(seconds, 1),
      idleMB: Math.round(idle / MEGABYTE),
      aboveIdleMB: Math.round(aboveIdle),
      installedMB: round((model?.byteLength ?? 0) / MEGABYTE, 1),
      selfTest: model?.selfTest ?? null,
      aim: { maxFetchedShare: MAX_FETCHED_SHARE, maxMegabytesAboveIdle },
      cores: cpus().length,
      isWithinAim:
        end.kind === 'installed' && fetchedShare <= MAX_FETCHED_SHARE && aboveIdle <= maxMegabytesAboveIdle,
    };
  } finally {
    await driver.close();
    await publisher.close();
  }
}

async function waitUntil(
  driver: Driver,
  matches: (state: InstallationState) => boolean,
): Promise<InstallationState> {
  for (const deadline = Date.now() + TIMEOUT_MILLISECONDS; Date.now() < deadline;) {
    const state = await driver.ask('getInstallation', null);
    if (matches(state)) return state;
    await new Promise((elapsed) => setTimeout(elapsed, POLL_MILLISECONDS));
  }
  throw new Error('the installation does not end');
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

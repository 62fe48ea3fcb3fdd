/**
 * npm run bench:convert: converts whole-size twins of the published checkpoints with the command itself, each in a
 * process of its own, and prints one JSON line for each: seconds, peak resident memory, bytes read against bytes in the
 * file. Exits with 1 when one misses its aim. Needs 6 GB of free disk.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUBLISHED } from '../fixtures/checkpoints/network-keys.ts';
import { writeTwin } from '../fixtures/checkpoints/write-twin.ts';

const MEGABYTE = 1e6;
const CONVERT = new URL('../../entrypoints/cli/convert.ts', import.meta.url).pathname;
/** Runs inside the measured process: after its end, no other process knows its peak. */
const REPORT_PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'\\n'))`;

type Case = {
  readonly network: 'ed' | 'vae';
  readonly dtype: string;
  readonly device: string;
  /** null: the value is measured, but has no aim. */
  readonly aim: { readonly seconds: number; readonly peakMegabytes: number } | null;
};

const ED_AIM = { seconds: 10, peakMegabytes: 350 };
const VAE_AIM = { seconds: 90, peakMegabytes: 900 };
const MAX_READ_SHARE = 0.51;
const CASES: readonly Case[] = [
  { network: 'ed', dtype: 'fp32', device: 'wasm', aim: ED_AIM },
  { network: 'ed', dtype: 'fp16', device: 'webgpu', aim: null },
  { network: 'ed', dtype: 'int8', device: 'wasm', aim: null },
  { network: 'vae', dtype: 'int8', device: 'wasm', aim: VAE_AIM },
  { network: 'vae', dtype: 'int4', device: 'webgpu', aim: VAE_AIM },
  { network: 'vae', dtype: 'fp32', device: 'wasm', aim: null },
];

const folder = await mkdtemp(join(tmpdir(), 'trueframe-bench-'));
let hasMissed = false;
try {
  const twins = new Map<string, string>();
  for (const each of CASES) {
    let twin = twins.get(each.network);
    if (twin === undefined) {
      twin = join(folder, `${each.network}.pth`);
      process.stderr.write(`writing the ${each.network} twin …\n`);
      writeTwin({ network: each.network, sizes: PUBLISHED, path: twin });
      twins.set(each.network, twin);
    }
    const result = await measure(each, twin);
    hasMissed ||= !result.isWithinAim;
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = hasMissed ? 1 : 0;

async function measure(
  { network, dtype, device, aim }: Case,
  checkpoint: string,
): Promise<Record<string, unknown>> {
  const out = join(folder, 'model');
  const begin = performance.now();
  const stderr = await run([
    '--import',
    REPORT_PEAK,
    CONVERT,
    '--checkpoint',
    checkpoint,
    '--dtype',
    dtype,
    '--device',
    device,
    '--out',
    out,
  ]);
  const seconds = (performance.now() - begin) / 1000;
  const peakMegabytes = (Number(/^peak (\d+)$/m.exec(stderr)?.[1]) * 1024) / MEGABYTE;
  const readMegabytes = Number(/read ([\d.]+) MB of/.exec(stderr)?.[1]);
  const fileMegabytes = (await stat(checkpoint)).size / MEGABYTE;
  const { shards } = JSON.parse(await readFile(join(out, 'model.json'), 'utf8')) as {
    readonly shards: readonly { readonly byteLength: number }[];
  };
  await rm(out, { recursive: true });
  const readShare = readMegabytes / fileMegabytes;
  return {
    network,
    dtype,
    device,
    seconds: round(seconds, 2),
    peakResidentMB: Math.round(peakMegabytes),
    fileMB: round(fileMegabytes, 1),
    // What the conversion reads; the whole file's sha256 is a second, streaming pass of the command.
    readMB: readMegabytes,
    readShare: round(readShare, 3),
    writtenMB: round(shards.reduce((sum, shard) => sum + shard.byteLength, 0) / MEGABYTE, 1),
    aim,
    isWithinAim:
      readShare <= MAX_READ_SHARE &&
      (aim === null || (seconds <= aim.seconds && peakMegabytes <= aim.peakMegabytes)),
    cores: cpus().length,
  };
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stderr);
      else reject(new Error(`convert ended with ${String(code)}: ${stderr}`));
    });
  });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

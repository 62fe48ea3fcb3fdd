/**
 * What a server does beside its engine alone: `npm run bench:serve [-- REQUESTS]`. The same clip is judged by `predict` and by
 * the server, one at a time; prints one line of JSON, and fails where the server does less than .9 of the engine, or where the
 * browser's memory grows by more than a tenth.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseReportLines } from '../../models/evaluation/result-files.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { buildExtension } from '../support/extension.ts';
import { predict, startCommand } from '../support/run-predict.ts';

const AIM = 0.9;
/** Of the browser's memory, from the sixth request to the last. */
const MAX_GROWTH = 1.1;
const CLIP = resolve(TEST_VIDEO_FOLDER, 'one-face.mp4');

const requests = Number(process.argv[2] ?? 100);
await ensureTestVideos();
await buildExtension();
const folder = await mkdtemp(join(tmpdir(), 'bench-serve-'));
const model = await makeDemoModel({ sizes: 'tiny', isDemo: false });
const server = await startCommand('serve', ['--model', model, '--port', '0', '--jobs', '1']);
try {
  await mkdir(join(folder, 'set'));
  for (let index = 0; index < requests; index++) {
    await copyFile(CLIP, join(folder, 'set', `${index}.mp4`));
  }
  let address: string | undefined;
  while (address === undefined) {
    await sleep(100);
    address = server.output().stderr.includes('engine ready')
      ? /listening on (http:\S+:\d+)/.exec(server.output().stderr)?.[1]
      : undefined;
  }
  const body = await readFile(CLIP);
  const readMemory = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${address}/metrics`)).text())?.[1]);
  const ask = async (): Promise<void> => {
    const response = await fetch(`${address}/predict`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'video/mp4' },
    });
    if (!response.ok) throw new Error(await response.text());
    await response.arrayBuffer();
  };
  // The first ones load the network.
  for (let index = 0; index < 5; index++) await ask();
  const memory = [await readMemory('trueframe_browser_memory_bytes')];
  const startedAt = performance.now();
  // One waits while the other is judged.
  let left = requests;
  const client = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all([client(), client()]);
  const served = (performance.now() - startedAt) / requests;
  memory.push(await readMemory('trueframe_browser_memory_bytes'));
  server.kill('SIGTERM');
  await server.ended;

  const out = join(folder, 'out.json');
  const { code, stderr } = await predict('--model', model, '--jobs', '1', '--out', out, join(folder, 'set'));
  if (code !== 0) throw new Error(stderr);
  const times = parseReportLines(await readFile(join(folder, 'out.report.jsonl'), 'utf8'))
    .slice(5)
    .map(({ milliseconds }) => milliseconds);
  const alone = times.reduce((sum, each) => sum + each, 0) / times.length;
  const share = alone / served;
  console.log(
    JSON.stringify({
      requests,
      engineMilliseconds: Math.round(alone),
      serverMilliseconds: Math.round(served),
      shareOfTheEngine: Math.round(share * 1000) / 1000,
      aim: AIM,
      browserMegabytes: memory.map((bytes) => Math.round(bytes / 1e6)),
    }),
  );
  process.exitCode = share >= AIM && memory[1]! <= MAX_GROWTH * memory[0]! ? 0 : 1;
} finally {
  server.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true, force: true });
}

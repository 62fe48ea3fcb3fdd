import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScanState } from '../../utils/domain/scan.ts';
import { startHostHarness, type HostHarness } from '../browser/host-harness.ts';
import type { StandInEnd } from '../browser/host-page/stand-in.page.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { whenHostIdle } from '../support/host-idle.ts';
import { installModel } from '../support/install-model.ts';

let host: HostHarness;
beforeAll(async () => {
  host = await startHostHarness();
  // As large as the published one, so that one run of it takes most of a second.
  await installModel(host.extension.context, await makeDemoModel({ sizes: 'published', dtype: 'fp16' }));
});
afterAll(() => host.close());

let scanCount = 0;
function nextScanId(): string {
  return `scan-${String(++scanCount)}`;
}

function finalState({ states }: StandInEnd): Extract<ScanState, { kind: 'finished' }> {
  const state = states.at(-1);
  if (state?.kind !== 'finished') throw new Error(`the scan ended as ${JSON.stringify(state)}`);
  return state;
}

test('a scan cancelled in the middle of an inference run is over within 200 ms', async () => {
  const [png] = await host.framesOf('one-face.webm', [0]);
  const pngs = Array.from({ length: 15 }, () => png!);
  const scan = host.scan({ scanId: nextScanId(), framesAsked: 15, pngs });
  const ask = () => host.ask('getHostState', null);
  await expect.poll(async () => (await ask()).state, { timeout: 60_000 }).toBe('running');
  // Looking for the face takes a tenth of this, the network's run three times as long.
  await new Promise((elapsed) => setTimeout(elapsed, 300));
  const idle = whenHostIdle(host.page);
  const cancelledAt = Date.now();
  await host.page.evaluate(`cancelStandIns()`);
  const elapsed = (await idle) - cancelledAt;
  expect(elapsed).toBeGreaterThanOrEqual(0);
  console.log(`cancelled in a run: the scan was over after ${elapsed.toFixed(0)} ms`);
  expect(elapsed).toBeLessThan(200);
  const { states } = await scan;
  expect(states.at(-1)?.kind).toBe('running');
});

test('a scan that waited behind a cancelled one runs', async () => {
  const pngs = await host.framesOf('one-face.webm', [0]);
  const first = host.scan({ scanId: nextScanId(), framesAsked: 15, pngs: [...pngs, ...pngs, ...pngs] });
  await expect
    .poll(async () => (await host.ask('getHostState', null)).state, { timeout: 60_000 })
    .toBe('running');
  await host.page.evaluate(`cancelStandIns()`);
  const second = host.scan({ scanId: nextScanId(), framesAsked: 1, pngs });
  await first;
  const { timings, verdict } = finalState(await second).report;
  console.log(`one face, network of the published size in fp16: ${JSON.stringify(timings)}`);
  expect(verdict).toMatchObject({ framesUsed: 1 });
});

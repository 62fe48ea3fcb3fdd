import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBadge, type Badge } from '../support/badge.ts';
import type { VideoTab } from '../support/driver.ts';
import { menuOn } from '../support/gestures.ts';
import { whenHostIdle } from '../support/host-idle.ts';
import { askForFrames, startWorld, type World } from '../support/world.ts';

/** The time within which a cancelled check must be over. */
const CANCEL_MILLISECONDS = 200;
/** The time in which the run that is under way at a cancellation ends, or is ended with its Worker. */
const FINISH_MILLISECONDS = 5000;
/** Long enough that a single late task does not count. */
const CPU_WINDOW_MILLISECONDS = 600;

// The network is as large as the published one: one face takes a good part of a second, so that a cancellation comes in
// its middle.
let world: World;
let tab: VideoTab;
let badge: Badge;

beforeAll(async () => {
  world = await startWorld({ network: 'published' });
  tab = await world.driver.openTab(world.urlOf('/small'));
  badge = await openBadge(tab.page);
});
afterAll(() => world.close());

test('cancel ends a check within 200 ms, and the processor is soon idle', async () => {
  const { driver } = world;
  await driver.letIn(tab);
  const [former] = await driver.scansOf(tab);
  const idleCores = await busyCores();
  await menuOn(driver, tab, 'video');
  await driver.waitForScan(
    tab,
    'running',
    (state) => state.kind === 'running' && state.framesScanned >= 1,
    former?.scanId,
  );
  const scanningCores = await busyCores();
  // Otherwise the test could not see that it stops.
  expect(scanningCores).toBeGreaterThan(idleCores + 0.3);

  await badge.hover();
  const idle = whenHostIdle(driver.probe);
  const clickedAt = await badge.click(/cancel/i);
  const stoppedAfter = (await idle) - clickedAt;
  // Before the click the check ran.
  expect(stoppedAfter).toBeGreaterThanOrEqual(0);
  expect(stoppedAfter).toBeLessThan(CANCEL_MILLISECONDS);
  expect((await driver.waitForEnd(tab)).state).toEqual({ kind: 'cancelled' });

  // WebAssembly can't be interrupted: the run on the present face is finished, those on the other fourteen are not
  // begun.
  await expect
    .poll(busyCores, { timeout: FINISH_MILLISECONDS })
    .toBeLessThan((idleCores + scanningCores) / 2);
});

test('after a cancel the next check has its verdict', async () => {
  const { scanId } = await world.driver.waitForEnd(tab);
  // The published size takes seconds for a frame.
  await askForFrames(world.driver, 4);
  await menuOn(world.driver, tab, 'video');
  const { state } = await world.driver.waitForScan(
    tab,
    'second',
    ({ kind }) => kind === 'finished' || kind === 'failed',
    scanId,
  );
  expect(state).toMatchObject({ kind: 'finished', report: { verdict: { framesScanned: 4 } } });
});

/** How many cores all renderers of the browser keep busy: CPU time, so other programs do not count. */
async function busyCores(): Promise<number> {
  const startedAt = performance.now();
  const before = await rendererCpuSeconds();
  await new Promise((elapsed) => setTimeout(elapsed, CPU_WINDOW_MILLISECONDS));
  const seconds = (performance.now() - startedAt) / 1000;
  return ((await rendererCpuSeconds()) - before) / seconds;
}

async function rendererCpuSeconds(): Promise<number> {
  const { processInfo } = (await world.driver.targets.send('SystemInfo.getProcessInfo')) as {
    processInfo: readonly { readonly type: string; readonly cpuTime: number }[];
  };
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

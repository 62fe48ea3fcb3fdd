import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBadge } from '../support/badge.ts';
import { menuOn } from '../support/gestures.ts';
import { whenHostIdle } from '../support/host-idle.ts';
import { startWorld, type World } from '../support/world.ts';

/** The time within which a cancelled check must have stopped. */
const CANCEL_MILLISECONDS = 200;

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('a check is cancelled within 200 ms by its button on the video, and leaves no entry in the history', async () => {
  const { driver } = world;
  const tab = await driver.openTab(world.urlOf('/plain'));
  const badge = await openBadge(tab.page);
  await menuOn(driver, tab, 'video');
  await driver.waitForScan(tab, 'running', (state) => state.kind === 'running' && state.framesScanned >= 2);
  const before = (await driver.readHistory()).length;
  await badge.hover();

  const idle = whenHostIdle(driver.probe);
  const clickedAt = await badge.click(/cancel/i);
  const stoppedAfter = (await idle) - clickedAt;
  // Before the click the check ran.
  expect(stoppedAfter).toBeGreaterThanOrEqual(0);
  expect(stoppedAfter).toBeLessThan(CANCEL_MILLISECONDS);

  expect((await driver.waitForEnd(tab)).state).toEqual({ kind: 'cancelled' });
  expect((await driver.readHistory()).length).toBe(before);
});

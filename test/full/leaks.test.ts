import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChecks, type RepeatedChecks } from '../support/repeated-checks.ts';
import { startWorld, type World } from '../support/world.ts';

/** The details of the last four checks are kept on purpose: before that many there is always more than before. */
const FIRST = 6;
const MORE = 12;

let world: World;
let checks: RepeatedChecks;

beforeAll(async () => {
  world = await startWorld();
  checks = await runChecks(world);
});
afterAll(async () => {
  await checks.close();
  await world.close();
});

test('twelve further checks by all three ways, and cancelled ones, leave no element, listener, picture, port or scan behind', async () => {
  await checks.run(FIRST);
  const before = await checks.holdings();
  await checks.run(MORE);
  const after = await checks.holdings();
  expect(checks.waysSeen()).toEqual({ element: 6, source: 6, screen: 6 });
  console.log(JSON.stringify({ before, after }));
  // One of each kind. After a single kind there would be four.
  expect(after.hostNodes - before.hostNodes).toBeLessThan(MORE / 3);
  expect(after.hostListeners - before.hostListeners).toBeLessThan(MORE / 3);
  expect(after.pageNodes - before.pageNodes).toBeLessThan(MORE / 3);
  expect(after.pageListeners - before.pageListeners).toBeLessThan(MORE / 3);
  for (const kind of ['hostPictures', 'hostPorts', 'pagePictures', 'pagePorts'] as const) {
    expect(after[kind] - before[kind], kind).toBeLessThan(MORE / 3);
  }
  expect(checks.cancelled()).toBeGreaterThan(0);
  expect((await world.driver.ask('getHostState', null)).activeScans).toBe(0);
});

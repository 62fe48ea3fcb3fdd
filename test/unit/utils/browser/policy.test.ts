import { expect, test, vi } from 'vitest';
import type { PolicyState } from '../../../../utils/domain/policy.ts';

const storage = await vi.hoisted(async () =>
  (await import('../../../support/fake-storage.ts')).installFakeStorage(),
);
/** The browser's, which answers once it has loaded the policies. */
const managed = { get: (): Promise<object> => Promise.resolve({}) };
/** @returns loads them */
function startBrowser(): (policy: object) => void {
  const { promise, resolve } = Promise.withResolvers<object>();
  managed.get = () => promise;
  return resolve;
}
vi.mock('wxt/browser', () => ({ browser: { storage: { ...storage, managed } } }));
const { loadPolicy, readPolicy, watchPolicy } = await import('../../../../utils/browser/policy.ts');

test('a browser that still loads its policies keeps nobody waiting: the last ones hold, and a change is told', async () => {
  managed.get = () => Promise.resolve({ downloads: false });
  expect((await readPolicy()).policy).toEqual({ downloads: false });
  await expect.poll(() => storage.local.values.get('managed-policy')).toEqual({ downloads: false });

  // The next start.
  const load = startBrowser();
  const told: PolicyState[] = [];
  const stop = watchPolicy((state) => told.push(state));
  expect((await readPolicy()).policy).toEqual({ downloads: false });
  load({ historyDays: 14 });
  await expect.poll(() => told).toEqual([{ policy: { historyDays: 14 }, problem: null }]);
  stop();
});

test('a policy that is as it was is told to nobody, and a download waits until it is loaded', async () => {
  managed.get = () => Promise.resolve({ historyDays: 14 });
  await loadPolicy();
  const told: PolicyState[] = [];
  const stop = watchPolicy((state) => told.push(state));
  const load = startBrowser();
  const loaded = loadPolicy();
  await readPolicy();
  load({ historyDays: 14 });
  expect((await loaded).policy).toEqual({ historyDays: 14 });
  expect(told).toEqual([]);
  stop();
});

import { expect, test } from 'vitest';
import { createSerialQueue } from '../../../../utils/domain/serial-queue.ts';

const NEVER = new AbortController().signal;

test('runs one after the other, also behind one that failed', async () => {
  const queue = createSerialQueue();
  const log: string[] = [];
  const job = (name: string, fails = false) =>
    queue.run(async () => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
    }, NEVER);
  const jobs = [job('a', true), job('b'), job('c')];
  expect(queue.isBusy()).toBe(true);
  const results = await Promise.allSettled(jobs);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(queue.isBusy()).toBe(false);
});

test('one that is aborted while it waits leaves at once, never runs, and the next keeps its place', async () => {
  const queue = createSerialQueue();
  const first = Promise.withResolvers<undefined>();
  const log: string[] = [];
  const running = queue.run(() => first.promise, NEVER);
  const aborting = new AbortController();
  const waiting = queue.run(() => Promise.resolve(log.push('aborted one ran')), aborting.signal);
  const next = queue.run(() => Promise.resolve(log.push('next ran')), NEVER);
  aborting.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  expect(log).toEqual([]);
  first.resolve(undefined);
  await Promise.all([running, next]);
  expect(log).toEqual(['next ran']);
});

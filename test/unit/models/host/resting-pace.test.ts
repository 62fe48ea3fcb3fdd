import { beforeEach, expect, test, vi } from 'vitest';
import { createRestingPace } from '../../../../models/host/resting-pace.ts';

const signal = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test('a turn that comes at once keeps the picture', async () => {
  const rest = vi.fn();
  const pace = createRestingPace({ spent: () => undefined, nextFrame: () => Promise.resolve() }, rest);
  await pace.nextFrame(signal);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(rest).not.toHaveBeenCalled();
});

test('a turn that is long in coming keeps none, and is waited for', async () => {
  const rest = vi.fn();
  const turn = Promise.withResolvers<undefined>();
  const pace = createRestingPace({ spent: () => undefined, nextFrame: () => turn.promise }, rest);
  const waiting = pace.nextFrame(signal).then(() => 'came');
  await vi.advanceTimersByTimeAsync(1000);
  expect(rest).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(rest).toHaveBeenCalledOnce();
  turn.resolve(undefined);
  expect(await waiting).toBe('came');
});

test('a wait that was cancelled says so, and rests no more', async () => {
  const rest = vi.fn();
  const cancelled = new DOMException('cancelled', 'AbortError');
  const pace = createRestingPace(
    { spent: () => undefined, nextFrame: () => Promise.reject(cancelled) },
    rest,
  );
  await expect(pace.nextFrame(signal)).rejects.toBe(cancelled);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(rest).not.toHaveBeenCalled();
});

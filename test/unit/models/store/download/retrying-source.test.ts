import { describe, expect, test } from 'vitest';
import { createRetryingSource } from '../../../../../models/store/download/retrying-source.ts';
import type { Patience } from '../../../../../models/store/download/retrying-source.ts';
import { DetectorError } from '../../../../../utils/domain/errors.ts';
import type { DownloadWait } from '../../../../../utils/domain/installation.ts';

const busy = (retryAfterMilliseconds: number | null): DetectorError =>
  new DetectorError('source-failed', 'no', { retryAfterMilliseconds });

/** A source that throws these, one after the other, and then answers; time passes only while it sleeps. */
function stage(errors: readonly DetectorError[], change: Partial<Patience> = {}) {
  let now = 0;
  let attempts = 0;
  const waits: (DownloadWait | null)[] = [];
  const source = createRetryingSource(
    {
      name: 'x',
      byteLength: 1,
      read: () => {
        const error = errors[attempts++];
        return error === undefined ? Promise.resolve(new Uint8Array(1)) : Promise.reject(error);
      },
    },
    {
      onWait: (wait) => waits.push(wait),
      isOnline: () => true,
      sleep: (milliseconds) => {
        now += milliseconds;
        return Promise.resolve();
      },
      now: () => now,
      random: () => 0.5,
      ...change,
    },
  );
  return { source, waits, attempts: () => attempts, elapsed: () => now };
}

describe('a retrying source', () => {
  test('waits longer after each failure, and says so', async () => {
    const { source, waits, elapsed } = stage([busy(null), busy(null), busy(null)]);
    await source.read(0, 1);
    expect(elapsed()).toBe(500 + 1000 + 2000);
    expect(waits).toEqual([
      { reason: 'broken', until: 500 },
      null,
      { reason: 'broken', until: 1500 },
      null,
      { reason: 'broken', until: 3500 },
      null,
    ]);
  });

  test('waits as long as the server asks', async () => {
    const { source, waits } = stage([busy(7000)]);
    await source.read(0, 1);
    expect(waits[0]).toEqual({ reason: 'busy', until: 7000 });
  });

  test('says so instead where the server asks for very long', async () => {
    const { source, attempts } = stage([busy(3_600_000)]);
    await expect(source.read(0, 1)).rejects.toThrow(/asks to wait 60 minutes/);
    expect(attempts()).toBe(1);
  });

  test('gives up after five minutes', async () => {
    const { source, attempts, elapsed } = stage(Array.from({ length: 50 }, () => busy(null)));
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'source-failed' });
    expect(attempts()).toBe(17);
    expect(elapsed()).toBeGreaterThan(5 * 60_000);
    expect(elapsed()).toBeLessThan(6 * 60_000);
  });

  test('believes that a file has changed when it is said twice', async () => {
    const changed = new DetectorError('source-changed', 'no');
    const once = stage([changed]);
    await once.source.read(0, 1);
    const twice = stage([changed, changed]);
    await expect(twice.source.read(0, 1)).rejects.toMatchObject({ code: 'source-changed' });
    expect(twice.attempts()).toBe(2);
  });

  test('still says that one range waits when another goes on', async () => {
    const sleeps: (() => void)[] = [];
    const { source, waits } = stage([busy(null), busy(null)], {
      sleep: () => new Promise<void>((resolve) => sleeps.push(resolve)),
    });
    const [first, second] = [source.read(0, 1), source.read(0, 1)];
    await expect.poll(() => sleeps.length).toBe(2);
    sleeps[0]!();
    await first;
    expect(waits.at(-1)).not.toBeNull();
    sleeps[1]!();
    await second;
    expect(waits.at(-1)).toBeNull();
  });

  test.each(['source-refused', 'download-blocked'] as const)('does not try %s again', async (code) => {
    const { source, attempts } = stage([new DetectorError(code, 'no')]);
    await expect(source.read(0, 1)).rejects.toMatchObject({ code });
    expect(attempts()).toBe(1);
  });

  test('counts no attempts while there is no network, and ends after half an hour', async () => {
    let checks = 0;
    const back = stage(
      Array.from({ length: 3 }, () => busy(null)),
      { isOnline: () => checks++ > 40 },
    );
    await back.source.read(0, 1);
    expect(back.waits.some((wait) => wait?.reason === 'offline')).toBe(true);

    const gone = stage(
      Array.from({ length: 500 }, () => busy(null)),
      { isOnline: () => false },
    );
    await expect(gone.source.read(0, 1)).rejects.toMatchObject({ code: 'source-failed' });
    expect(gone.elapsed()).toBeGreaterThanOrEqual(30 * 60_000);
    expect(gone.elapsed()).toBeLessThan(40 * 60_000);
  });
});

import { describe, expect, test } from 'vitest';
import { createPatientSource } from '../../../../models/store/patient-source.ts';
import type { Patience } from '../../../../models/store/patient-source.ts';
import { DetectorError } from '../../../../utils/errors.ts';
import type { DownloadWait } from '../../../../utils/installation.ts';

const busy = (retryAfterMilliseconds: number | null): DetectorError =>
  new DetectorError('source-failed', 'no', { retryAfterMilliseconds });

/** A source that throws these, one after the other, and then answers; time passes only while it sleeps. */
function stage(errors: readonly unknown[], change: Partial<Patience> = {}) {
  let now = 0;
  let attempts = 0;
  const waits: (DownloadWait | null)[] = [];
  const source = createPatientSource(
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

describe('a patient source', () => {
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

  test('gives up after ten attempts', async () => {
    const { source, attempts } = stage(Array.from({ length: 50 }, () => busy(null)));
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'source-failed' });
    expect(attempts()).toBe(10);
  });

  test.each(['source-refused', 'source-changed', 'download-blocked'] as const)(
    'does not try %s again',
    async (code) => {
      const { source, attempts } = stage([new DetectorError(code, 'no')]);
      await expect(source.read(0, 1)).rejects.toMatchObject({ code });
      expect(attempts()).toBe(1);
    },
  );

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

import { deleteHistoryEntries, listScanIdsUpTo } from '../../utils/browser/history-db.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { createStoredItem, validBySchema } from '../../utils/browser/stored-item.ts';
import { forgetVerdictsUpTo } from '../../utils/browser/verdict-memory-db.ts';
import { expiryTime } from '../../utils/domain/settings.ts';
import * as v from 'valibot';

/** The background starts many times an hour. The history counts days, so once an hour is exact enough. */
const HOUR_MILLISECONDS = 60 * 60 * 1000;

/** The last call, in milliseconds since the epoch; 0 before the first call since the browser was started. */
const expiredAt = createStoredItem({
  key: 'session:history-expired-at',
  valid: validBySchema(v.number(), 0),
});

/**
 * Deletes the history's entries and the remembered verdicts that are older than `days`.
 * @param days null: nothing is deleted
 */
export async function expireHistory(days: number | null): Promise<void> {
  const time = expiryTime(days, Date.now());
  if (time === null) return;
  const scanIds = await listScanIdsUpTo(time);
  if (scanIds.length > 0) await deleteHistoryEntries(scanIds);
  await forgetVerdictsUpTo(time);
}

/**
 * Calls {@link expireHistory} with the user's setting, at most once an hour. The background calls it at each start and
 * with each kept scan.
 */
export async function expireNowAndThen(): Promise<void> {
  const now = Date.now();
  if (now - (await expiredAt.read()) < HOUR_MILLISECONDS) return;
  await expiredAt.write(now);
  await expireHistory((await readSettings()).historyDays);
}

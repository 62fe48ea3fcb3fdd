/**
 * npm run bench:popup: opens the popup ten times over a history of 20,000 checks and prints, as one JSON line, medians in
 * milliseconds since the navigation began: first paint, and the list of checks; and the same of a page of the extension that
 * runs nothing, which is Chromium's own part. Exits with 1 where the list takes longer than its aim.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_HISTORY_ENTRIES } from '../../utils/browser/history-db.ts';
import { startDriver } from '../support/driver.ts';
import { buildExtension } from '../support/extension.ts';
import { importChecks, median, openBarePages, openPopups } from '../support/many-checks.ts';
import type { PopupTimes } from '../support/many-checks.ts';

const OPENINGS = 10;
const AIM_MILLISECONDS = 100;

await buildExtension();
const folder = await mkdtemp(join(tmpdir(), 'trueframe-popup-'));
const driver = await startDriver();
try {
  await importChecks(driver, MAX_HISTORY_ENTRIES, folder);
  const medians = (times: readonly PopupTimes[]): PopupTimes => ({
    list: Math.round(median(times.map(({ list }) => list))),
    firstPaint: Math.round(median(times.map(({ firstPaint }) => firstPaint))),
  });
  const bare = medians(await openBarePages(driver, OPENINGS));
  const popup = medians(await openPopups(driver, OPENINGS));
  console.log(JSON.stringify({ checks: MAX_HISTORY_ENTRIES, popup, bare, aim: { list: AIM_MILLISECONDS } }));
  process.exitCode = popup.list < AIM_MILLISECONDS ? 0 : 1;
} finally {
  await driver.close();
  await rm(folder, { recursive: true, force: true });
}

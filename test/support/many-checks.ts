import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonWriter } from '../../utils/domain/history-file.ts';
import { historyEntry, reportOf, verdictOf } from '../fixtures/scans/scans.ts';
import type { Driver } from './driver.ts';

const IMPORT_TIMEOUT_MILLISECONDS = 150_000;

/**
 * Puts made-up checks into the history, one a minute, as the history page imports them.
 * @param folder for the file
 * @returns the length of the file
 */
export async function importChecks({ extension }: Driver, count: number, folder: string): Promise<number> {
  const writer = jsonWriter(0);
  const now = Date.now();
  const entries = Array.from({ length: count }, (_, index) =>
    historyEntry({
      scanId: `${String(count)}-${String(index)}`,
      title: `Interview number ${String(index)} at the harbour, in the evening`,
      pageUrl: `https://site-${String(index % 300)}.example.org/watch/${String(index)}`,
      finishedAt: now - index * 60_000,
      report: reportOf(verdictOf((index % 97) / 97)),
    }),
  );
  const content =
    writer.head + entries.map((entry, index) => writer.entry(entry, index === 0)).join('') + writer.tail;
  const path = join(folder, 'trueframe-history.json');
  await writeFile(path, content);
  const page = await extension.context.newPage();
  await page.goto(`${extension.origin}/history.html`);
  await page.getByLabel('File of a history').setInputFiles(path);
  await page.getByText(/^Added /).waitFor({ timeout: IMPORT_TIMEOUT_MILLISECONDS });
  await page.close();
  return content.length;
}

/** Of an opening of the popup, in milliseconds since the navigation began. */
export type PopupTimes = {
  /** The first check of the history is there, and so are its neighbours. */
  readonly list: number;
  /** The browser has painted something. */
  readonly firstPaint: number;
};

/** Opens the popup again and again, each time in a new tab. */
export async function openPopups(driver: Driver, times: number): Promise<readonly PopupTimes[]> {
  const opened: PopupTimes[] = [];
  // The first one compiles the scripts.
  for (let run = 0; run <= times; run++) opened.push(await openPage(driver, 'popup.html', '.history-row'));
  return opened.slice(1);
}

/** The same of a document of the extension that runs no script: what Chromium itself takes for a page in a new tab. */
export async function openBarePages(driver: Driver, times: number): Promise<readonly PopupTimes[]> {
  const opened: PopupTimes[] = [];
  for (let run = 0; run <= times; run++) opened.push(await openPage(driver, 'manifest.json', 'pre'));
  return opened.slice(1);
}

async function openPage({ extension }: Driver, path: string, selector: string): Promise<PopupTimes> {
  const page = await extension.context.newPage();
  await page.addInitScript(`new MutationObserver((_, observer) => {
    if (!document.querySelector('${selector}')) return;
    globalThis.shownAt = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true })`);
  await page.goto(`${extension.origin}/${path}`);
  await page.locator(selector).first().waitFor();
  const times = await page.evaluate<PopupTimes>(`new Promise((painted) =>
    new PerformanceObserver((list, observer) => {
      const [entry] = list.getEntriesByName('first-paint');
      if (!entry) return;
      observer.disconnect();
      painted({ list: shownAt, firstPaint: entry.startTime });
    }).observe({ type: 'paint', buffered: true }))`);
  if (path === 'popup.html') await page.getByRole('link', { name: /^All [\d,]+ checks/ }).waitFor();
  await page.close();
  return times;
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

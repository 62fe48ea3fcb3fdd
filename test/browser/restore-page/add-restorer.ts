import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { RESTORER_SCRIPT } from '../../support/test-pages.ts';

/** Gives a page `restoreFrame` of restore.page.ts: what the product's host does with a frame that was sent whole. */
export async function addRestorer(page: Page): Promise<void> {
  await page.evaluate(await readFile(RESTORER_SCRIPT, 'utf8'));
}

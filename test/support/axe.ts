import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { REPOSITORY } from './build-once.ts';

/** The parts of axe's result that we use (https://github.com/dequelabs/axe-core/blob/develop/doc/API.md). */
type AxeResult = {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly html: string }[];
  }[];
};

/**
 * The problems that axe finds in a page, in light and in dark colours: one line for each element and rule. The page is
 * left in light colours.
 * @param selector of the examined part; the whole document without it
 */
export async function findViolations(page: Page, selector?: string): Promise<readonly string[]> {
  // axe is evaluated in the page, and not added as a script element, which the policy of extension pages forbids.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) {
    await page.evaluate(await readFile(resolve(REPOSITORY, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  }
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    // Without this, colours that fade from one scheme to the other would be measured half way.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate<AxeResult>(
      `axe.run(${selector === undefined ? 'document' : JSON.stringify(selector)}, { resultTypes: ['violations'] })`,
    );
    for (const { id, help, nodes } of violations) {
      for (const { target, html } of nodes) {
        found.push(`${colorScheme}: ${id}: ${help}: ${target.join(' ')}: ${html.slice(0, 200)}`);
      }
    }
  }
  return found;
}

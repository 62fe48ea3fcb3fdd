import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDriver, type Driver } from '../support/driver.ts';
import { findViolations } from '../support/axe.ts';

let driver: Driver;

beforeAll(async () => {
  driver = await startDriver();
});
afterAll(() => driver.close());

test.each(['popup', 'options', 'welcome', 'check'])(
  'axe finds nothing wrong with the first %s page',
  async (name) => {
    const page = await driver.extension.context.newPage();
    await page.goto(`${driver.extension.origin}/${name}.html`);
    await page.getByRole('heading').first().waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.close();
  },
);

import type { Page } from 'playwright-core';
import type { Shot, SeedEntry, TextOf } from './screenshots.ts';

/** The history page, and the settings as a file: see screenshots.ts. */
export function historyShots(
  history: readonly SeedEntry[],
  demoHistory: readonly SeedEntry[],
): readonly Shot[] {
  const noted = history.map((entry, index): SeedEntry =>
    index === 1 ? { ...entry, ownLabel: 'real', note: 'Original at the archive, box 12' } : entry,
  );
  const many = Array.from({ length: 130 }, (_, index): SeedEntry => ({
    ...history[index % history.length]!,
    scanId: `many-${index}`,
    finishedAt: history[0]!.finishedAt - index * 3_600_000,
  }));
  const stage = { history: noted };
  return [
    { name: 'history-empty', page: 'history', stage: {} },
    { name: 'history-full', page: 'history', stage },
    { name: 'history-demo', page: 'history', stage: { history: demoHistory } },
    { name: 'history-paged', page: 'history', stage: { history: many } },
    {
      name: 'history-not-found',
      page: 'history',
      stage,
      act: async (page) => page.getByRole('searchbox').fill('nothing like it'),
    },
    {
      name: 'history-note',
      page: 'history',
      stage,
      act: async (page, text) =>
        page.locator(await namedWith(text, 'history.page.more', noted[1]!.title)).click(),
    },
    {
      name: 'history-selected',
      page: 'history',
      stage,
      act: async (page) => {
        await page.locator('.entry input[type=checkbox]').nth(0).check();
        await page.locator('.entry input[type=checkbox]').nth(2).check();
      },
    },
    {
      name: 'history-undo',
      page: 'history',
      stage,
      act: async (page, text) => {
        await page.locator('.entry input[type=checkbox]').nth(0).check();
        await page.getByRole('button', { name: await text('history.page.deleteSelected') }).click();
        await page.locator('.undo-bar').waitFor();
      },
    },
    {
      name: 'history-import-error',
      page: 'history',
      stage,
      act: async (page) => openFile(page, '{"roots":{}}'),
    },
    {
      name: 'options-settings-preview',
      page: 'options',
      stage: {},
      act: async (page) =>
        openFile(
          page,
          JSON.stringify({
            format: 'trueframe-settings',
            version: 1,
            settings: {
              framesAsked: 30,
              keepFacePictures: true,
              keepCrops: false,
              historyDays: 90,
              falseAlarmsOf100: 2,
              modelId: null,
              budget: 'medium',
              isPausedEverywhere: false,
              onlyPluggedIn: true,
              notOnMetered: false,
              showsInFullScreen: false,
              badgeSites: ['x', 'youtube'],
            },
          }),
        ),
    },
  ];
}

async function openFile(page: Page, content: string): Promise<void> {
  await page.locator('input[type=file][accept*=json]').setInputFiles({
    name: 'file.json',
    mimeType: 'application/json',
    buffer: Buffer.from(content),
  });
  await page.locator('[role=alert]:not([hidden]), .card[role=status]').first().waitFor();
}

/** The button with a title in its name. */
async function namedWith(text: TextOf, key: string, title: string): Promise<string> {
  const [before = '', after = ''] = (await text(key)).split('{title}');
  // Where texts are from right to left, marks stand round the title.
  return `button[aria-label^="${before}"][aria-label*="${title}"][aria-label$="${after}"]`;
}

import { beforeEach, expect, test, vi } from 'vitest';
import { captureTab } from '../../../../entrypoints/background/capture-tab.ts';

const PICTURE = 'data:image/png;base64,AAAA';
const WINDOW = 3;
const IN_FRONT = { active: true, windowId: WINDOW };

/** The tab at each look, and the result of capturing its window. */
const fake = {
  looks: [] as { readonly active: boolean; readonly windowId: number }[],
  captured: [] as number[],
  failure: null as Error | null,
};
vi.mock('wxt/browser', () => ({
  browser: {
    tabs: {
      get: () => Promise.resolve(fake.looks.shift()),
      captureVisibleTab: (windowId: number) => {
        fake.captured.push(windowId);
        return fake.failure === null ? Promise.resolve(PICTURE) : Promise.reject(fake.failure);
      },
    },
  },
}));

beforeEach(() => {
  fake.looks = [IN_FRONT, IN_FRONT];
  fake.captured = [];
  fake.failure = null;
});

test('a tab that stays in front gives the picture of its window', async () => {
  expect(await captureTab(7)).toBe(PICTURE);
  expect(fake.captured).toEqual([WINDOW]);
});

test('of a tab that is not in front nothing is captured', async () => {
  fake.looks = [{ ...IN_FRONT, active: false }];
  expect(await captureTab(7)).toBeNull();
  expect(fake.captured).toEqual([]);
});

test.each([
  ['another tab came to the front', { ...IN_FRONT, active: false }],
  ['the tab was moved to another window', { ...IN_FRONT, windowId: 4 }],
])('no picture is given away where meanwhile %s', async (_what, after) => {
  fake.looks = [IN_FRONT, after];
  expect(await captureTab(7)).toBeNull();
  expect(fake.captured).toEqual([WINDOW]);
});

// The messages of Chromium.
test('a page into which the user has not let the extension is refused', async () => {
  fake.failure = new Error("Either the '<all_urls>' or 'activeTab' permission is required.");
  await expect(captureTab(7)).rejects.toMatchObject({ code: 'page-refused' });
});

test.each([
  'This request exceeds the MAX_CAPTURE_VISIBLE_TAB_CALLS_PER_SECOND quota.',
  'Failed to capture tab: image readback failed',
])('where there is no picture just now the next one may do: %s', async (message) => {
  fake.failure = new Error(message);
  expect(await captureTab(7)).toBeNull();
});

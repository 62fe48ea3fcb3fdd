import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { finishedState, scanIn, verdictOf } from '../../../fixtures/scans/scans.ts';

const storage = await vi.hoisted(async () =>
  (await import('../../../support/fake-storage.ts')).installFakeStorage(),
);
vi.mock('wxt/browser', () => ({ browser: { storage } }));
const { admitScan, askAgain, hasCard, issueTicket, takeTicket } =
  await import('../../../../entrypoints/background/tickets.ts');
const { writeTabScans } = await import('../../../../utils/browser/tab-scans.ts');
const { createRateLimit } = await import('../../../../utils/domain/rate-limit.ts');

const FRAME = { tabId: 3, frameId: 5, usesScreen: false };
const SITE = { siteId: 'x', name: 'X', pagePatterns: ['*://*.x.com/*'], originPatterns: ['*://*.x.com/*'] };
const PAGE = { pageUrl: 'https://news.example/', url: 'https://news.example/' };
const SENDER = { tabId: 3, frameId: 5, ...PAGE, pageTitle: null, isPrivate: false, isOwnPage: false };

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_000 });
  storage.local.values.clear();
  storage.session.values.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a ticket', () => {
  test('admits one scan of its frame', async () => {
    const ticket = await issueTicket(FRAME);
    expect(await admitScan({ ...FRAME, ...PAGE, ticket })).toBe(true);
    expect(await admitScan({ ...FRAME, ...PAGE, ticket })).toBe(false);
  });

  test.each([{ tabId: 4 }, { frameId: 0 }, { usesScreen: true }])(
    'admits no other one: %o',
    async (other) => {
      const ticket = await issueTicket(FRAME);
      expect(await takeTicket(ticket, { ...FRAME, ...other })).toBe(false);
      // The ticket is used up even so.
      expect(await takeTicket(ticket, FRAME)).toBe(false);
    },
  );

  test('ends after five minutes, and outlives the service worker until then', async () => {
    const [first, second] = await Promise.all([issueTicket(FRAME), issueTicket(FRAME)]);
    vi.advanceTimersByTime(4 * 60_000);
    expect(await takeTicket(first, FRAME)).toBe(true);
    expect(storage.session.values.has('tickets')).toBe(true);
    vi.advanceTimersByTime(61_000);
    expect(await takeTicket(second, FRAME)).toBe(false);
  });

  test('that was made up admits nothing', async () => {
    await issueTicket(FRAME);
    for (const ticket of ['', 'undefined', crypto.randomUUID()]) {
      expect(await admitScan({ ...FRAME, ...PAGE, ticket })).toBe(false);
    }
  });
});

describe('without a ticket', () => {
  test.each([
    ['a page of a site with badges', { pageUrl: 'https://x.com/home', url: 'https://x.com/home' }, true],
    ['a page of another site', PAGE, false],
    ['its frame on another site', { ...PAGE, url: 'https://x.com/embed' }, false],
    ['another site’s frame on its page', { ...PAGE, pageUrl: 'https://x.com/home' }, false],
    ['a page that the browser does not name', { pageUrl: null, url: 'https://x.com/home' }, false],
  ])('an automatic scan of %s: %#', async (_what, page, isAdmitted) => {
    await storage.local.set({ 'badge-sites': [SITE] });
    expect(await admitScan({ ...FRAME, ...page, ticket: null })).toBe(isAdmitted);
    expect(await admitScan({ ...FRAME, ...page, ticket: null, usesScreen: true })).toBe(false);
    await storage.local.set({ 'badge-sites': [] });
    expect(await admitScan({ ...FRAME, ...page, ticket: null })).toBe(false);
  });
});

describe('a card’s button', () => {
  test('begins a check where the frame has that scan, and nowhere else', async () => {
    await writeTabScans(3, [scanIn(finishedState(verdictOf(0.4)), { scanId: 'own', tabId: 3, frameId: 5 })]);
    const { ticket, framesAsked } = await askAgain({ scanId: 'own', source: 'screen' }, SENDER);
    expect(framesAsked).toBe(15);
    expect(await takeTicket(ticket, { ...FRAME, usesScreen: true })).toBe(true);
    for (const [scanId, sender] of [
      ['another', SENDER],
      ['own', { ...SENDER, frameId: 0 }],
      ['own', { ...SENDER, tabId: 4 }],
    ] as const) {
      await expect(askAgain({ scanId }, sender)).rejects.toMatchObject({ code: 'request-invalid' });
      expect(await hasCard(scanId, sender)).toBe(false);
    }
  });

  test('is pressed by a user, not some hundred times a minute', async () => {
    const sender = { ...SENDER, tabId: 9 };
    await writeTabScans(9, [scanIn(finishedState(verdictOf(0.4)), { scanId: 'own', tabId: 9, frameId: 5 })]);
    for (let press = 0; press < 20; press++) await askAgain({ scanId: 'own' }, sender);
    await expect(askAgain({ scanId: 'own' }, sender)).rejects.toMatchObject({ code: 'request-invalid' });
    vi.advanceTimersByTime(60_000);
    await askAgain({ scanId: 'own' }, sender);
  });
});

test('a rate is counted for each key by itself, and refusals do not count', () => {
  const may = createRateLimit({ times: 2, perMilliseconds: 1000 });
  expect([may('a', 0), may('a', 10), may('a', 20), may('b', 20)]).toEqual([true, true, false, true]);
  expect([may('a', 1000), may('a', 1005), may('a', 1010)]).toEqual([true, false, true]);
});

import { describe, expect, test, vi } from 'vitest';
import {
  dateLocale,
  dayHeading,
  formatBytes,
  formatClock,
  formatMoment,
  formatTimeLeft,
  formatTook,
  isWebAddress,
  siteOf,
} from '../../../components/format.ts';

// The machine's own time zone: days are those of the user.
const NOW = new Date(2026, 10, 23, 14, 5).getTime();
const at = (year: number, month: number, day: number, hour = 12, minute = 0): number =>
  new Date(year, month - 1, day, hour, minute).getTime();

describe('dates', () => {
  test('take the user’s own English, or British order', () => {
    expect(dateLocale(['de-DE', 'en-US', 'en'])).toBe('en-US');
    expect(dateLocale(['de', 'fr'])).toBe('en-GB');
  });

  test('take the user’s own Arabic, with the digits of the texts', async () => {
    vi.doMock('#i18n', () => ({ i18n: { t: () => 'ar-u-nu-latn' } }));
    vi.resetModules();
    const arabic = await import('../../../components/format.ts');
    vi.doUnmock('#i18n');
    vi.resetModules();
    expect(arabic.dateLocale(['en', 'ar-EG'])).toBe('ar-EG-u-nu-latn');
    expect(arabic.dateLocale(['en'])).toBe('ar-u-nu-latn');
  });

  test('are today, yesterday, a weekday, then dates', () => {
    const heading = (time: number): string => dayHeading(time, NOW, 'en-GB');
    expect(heading(at(2026, 11, 23, 0, 0))).toBe('Today');
    expect(heading(at(2026, 11, 22, 23, 59))).toBe('Yesterday');
    expect(heading(at(2026, 11, 21))).toBe('Saturday');
    expect(heading(at(2026, 11, 17))).toBe('Tuesday');
    // A week ago, the weekday would be today's.
    expect(heading(at(2026, 11, 16))).toBe('16 November');
    expect(heading(at(2025, 12, 24))).toBe('24 December 2025');
  });

  test('count days and not spans of 24 hours', () => {
    const justAfterMidnight = at(2026, 11, 23, 0, 1);
    expect(dayHeading(at(2026, 11, 22, 23, 59), justAfterMidnight, 'en-GB')).toBe('Yesterday');
  });

  test('name a day in the future by its date', () => {
    expect(dayHeading(at(2026, 11, 25), NOW, 'en-GB')).toBe('25 November');
  });

  test('have the clock of the locale', () => {
    expect(formatClock(NOW, 'en-GB')).toBe('14:05');
    expect(formatClock(NOW, 'en-US').replace(/\s/u, ' ')).toBe('2:05 PM');
    expect(formatMoment(NOW, NOW, 'en-GB')).toBe('Today at 14:05');
  });
});

describe('sizes', () => {
  test.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [9_940_000, '9.9 MB'],
    [9_960_000, '10 MB'],
    [146_300_000, '146 MB'],
    [2_640_000_000, '2.6 GB'],
    [5_000_000_000_000, '5000 GB'],
  ])('of %d bytes read %s', (byteLength, text) => {
    expect(formatBytes(byteLength)).toBe(text);
  });
});

describe('durations', () => {
  test.each([
    [2, 'a few seconds left'],
    [11, 'about 20 seconds left'],
    [49, 'about 50 seconds left'],
    [51, 'about a minute left'],
    [61, 'about 2 minutes left'],
    [600, 'about 10 minutes left'],
  ])('of %d seconds to come read "%s"', (seconds, text) => {
    expect(formatTimeLeft(seconds)).toBe(text);
  });

  test.each([
    [840, '0.8 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min 0 s'],
    [185_000, '3 min 5 s'],
  ])('of %d milliseconds that it took read "%s"', (milliseconds, text) => {
    expect(formatTook(milliseconds)).toBe(text);
  });
});

describe('addresses', () => {
  test('are named by their host, without www', () => {
    expect(siteOf('https://www.example.com/watch?v=1')).toBe('example.com');
    expect(siteOf('http://localhost:8080/')).toBe('localhost:8080');
  });

  test('of files are named by the file', () => {
    expect(siteOf('file:///home/me/My%20clip.html')).toBe('My clip.html');
    expect(siteOf('file:///home/me/50%.html')).toBe('50%.html');
  });

  test('that are none are shown as they are', () => {
    expect(siteOf('nonsense')).toBe('nonsense');
  });

  test('are links only where they lead to the web', () => {
    expect(isWebAddress('https://example.com')).toBe(true);
    expect(isWebAddress('javascript:alert(1)')).toBe(false);
    expect(isWebAddress('data:text/html,x')).toBe(false);
    expect(isWebAddress('')).toBe(false);
  });
});

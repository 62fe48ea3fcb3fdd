import { formatNumber, formatter, language, t } from './texts.tsx';

export { siteOf } from '../utils/domain/addresses.ts';

/** Formats numbers and times as the pages show them. Tests give the time and the locale; pages leave them out. */

const SECONDS_A_MINUTE = 60;
const MILLISECONDS_A_DAY = 86_400_000;
/** Within this many days a weekday is clearer than a date. */
const DAYS_WITH_WEEKDAY = 6;

/**
 * The locale of dates: the language of the texts, in the user's own variant of it (day or month first, 12 or 24 hours).
 * English texts have British order for a user without a variant of English.
 * @param languages the browser's, the user's favourite first
 */
export function dateLocale(languages: readonly string[] = navigator.languages): string {
  const own = language();
  const { baseName } = new Intl.Locale(own);
  const variant = languages.find((name) => name === baseName || name.startsWith(`${baseName}-`));
  // The digits stay those of the texts: `ar-u-nu-latn` makes `ar-EG-u-nu-latn`.
  if (variant !== undefined) return variant + own.slice(baseName.length);
  return own === 'en' ? 'en-GB' : own;
}

/** Bytes in decimal units, as disks and downloads are counted: "980 kB", "146 MB", "2.6 GB". */
export function formatBytes(byteLength: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = byteLength;
  let unit = 0;
  // 999.5 would be rounded to 1000 of the smaller unit.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 9.95 && unit > 1 ? 1 : 0;
  return new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: units[unit]!,
    // "999 bytes" and "1 kB"
    unitDisplay: unit === 0 ? 'long' : 'short',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: 'min2',
  }).format(value);
}

/** The remaining time, rounded coarsely, since it is an estimate. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 8) return t('duration.fewSecondsLeft');
  if (seconds < 50) return t('duration.secondsLeft', { seconds: Math.ceil(seconds / 10) * 10 });
  const minutes = Math.ceil(seconds / SECONDS_A_MINUTE);
  return t('duration.minutesLeft', minutes, { minutes });
}

/** A time that something took: "0.8 s", "12 s", "3 min 5 s". */
export function formatTook(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return t('duration.seconds', { seconds: formatNumber(seconds, 1) });
  const whole = Math.round(seconds);
  if (whole < SECONDS_A_MINUTE) return t('duration.seconds', { seconds: whole });
  return t('duration.minutes', {
    minutes: Math.floor(whole / SECONDS_A_MINUTE),
    seconds: whole % SECONDS_A_MINUTE,
  });
}

/** "14:05" or "2:05 PM". @param at milliseconds since the epoch */
export function formatClock(at: number, locale = dateLocale()): string {
  const make = () => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
  return formatter(`clock ${locale}`, make).format(at);
}

/**
 * "Today", "Yesterday", a weekday for the last six days, else a date. Days are those of the user's calendar, not spans
 * of 24 hours.
 */
export function dayHeading(at: number, now = Date.now(), locale = dateLocale()): string {
  // Rounded, since two days of the year have 23 and 25 hours.
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / MILLISECONDS_A_DAY);
  if (daysAgo === 0) return t('date.today');
  if (daysAgo === 1) return t('date.yesterday');
  if (daysAgo > 1 && daysAgo <= DAYS_WITH_WEEKDAY) {
    return formatter(`weekday ${locale}`, () => new Intl.DateTimeFormat(locale, { weekday: 'long' })).format(
      at,
    );
  }
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const make = () =>
    new Intl.DateTimeFormat(locale, {
      day: 'numeric',
      month: 'long',
      ...(isThisYear ? {} : { year: 'numeric' }),
    });
  return formatter(`day ${locale} ${isThisYear ? '' : 'year'}`, make).format(at);
}

/** "Today at 14:05", "14 March at 14:05". */
export function formatMoment(at: number, now = Date.now(), locale = dateLocale()): string {
  return t('date.moment', { day: dayHeading(at, now, locale), time: formatClock(at, locale) });
}

/** A moment for readers in other places and at later times: "14 March 2026 at 14:05 GMT+1". */
export function formatInstant(at: number, locale = dateLocale()): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/** Whether an address from a page may be a link: only web addresses may. */
export function isWebAddress(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

function startOfDay(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

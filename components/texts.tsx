import { Fragment, h } from 'preact';
import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import type { GeneratedI18nStructure } from '#i18n';

/**
 * Every text on the screen, by its key in utils/locales/. The browser holds the messages of the user's language, so that
 * no bundle does; a key, placeholder or plural form that is not in en.yml does not compile.
 */

type Texts = GeneratedI18nStructure;
/** Without the browser’s own, which no text of ours needs. */
export type TextKey = Exclude<keyof Texts, `@@${string}`>;

/** The names of a text's placeholders. */
type NamesIn<Key extends TextKey> = Texts[Key] extends {
  namedSubstitutions: readonly (infer Name extends string)[];
}
  ? Name
  : never;

/** Texts of one kind: with or without plural forms, with or without placeholders. */
type KeyWith<Plural extends boolean, HasNames extends boolean> = {
  [Key in TextKey]: Texts[Key]['plural'] extends Plural
    ? [NamesIn<Key>] extends [never]
      ? HasNames extends true
        ? never
        : Key
      : HasNames extends true
        ? Key
        : never
    : never;
}[TextKey];

/** A text that stands for itself: no number and no name goes into it. */
export type PlainKey = KeyWith<false, false>;

type Values<Key extends TextKey> = Readonly<Record<NamesIn<Key>, string | number>>;

/**
 * The text of a key. Numbers are written as the language writes them.
 * @param count chooses the plural form; it is not put into the text unless it is one of the values too
 */
export function t(key: PlainKey): string;
export function t<Key extends KeyWith<false, true>>(key: Key, values: Values<Key>): string;
export function t(key: KeyWith<true, false>, count: number): string;
export function t<Key extends KeyWith<true, true>>(key: Key, count: number, values: Values<Key>): string;
export function t(key: TextKey, ...rest: readonly (number | Readonly<Record<string, string | number>>)[]) {
  let text = messageOf(key);
  for (const argument of rest) {
    text =
      typeof argument === 'number'
        ? pluralForm(text, argument)
        : text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
            const value = argument[name];
            return value === undefined ? whole : written(value);
          });
  }
  return text;
}

/**
 * A value as the language writes it. In a text from right to left it is isolated (Unicode, UAX 9), so that "fp32" and the "65"
 * behind it are not taken for one English phrase. Where it has Hebrew or Arabic letters, as in "A وB", it is itself from
 * right to left; its first letter does not say so.
 */
function written(value: string | number): string {
  const text = typeof value === 'number' ? formatNumber(value) : value;
  if (textDirection() === 'ltr') return text;
  return `${/[\u0590-\u08ff]/.test(text) ? '\u2067' : '\u2066'}${text}\u2069`;
}

const messages = new Map<TextKey, string>();

/**
 * With its placeholders, and with all its plural forms. The browser is asked once for each key: a call takes about 0.1 ms, and
 * calls were two thirds of the badge's time on the page's main thread.
 */
function messageOf(key: TextKey): string {
  const message = messages.get(key) ?? (i18n.t as (key: string) => string)(key);
  messages.set(key, message);
  return message;
}

/**
 * @wxt-dev/i18n joins the forms with ` | ` and knows "1" and "more" only; Arabic has six. A language's forms are those of
 * `locale.pluralForms`, in this order; a category that is not among them (French has one for whole millions) takes the last,
 * and a text with one form is right for every number.
 */
function pluralForm(text: string, count: number): string {
  const locale = language();
  const rules = formatter(`plural ${locale}`, () => new Intl.PluralRules(locale));
  const category = rules.select(count);
  return text.split(' | ').at(t('locale.pluralForms').split(' ').indexOf(category)) ?? text;
}

/** What stands in the place of `{name}`, or makes an element of the words in `{name}…{/name}`. */
type Slot = string | number | ((words: ComponentChildren) => ComponentChildren);

const SLOT = /\{(\w+)\}(?:(.*?)\{\/\1\})?/gs;

/**
 * A text with elements in it. Values go in as text: markup in a value is shown and not interpreted.
 * @example tRich('report.source', { link: (words) => <a href={url}>{words}</a> })
 */
export function tRich<Key extends KeyWith<false, true>>(
  key: Key,
  slots: Readonly<Record<NamesIn<Key>, Slot>>,
): ComponentChildren {
  return fill(messageOf(key), slots);
}

/** The slot of words in the quiet colour. */
export function quiet(words: ComponentChildren) {
  return <span class="quiet">{words}</span>;
}

/** The slot of words that only screen readers are given. */
export function hidden(words: ComponentChildren) {
  return <span class="hidden-text">{words}</span>;
}

function fill(message: string, slots: Readonly<Record<string, Slot>>): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const { 0: whole, 1: name = '', 2: words, index } of message.matchAll(SLOT)) {
    const slot = slots[name];
    parts.push(message.slice(end, index));
    if (typeof slot === 'function') parts.push(slot(words === undefined ? undefined : fill(words, slots)));
    else parts.push(slot === undefined ? whole : written(slot));
    end = index + whole.length;
  }
  return h(Fragment, null, ...parts, message.slice(end));
}

/** The language of the texts, as a BCP 47 tag. It is English where the browser's own is none of ours. */
export function language(): string {
  return t('locale.language');
}

const formatters = new Map<string, unknown>();

/** Making a formatter takes a tenth of a millisecond, and a list of checks needs hundreds. @param key tells all of its options */
export function formatter<Formatter>(key: string, make: () => Formatter): Formatter {
  const made = (formatters.get(key) as Formatter | undefined) ?? make();
  formatters.set(key, made);
  return made;
}

/** A number as the language writes it. @param fractionDigits exactly so many; else at most three */
export function formatNumber(value: number, fractionDigits?: number): string {
  const locale = language();
  const make = () =>
    new Intl.NumberFormat(locale, {
      // "1343 videos", but "12,345".
      useGrouping: 'min2',
      ...(fractionDigits !== undefined && {
        minimumFractionDigits: fractionDigits,
        maximumFractionDigits: fractionDigits,
      }),
    });
  return formatter(`number ${locale} ${fractionDigits ?? ''}`, make).format(value);
}

/** "A and B" */
export function formatList(items: readonly string[]): string {
  const locale = language();
  return formatter(`list ${locale}`, () => new Intl.ListFormat(locale)).format(items);
}

/** "ltr" or "rtl": of the texts, which need not be the browser's own direction. */
export function textDirection(): 'ltr' | 'rtl' {
  return t('locale.direction') === 'rtl' ? 'rtl' : 'ltr';
}

/** Tells the browser and screen readers in which language a page of ours is, and names its tab. */
export function nameDocument(title: PlainKey): void {
  document.title = t(title);
  document.documentElement.lang = language();
  document.documentElement.dir = textDirection();
}

type CamelCase<Code extends string> = Code extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Code;

/** A code of the domain as keys spell it: "no-face" is `noFace` there, since the browser's message names have no hyphens. */
export function camelCase<Code extends string>(code: Code): CamelCase<Code> {
  return code.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Code>;
}

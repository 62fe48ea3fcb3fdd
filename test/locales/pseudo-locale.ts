/**
 * Languages for looking at the pages: those of utils/locales, and two made-up ones, which `npm run lint` does not check
 * and no build contains: `xl` is 40 % longer than English, `rtl` is written from right to left.
 */
import { globSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { generateChromeMessagesText, parseMessagesFile } from '@wxt-dev/i18n/build';

const FOLDER = resolve(import.meta.dirname, '../../utils/locales');

/** Languages other than English in which pictures can be taken. */
export const SHOT_LOCALES: readonly string[] = [
  ...globSync('*.yml', { cwd: FOLDER })
    .map((file) => basename(file, '.yml'))
    .filter((name) => name !== 'en')
    .toSorted(),
  'xl',
  'rtl',
];

/**
 * Copies a built extension and puts another language in the place of English there, so that a browser in English shows it.
 * @param folder is replaced
 */
export async function copyWithLocale(extension: string, folder: string, locale: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(extension, folder, { recursive: true });
  const text =
    locale === 'xl' || locale === 'rtl'
      ? generateChromeMessagesText(await pseudoMessages(locale))
      : await readFile(resolve(extension, `_locales/${locale}/messages.json`), 'utf8');
  await writeFile(resolve(folder, '_locales/en/messages.json'), text);
}

async function pseudoMessages(locale: 'xl' | 'rtl') {
  const messages = await parseMessagesFile(resolve(FOLDER, 'en.yml'));
  return messages.map((message) => {
    const key = message.key.join('.');
    if (key === 'locale.direction' && locale === 'rtl') return { ...message, message: 'rtl' };
    // For the browser's own formats the language stays English, and the manifest has its limits of length.
    if (/^(locale|extension|command)\./.test(key)) return message;
    const change = locale === 'xl' ? lengthened : mirrored;
    return message.type === 'plural'
      ? { ...message, plurals: mapValues(message.plurals, change) }
      : { ...message, message: change(message.message) };
  });
}

function mapValues(values: Readonly<Record<string, string>>, change: (text: string) => string) {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, change(text)]));
}

/** Vowels are doubled until the text is 40 % longer, as in "Cheeck agaaiin"; placeholders stay. */
function lengthened(text: string): string {
  let missing = Math.ceil(0.4 * text.replaceAll(/\{\/?\w+\}/g, '').length);
  const lengthen = (part: string): string =>
    part.replaceAll(/[aeiouAEIOU]/g, (vowel) => {
      const extra = Math.min(missing, 2);
      missing -= extra;
      return vowel + vowel.toLowerCase().repeat(extra);
    });
  return outsidePlaceholders(text, lengthen) + 'x'.repeat(missing);
}

/** The words between the marks that make browsers write them from right to left (Unicode, "explicit directional overrides"). */
function mirrored(text: string): string {
  return outsidePlaceholders(text, (part) => (part.trim() === '' ? part : `\u202e${part}\u202c`));
}

function outsidePlaceholders(text: string, change: (part: string) => string): string {
  return text
    .split(/(\{\/?\w+\})/)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');
}

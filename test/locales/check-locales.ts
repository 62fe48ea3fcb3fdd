/**
 * Compares every language with the English file and with what the code asks for: `npm run lint` runs it. A key that the
 * code asks for and English does not have is the compiler's to find.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseMessagesFile, SUPPORTED_LOCALES } from '@wxt-dev/i18n/build';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = resolve(ROOT, 'utils/locales');
const SOURCES = '{components,entrypoints,utils}/**/*.{ts,tsx}';

export type Message = Awaited<ReturnType<typeof parseMessagesFile>>[number];
export type Messages = ReadonlyMap<string, Message>;

/** The messages of a language's file by their keys. */
export async function readMessages(file: string): Promise<Messages> {
  const messages = (await parseMessagesFile(file)).filter(({ key }) => !key[0]!.startsWith('@@'));
  return new Map(messages.map((message) => [message.key.join('.'), message]));
}

/** The plural categories in the order in which a text has its forms. */
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'] as const;
/** The rules of every language with whole numbers repeat after 100, apart from those for whole millions. */
const COUNTS = Array.from({ length: 200 }, (_, count) => count);

/** The plural categories of a language's whole numbers, as `locale.pluralForms` gives them. @param language a BCP 47 tag */
export function pluralFormsOf(language: string): string {
  const rules = new Intl.PluralRules(language);
  const used = new Set(COUNTS.map((count) => rules.select(count)));
  return CATEGORIES.filter((category) => category === 'other' || used.has(category)).join(' ');
}

/** What is wrong with a language's file as a whole. @param name its name without `.yml`, such as `pt_BR` */
export function fileProblems(name: string, messages: Messages): readonly string[] {
  const problems: string[] = [];
  const textOf = (key: string): string => textsOf(messages.get(key)).join();
  const tag = name.replace('_', '-');
  if (!SUPPORTED_LOCALES.has(name)) problems.push('the browser has no language of this name');
  if (textOf('locale.language').replace(/-u-.*/, '') !== tag) problems.push(`locale.language is not ${tag}`);
  const forms = pluralFormsOf(tag);
  if (textOf('locale.pluralForms') !== forms) problems.push(`locale.pluralForms is not ${forms}`);
  for (const [key, limit] of Object.entries(LENGTH_LIMITS)) {
    const { length } = textOf(key);
    if (length > limit) problems.push(`${key} has ${length} characters, and at most ${limit} are shown`);
  }
  return problems;
}

/** Length limits of the browsers for some texts: those of the manifest, and the mark on the toolbar's button. */
const LENGTH_LIMITS = { 'extension.name': 45, 'extension.description': 132, 'demo.mark': 4 };

/** What is wrong with one text by itself. @param language of its file, a BCP 47 tag */
export function malformations(key: string, message: Message, language: string): readonly string[] {
  const problems: string[] = [];
  if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(key)) {
    problems.push('its key is not words joined by dots');
  }
  if (message.type === 'plural') {
    const rules = new Intl.PluralRules(language);
    // Whole numbers come first, in order, as JavaScript orders keys: so do the categories.
    const forms = Object.keys(message.plurals).map((count) =>
      count === 'n' ? 'other' : rules.select(Number(count)),
    );
    const needed = pluralFormsOf(language);
    // Where a language has many forms, a text may be worded so that one serves every number ("Frames: 7 of 15").
    const isOneForAll = forms.join() === 'other' && needed.split(' ').length > 2;
    if (forms.join(' ') !== needed && !isOneForAll) {
      problems.push(`its plural forms are ${forms.join(' ')}, and the language has ${needed}`);
    }
  }
  for (const text of textsOf(message)) {
    // `$1` is the browser's own placeholder, ` | ` what @wxt-dev/i18n puts between plural forms.
    if (text.trim() === '' || text !== text.trim() || /\$\d| \| /.test(text)) {
      problems.push('its text is malformed');
    }
    if (/[!！¡]/.test(text)) problems.push('it has an exclamation mark');
    const left = text.replaceAll(/\{(\w+)\}(?:([^{}]|\{\w+\})*\{\/\1\})?/g, '');
    if (/[{}]/.test(left)) problems.push('a brace is no placeholder, or no element is closed by it');
  }
  return problems;
}

/** The differences of a language from English: keys, plural forms, placeholders and elements, figures and names. */
export function differences(english: Messages, other: Messages): readonly string[] {
  const missing = [...english.keys()].filter((key) => !other.has(key)).map((key) => `${key} is missing`);
  const surplus = [...other.keys()].filter((key) => !english.has(key)).map((key) => `${key} is surplus`);
  const changed = [...english].flatMap(([key, message]) => {
    const own = other.get(key);
    if (own === undefined) return [];
    if (own.type !== message.type) return [`${key} has plural forms in one language only`];
    return key.startsWith('locale.')
      ? []
      : [placeholdersOf, figuresOf].flatMap((listOf) => {
          const [has, needs] = [listOf(own), listOf(message)];
          return has === needs ? [] : [`${key} has “${has}”, but English has “${needs}”`];
        });
  });
  return [...missing, ...surplus, ...changed];
}

/**
 * Keys that are never used: neither by name, nor by a template such as `refusal.${reason}.title`, nor in the manifest.
 */
export function unusedKeys(keys: Iterable<string>, sources: readonly string[]): readonly string[] {
  const code = sources.join('\n');
  const patterns = [...code.matchAll(/`([a-z][\w.]*\$\{[^`]*)`/g)].map(
    ([, template]) =>
      // `${key}.title`, where the key is made of another template, ends every key of that kind.
      new RegExp(`^${template!.replaceAll(/\$\{[^}]*\}/g, '[\\w]+').replaceAll('.', '\\.')}(\\.\\w+)?$`),
  );
  return [...keys].filter(
    (key) =>
      !code.includes(`'${key}'`) &&
      !code.includes(`__MSG_${key.replaceAll('.', '_')}__`) &&
      !patterns.some((pattern) => pattern.test(key)),
  );
}

function textsOf(message: Message | undefined): readonly string[] {
  if (message === undefined) return [];
  return message.type === 'plural' ? Object.values(message.plurals) : [message.message];
}

/** The placeholders of all forms together: "one check" may leave its number out. */
function placeholdersOf(message: Message): string {
  return partsOf(textsOf(message), /\{\/?\w+\}/g);
}

/** Texts that are the same in every language: measured figures, and names in Latin letters that belong to them. */
function figuresOf(message: Message): string {
  // "Last 24 hours" is the form of one day; languages with one form have "{days} days" only.
  const texts = message.type === 'plural' ? [message.plurals.n ?? ''] : textsOf(message);
  return partsOf(texts, /\d+|GenConViT|WebGPU|WASM|SHA|Celeb-DF|Deepfake-Eval|Hugging Face|PyTorch|CC BY/g);
}

function partsOf(texts: readonly string[], pattern: RegExp): string {
  const parts = texts.flatMap((text) => text.match(pattern) ?? []);
  return [...new Set(parts)].toSorted().join(' ');
}

async function main(): Promise<void> {
  const english = await readMessages(resolve(FOLDER, 'en.yml'));
  const sources = [...globSync(SOURCES, { cwd: ROOT }), 'wxt.config.ts'].map((path) =>
    readFileSync(resolve(ROOT, path), 'utf8'),
  );
  const problems = unusedKeys(english.keys(), sources).map((key) => `en.yml: nothing asks for ${key}`);
  for (const file of globSync('*.yml', { cwd: FOLDER }).toSorted()) {
    const name = basename(file, '.yml');
    const messages = await readMessages(resolve(FOLDER, file));
    const malformed = [...messages].flatMap(([key, message]) =>
      malformations(key, message, name.replace('_', '-')).map((problem) => `${key}: ${problem}`),
    );
    const found = [...fileProblems(name, messages), ...malformed, ...differences(english, messages)];
    problems.push(...found.map((text) => `${file}: ${text}`));
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();

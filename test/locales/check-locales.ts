/**
 * Compares every language with the English file and with what the code asks for: `npm run lint` runs it. A key that the
 * code asks for and English does not have is the compiler's to find.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseMessagesFile } from '@wxt-dev/i18n/build';

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

/** What is wrong with one text by itself. */
export function malformations(key: string, message: Message): readonly string[] {
  const problems: string[] = [];
  if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(key)) {
    problems.push('its key is not words joined by dots');
  }
  if (message.type === 'plural' && Object.keys(message.plurals).toSorted().join() !== '1,n') {
    problems.push('its plural forms are not 1 and n');
  }
  for (const text of textsOf(message)) {
    // `$1` is the browser's own placeholder, ` | ` what @wxt-dev/i18n puts between plural forms.
    if (text.trim() === '' || text !== text.trim() || /\$\d| \| /.test(text)) {
      problems.push('its text is malformed');
    }
    const left = text.replaceAll(/\{(\w+)\}(?:([^{}]|\{\w+\})*\{\/\1\})?/g, '');
    if (/[{}]/.test(left)) problems.push('a brace is no placeholder, or no element is closed by it');
  }
  return problems;
}

/** How a language differs from English: keys, plural forms, placeholders and elements. */
export function differences(english: Messages, other: Messages): readonly string[] {
  const missing = [...english.keys()].filter((key) => !other.has(key)).map((key) => `${key} is missing`);
  const surplus = [...other.keys()].filter((key) => !english.has(key)).map((key) => `${key} is surplus`);
  const changed = [...english].flatMap(([key, message]) => {
    const own = other.get(key);
    if (own === undefined) return [];
    if (own.type !== message.type) return [`${key} has plural forms in one language only`];
    const [has, needs] = [placeholdersOf(own), placeholdersOf(message)];
    return has === needs ? [] : [`${key} has the placeholders ${has}, but English has ${needs}`];
  });
  return [...missing, ...surplus, ...changed];
}

/** Keys that nothing asks for: neither by name, nor by a template such as `refusal.${reason}.title`, nor in the manifest. */
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

function textsOf(message: Message): readonly string[] {
  return message.type === 'plural' ? Object.values(message.plurals) : [message.message];
}

/** Of all forms together: "one check" may leave its number out. */
function placeholdersOf(message: Message): string {
  const names = textsOf(message).flatMap((text) => [...text.matchAll(/\{\/?\w+\}/g)].map(([name]) => name));
  return [...new Set(names)].toSorted().join(' ');
}

async function main(): Promise<void> {
  const english = await readMessages(resolve(FOLDER, 'en.yml'));
  const sources = [...globSync(SOURCES, { cwd: ROOT }), 'wxt.config.ts'].map((path) =>
    readFileSync(resolve(ROOT, path), 'utf8'),
  );
  const problems = unusedKeys(english.keys(), sources).map((key) => `en.yml: nothing asks for ${key}`);
  for (const file of globSync('*.yml', { cwd: FOLDER })) {
    const messages = await readMessages(resolve(FOLDER, file));
    const malformed = [...messages].flatMap(([key, message]) =>
      malformations(key, message).map((problem) => `${key}: ${problem}`),
    );
    problems.push(
      ...[...malformed, ...differences(english, messages)].map((text) => `${basename(file)}: ${text}`),
    );
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();

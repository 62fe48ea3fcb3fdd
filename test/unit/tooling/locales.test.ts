import { parseMessagesText } from '@wxt-dev/i18n/build';
import { describe, expect, test } from 'vitest';
import {
  differences,
  fileProblems,
  malformations,
  pluralFormsOf,
  unusedKeys,
} from '../../locales/check-locales.ts';
import type { Messages } from '../../locales/check-locales.ts';

const messagesOf = (yaml: string): Messages =>
  new Map(
    parseMessagesText(yaml, 'YAML')
      .filter(({ key }) => !key[0]!.startsWith('@@'))
      .map((message) => [message.key.join('.'), message]),
  );
const malformed = (yaml: string, language = 'en'): number =>
  [...messagesOf(yaml)].flatMap(([key, message]) => malformations(key, message, language)).length;

const ENGLISH = messagesOf(`
a: {b: "Allow {host}"}
n: {1: "{count} check", n: "{count} checks"}
l: "{link}here{/link}"
f: 7 of 100 in Celeb-DF
`);

test('a language with the same keys, forms and placeholders differs in nothing', () => {
  const german = messagesOf(`
a: {b: "{host} erlauben"}
n: {1: "eine Prüfung", n: "{count} Prüfungen"}
l: "genau {link}hier{/link}"
f: 7 von 100 in Celeb-DF
`);
  expect(differences(ENGLISH, german)).toEqual([]);
});

test.each([
  ['a missing key', 'a: {b: "{host}"}\nn: {1: x, n: "{count}"}', 'l is missing'],
  ['a surplus key', 'a: {b: "{host}"}\nn: {1: x, n: "{count}"}\nl: "{link}x{/link}"\nz: x', 'z is surplus'],
  ['another placeholder', 'a: {b: "{hosts}"}\nn: {1: x, n: "{count}"}\nl: "{link}x{/link}"', '{hosts}'],
  ['another figure', 'f: 9 von 100 in Celeb-DF', 'f has “100 9 Celeb-DF”, but English has “100 7 Celeb-DF”'],
  ['a name in other letters', 'f: 7 von 100 in Zeleb-DF', 'f has “100 7”'],
  ['no plural forms', 'a: {b: "{host}"}\nn: "{count}"\nl: "{link}x{/link}"', 'plural forms'],
])('%s is found', (_what, yaml, problem) => {
  expect(differences(ENGLISH, messagesOf(yaml)).join()).toContain(problem);
});

test.each([
  ['an empty text', 'a: ""'],
  ['a placeholder that does not end', 'a: "Allow {host"'],
  ['an element that is not closed', 'a: "{/link}here"'],
  ['a key that no message name can be', 'a-b: x'],
  ['other plural forms', 'a: {0: x, n: y}'],
  ['a numbered placeholder', 'a: "Allow $1"'],
  ['an exclamation mark', 'a: 完成！'],
])('%s is malformed', (_what, yaml) => {
  expect(malformed(yaml)).toBeGreaterThan(0);
});

test('a text has the plural forms of its language, neither fewer nor more', () => {
  expect(pluralFormsOf('de')).toBe('one other');
  expect(pluralFormsOf('fr')).toBe('one other');
  expect(pluralFormsOf('zh-CN')).toBe('other');
  expect(pluralFormsOf('ar')).toBe('zero one two few many other');
  expect(pluralFormsOf('pl')).toBe('one few many other');
  const [english, arabic, chinese] = [
    'a: {1: x, n: y}',
    'a: {0: z, 1: x, 2: d, 3: f, 11: m, n: y}',
    'a: {n: y}',
  ];
  const counts = [english, arabic, chinese].map((yaml) =>
    ['en', 'ar', 'zh-CN'].map((language) => malformed(yaml, language)),
  );
  expect(counts).toEqual([
    [0, 1, 1],
    [1, 0, 1],
    // One form for all is right where it is worded so, which only languages with many forms need.
    [1, 0, 0],
  ]);
});

describe('a file', () => {
  const head = (language: string, forms: string): string =>
    `locale: {language: ${language}, pluralForms: ${forms}}\n`;

  test('names its language, with other digits if it wants, and the plural forms', () => {
    expect(fileProblems('pt_BR', messagesOf(head('pt-BR', 'one other')))).toEqual([]);
    expect(fileProblems('ar', messagesOf(head('ar-u-nu-latn', 'zero one two few many other')))).toEqual([]);
    expect(fileProblems('es', messagesOf(head('fr', 'other')))).toEqual([
      'locale.language is not es',
      'locale.pluralForms is not one other',
    ]);
    expect(fileProblems('xx', messagesOf(head('xx', 'one other')))).toContain(
      'the browser has no language of this name',
    );
  });

  test('keeps to the lengths that the browsers show', () => {
    const long = `${head('en', 'one other')}extension: {name: x, description: "${'x'.repeat(133)}"}`;
    expect(fileProblems('en', messagesOf(long))).toEqual([
      'extension.description has 133 characters, and at most 132 are shown',
    ]);
  });
});

test('a key is used that the code or the manifest names, or that a template makes', () => {
  const sources = ["t('a.b')", 't(`refusal.${reason}.title`)', '__MSG_extension_name__'];
  const keys = ['a.b', 'refusal.noFace.title', 'extension.name', 'a.c', 'refusal.noFace.other'];
  expect(unusedKeys(keys, sources)).toEqual(['a.c', 'refusal.noFace.other']);
});

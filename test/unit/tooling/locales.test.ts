import { parseMessagesText } from '@wxt-dev/i18n/build';
import { expect, test } from 'vitest';
import { differences, malformations, unusedKeys } from '../../locales/check-locales.ts';
import type { Messages } from '../../locales/check-locales.ts';

const messagesOf = (yaml: string): Messages =>
  new Map(
    parseMessagesText(yaml, 'YAML')
      .filter(({ key }) => !key[0]!.startsWith('@@'))
      .map((message) => [message.key.join('.'), message]),
  );
const malformed = (yaml: string): number =>
  [...messagesOf(yaml)].flatMap(([key, message]) => malformations(key, message)).length;

const ENGLISH = messagesOf(`
a: {b: "Allow {host}"}
n: {1: "{count} check", n: "{count} checks"}
l: "{link}here{/link}"
`);

test('a language with the same keys, forms and placeholders differs in nothing', () => {
  const german = messagesOf(`
a: {b: "{host} erlauben"}
n: {1: "eine Prüfung", n: "{count} Prüfungen"}
l: "genau {link}hier{/link}"
`);
  expect(differences(ENGLISH, german)).toEqual([]);
});

test.each([
  ['a missing key', 'a: {b: "{host}"}\nn: {1: x, n: "{count}"}', 'l is missing'],
  ['a surplus key', 'a: {b: "{host}"}\nn: {1: x, n: "{count}"}\nl: "{link}x{/link}"\nz: x', 'z is surplus'],
  ['another placeholder', 'a: {b: "{hosts}"}\nn: {1: x, n: "{count}"}\nl: "{link}x{/link}"', '{hosts}'],
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
])('%s is malformed', (_what, yaml) => {
  expect(malformed(yaml)).toBeGreaterThan(0);
});

test('a key is used that the code or the manifest names, or that a template makes', () => {
  const sources = ["t('a.b')", 't(`refusal.${reason}.title`)', '__MSG_extension_name__'];
  const keys = ['a.b', 'refusal.noFace.title', 'extension.name', 'a.c', 'refusal.noFace.other'];
  expect(unusedKeys(keys, sources)).toEqual(['a.c', 'refusal.noFace.other']);
});

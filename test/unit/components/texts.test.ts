import { h } from 'preact';
import type { ComponentChildren, VNode } from 'preact';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { camelCase, formatList, formatNumber, t, tRich } from '../../../components/texts.tsx';

describe('a text', () => {
  test('takes its values and the plural form of its count', () => {
    expect(t('action.allow', { host: 'a.example' })).toBe('Allow a.example');
    expect(t('history.checks', 1, { count: 1 })).toBe('1 check.');
    expect(t('history.checks', 24, { count: 24 })).toBe('24 checks.');
    expect(t('history.checks', 12_345, { count: 12_345 })).toBe('12,345 checks.');
  });

  test('leaves placeholders alone that come with a value', () => {
    expect(t('history.deleted', { title: 'A {title} and {quiet}' })).toBe('Deleted “A {title} and {quiet}”');
  });

  test('takes elements around and within its words, and reads no element in a value', () => {
    const rich = tRich('install.licenceTerms', {
      link: (words) => h('a', { href: '#' }, words),
      licence: 'CC {link}BY{/link} <b>4.0</b>',
    });
    expect(written(rich)).toBe('[a CC {link}BY{/link} <b>4.0</b>]: name the authors; not for commercial use');
    expect(written(tRich('welcome.use.rightClickOrPress', { keys: () => h('kbd', null, 'Alt+V') }))).toMatch(
      /, or press \[kbd Alt\+V\]\.$/,
    );
  });
});

describe('in a language with other plural forms', () => {
  afterEach(() => {
    vi.doUnmock('#i18n');
    vi.resetModules();
  });

  /** The words of a number of checks. */
  async function checksIn(messages: Readonly<Record<string, string>>, counts: readonly number[]) {
    vi.doMock('#i18n', () => ({ i18n: { t: (key: string) => messages[key] ?? '' } }));
    vi.resetModules();
    const texts = await import('../../../components/texts.tsx');
    return counts.map((count) => texts.t('history.checks', count, { count }));
  }

  test('each number takes its own', async () => {
    const arabic = {
      'locale.language': 'ar-u-nu-latn',
      'locale.pluralForms': 'zero one two few many other',
      'history.checks': 'none | one | two | few {count} | many {count} | other {count}',
    };
    const counts = [0, 1, 2, 3, 110, 11, 99, 100, 12_345];
    expect(await checksIn(arabic, counts)).toEqual([
      'none',
      'one',
      'two',
      'few 3',
      'few 110',
      'many 11',
      'many 99',
      'other 100',
      'many 12,345',
    ]);
  });

  test('zero is singular in French, and a million is like any other number', async () => {
    const french = {
      'locale.language': 'fr',
      'locale.pluralForms': 'one other',
      'history.checks': '{count} analyse | {count} analyses',
    };
    const counts = [0, 1, 2, 1_000_000];
    expect((await checksIn(french, counts)).map((words) => words.replaceAll('\u202f', ' '))).toEqual([
      '0 analyse',
      '1 analyse',
      '2 analyses',
      '1 000 000 analyses',
    ]);
  });

  test('a text of one form serves every number, in Arabic too', async () => {
    const arabic = {
      'locale.language': 'ar-u-nu-latn',
      'locale.pluralForms': 'zero one two few many other',
      'history.checks': 'checks: {count}',
    };
    expect(await checksIn(arabic, [0, 2, 11])).toEqual(['checks: 0', 'checks: 2', 'checks: 11']);
  });

  test('a value keeps its own direction in a text from right to left', async () => {
    const arabic = {
      'locale.language': 'ar-u-nu-latn',
      'locale.direction': 'rtl',
      'locale.pluralForms': 'zero one two few many other',
      'history.checks': 'fp32 {count} {other}',
      'history.deleted': '{title}',
    };
    expect(await checksIn(arabic, [65])).toEqual(['fp32 \u206665\u2069 {other}']);
    const texts = await import('../../../components/texts.tsx');
    expect(texts.t('history.deleted', { title: 'ED وVAE' })).toBe('\u2067ED وVAE\u2069');
  });

  test('one form serves every number in Chinese', async () => {
    const chinese = {
      'locale.language': 'zh-CN',
      'locale.pluralForms': 'other',
      'history.checks': '{count} times',
    };
    expect(await checksIn(chinese, [0, 1, 7])).toEqual(['0 times', '1 times', '7 times']);
  });
});

test('codes become the words of keys', () => {
  expect(camelCase('no-face')).toBe('noFace');
  expect(camelCase('class-contradicts-score')).toBe('classContradictsScore');
  expect(camelCase('internal')).toBe('internal');
});

test('numbers and lists are written as English writes them', () => {
  expect(formatNumber(1343)).toBe('1343');
  expect(formatNumber(0.5, 2)).toBe('0.50');
  expect(formatList(['ED', 'VAE'])).toBe('ED and VAE');
});

/** What is on the screen, elements in brackets. */
function written(children: ComponentChildren): string {
  if (Array.isArray(children)) return children.map(written).join('');
  if (typeof children !== 'object' || children === null) return String(children ?? '');
  const { type, props } = children as VNode<{ children?: ComponentChildren }>;
  return typeof type === 'string' ? `[${type} ${written(props.children)}]` : written(props.children);
}

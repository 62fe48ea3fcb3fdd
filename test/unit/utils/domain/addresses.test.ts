import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isPublicHost,
  MAX_ADDRESS_LENGTH,
  mayRequest,
  plainText,
  shortened,
  withoutCredentials,
} from '../../../../utils/domain/addresses.ts';

const PAGE = 'https://www.example.org/watch';
const hostOf = (address: string): string => new URL(address).hostname;
const octet = fc.integer({ min: 0, max: 255 });

test('this machine is one host by all of its names', () => {
  expect(mayRequest('http://127.0.0.1:9000/a', 'http://localhost:8080/')).toBe(true);
  expect(mayRequest('http://[::1]/a', 'http://player.localhost/')).toBe(true);
  expect(mayRequest('http://192.168.0.2/a', 'http://192.168.0.1/')).toBe(false);
  expect(mayRequest('http://localhost/a', 'http://localhost.example/')).toBe(false);
});

describe('a host of this machine or its network', () => {
  test.each([
    'http://localhost/',
    'http://LOCALHOST./',
    'http://player.localhost/',
    'http://printer/',
    'http://router.local/',
    'http://a.internal/',
    'http://nas.home.arpa/',
    'http://0.0.0.0/',
    'http://0/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://10.255.0.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/',
    'http://172.31.255.255/',
    'http://192.168.1.1./',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[64:ff9b::192.168.0.1]/',
    'http://[2002:c0a8:1::]/',
    'http://[fc00::1]/',
    'http://[fd12:3456::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
  ])('is %s', (address) => {
    expect(isPublicHost(hostOf(address))).toBe(false);
    expect(mayRequest(address, PAGE)).toBe(false);
    expect(mayRequest(address, null)).toBe(false);
    // A page on that machine may name its own files, at whichever port.
    expect(mayRequest(address, `http://${hostOf(address)}:8123/page`)).toBe(true);
  });

  test.each([
    'https://cdn.example.net/',
    'https://localhost.example/',
    'https://local.example.org/',
    'http://11.0.0.1/',
    'http://100.128.0.1/',
    'http://172.32.0.1/',
    'http://192.167.0.1/',
    'http://223.255.255.255/',
    'http://[2606:4700::1]/',
    'http://[::ffff:8.8.8.8]/',
  ])('is not %s', (address) => {
    expect(mayRequest(address, PAGE)).toBe(true);
  });

  test('is found in every form in which a number can be written', () => {
    const blocks = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
      fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
    );
    fc.assert(
      fc.property(blocks, ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const octal = (part: number): string => `0${part.toString(8)}`;
        const forms = [
          `${String(a)}.${String(b)}.${String(c)}.${String(d)}`,
          String(number),
          `0x${number.toString(16)}`,
          [a, b, c, d].map(octal).join('.'),
          `${String(a)}.${String(number % 2 ** 24)}`,
          `[::ffff:${String(a)}.${String(b)}.${String(c)}.${String(d)}]`,
        ];
        for (const form of forms) expect(isPublicHost(hostOf(`http://${form}/`))).toBe(false);
      }),
      { seed: 41 },
    );
  });

  test('is every IPv6 address outside the global block', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const [first] = groups;
        const host = hostOf(`http://[${groups.map((each) => each.toString(16)).join(':')}]/`);
        if (first! < 0x2000 || first! > 0x3fff) expect(isPublicHost(host)).toBe(false);
        else if (first !== 0x2002) expect(isPublicHost(host)).toBe(true);
      }),
      { seed: 42 },
    );
  });
});

test.each([
  'file:///etc/passwd',
  'ftp://example.org/a',
  'blob:https://example.org/1',
  'data:,',
  'no address',
])('nothing but the web is requested: %s', (address) => {
  expect(mayRequest(address, PAGE)).toBe(false);
});

test('a page’s address is kept without name, password and fragment, and of a very long one the site', () => {
  expect(shortened('https://ann:secret@example.org/a?b#c')).toBe('https://example.org/a?b');
  expect(shortened(`https://example.org/${'a'.repeat(100_000)}`)).toBe('https://example.org/');
  expect(shortened(`data:text/html,${'a'.repeat(100_000)}`)).toBe('data:');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.string().map((text) => `https://e.org/${text}`),
      ),
      (url) => {
        expect(shortened(url).length).toBeLessThanOrEqual(MAX_ADDRESS_LENGTH);
        expect(shortened(shortened(url))).toBe(shortened(url));
      },
    ),
    { seed: 43 },
  );
});

test('a file’s address loses name and password, and nothing else', () => {
  expect(withoutCredentials('https://ann:secret@cdn.example/a.mp4?x=1#t=2')).toBe(
    'https://cdn.example/a.mp4?x=1#t=2',
  );
  expect(withoutCredentials('https://cdn.example/a%20b.mp4')).toBe('https://cdn.example/a%20b.mp4');
  expect(withoutCredentials('no address')).toBe('no address');
});

test('a foreign text turns no text around it, and has whole characters alone', () => {
  expect(plainText('clip \u202Egpm.4pm')).toBe('clip gpm.4pm');
  expect(plainText('\u2066a\u2069\u200F b\u0000c \uD83D')).toBe('a b c \uFFFD');
  expect(plainText('שלום — café 👩🏽‍🚀')).toBe('שלום — café 👩🏽‍🚀');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const plain = plainText(text);
      expect(plain).not.toMatch(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u);
      expect(plain.isWellFormed()).toBe(true);
    }),
    { seed: 44 },
  );
});

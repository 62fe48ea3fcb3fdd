import { expect, test } from 'vitest';
import { describeCheckable, readAddress } from '../../../../entrypoints/check/use-check.ts';

test.each([
  ['https://example.com/a.mp4', 'https://example.com/a.mp4'],
  ['  http://example.com/a.mp4#t=3 ', 'http://example.com/a.mp4'],
  ['example.com/a.mp4', 'https://example.com/a.mp4'],
  ['localhost:8080/a.mp4', 'https://localhost:8080/a.mp4'],
])('%j is the address %s', (text, address) => {
  expect(readAddress(text)).toBe(address);
});

test.each([
  '',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'data:video/mp4,',
  'blob:https://a/1',
  'two words',
])('%j is no address on the web', (text) => {
  expect(readAddress(text)).toBeNull();
});

test('a file’s name stands for it, and an address for its own page', () => {
  expect(describeCheckable({ kind: 'file', file: new File([], 'My clip #1.mp4') })).toMatchObject({
    pageUrl: 'file:///My%20clip%20%231.mp4',
    title: 'My clip #1.mp4',
    fileUrl: null,
  });
  expect(describeCheckable({ kind: 'address', url: 'https://example.com/clips/a.mp4?b' })).toMatchObject({
    pageUrl: 'https://example.com/clips/a.mp4?b',
    title: 'a.mp4',
    fileUrl: 'https://example.com/clips/a.mp4?b',
  });
});

test('the folder’s name stands for its frames', () => {
  expect(describeCheckable({ kind: 'images', name: 'frames of a', files: [] })).toMatchObject({
    pageUrl: 'file:///frames%20of%20a',
    title: 'frames of a',
    fileUrl: null,
  });
});

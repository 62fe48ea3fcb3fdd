import { expect, test, vi } from 'vitest';
import { patternOfHost } from '../../../../utils/browser/host-permission.ts';
import { hostOf } from '../../../../utils/domain/sites.ts';

vi.mock('wxt/browser', () => ({ browser: {} }));

test('the pattern is of the host alone', () => {
  expect(patternOfHost('cdn.example.com')).toBe('*://cdn.example.com/*');
  expect(patternOfHost('127.0.0.1:8080')).toBe('*://127.0.0.1/*');
  // Nothing that a page could say widens it.
  expect(patternOfHost('*')).toBeNull();
  expect(patternOfHost('*.example.com')).toBeNull();
  expect(patternOfHost('example.com/*')).toBe('*://example.com/*');
  expect(patternOfHost('')).toBeNull();
  expect(patternOfHost('a b')).toBeNull();
});

test('only web addresses have a host', () => {
  expect(hostOf('https://cdn.example.com:8443/a.mp4?b#c')).toBe('cdn.example.com');
  expect(hostOf('http://localhost:1/')).toBe('localhost');
  for (const other of ['blob:https://example.com/1', 'data:video/mp4,', 'file:///a.mp4', 'nonsense']) {
    expect(hostOf(other)).toBeNull();
  }
});

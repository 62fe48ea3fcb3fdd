import { expect, test } from 'vitest';
import { covers, isOfOrigins } from '../../../../utils/domain/sites.ts';

test('a pattern covers another where every address of that is one of its own', () => {
  expect(covers('<all_urls>', '*://*.x.com/*')).toBe(true);
  expect(covers('*://*.x.com/*', 'https://*.video.x.com/*')).toBe(true);
  expect(covers('*://*.x.com/*', '*://x.com/*')).toBe(true);
  expect(covers('*://x.com/*', '*://*.x.com/*')).toBe(false);
  expect(covers('https://x.com/*', '*://x.com/*')).toBe(false);
  expect(covers('*://*.x.com/*', '*://max.com/*')).toBe(false);
});

test('an address is of a site’s origins by its host, whatever its port and path', () => {
  const patterns = ['*://*.x.com/*', '*://localhost/*'];
  expect(isOfOrigins('https://x.com', patterns)).toBe(true);
  expect(isOfOrigins('https://m.x.com/a/status/1', patterns)).toBe(true);
  expect(isOfOrigins('http://localhost:8080', patterns)).toBe(true);
  expect(isOfOrigins('https://x.com.example', patterns)).toBe(false);
  // The origin of a sandboxed frame.
  expect(isOfOrigins('null', patterns)).toBe(false);
});

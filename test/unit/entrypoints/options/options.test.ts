import { expect, test } from 'vitest';
import { readFrameCount } from '../../../../entrypoints/options/scanning-section.tsx';

test.each([
  ['15', 15],
  ['3', 4],
  ['-20', 4],
  ['61', 60],
  ['7.6', 8],
  ['', 15],
  ['many', 15],
])('takes %j as %d frames', (text, count) => {
  expect(readFrameCount(text)).toBe(count);
});

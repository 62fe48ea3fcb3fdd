import { expect, test } from 'vitest';
import { holdStreams } from '../../../../models/runtime/held-streams.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);

test('a part of a held blob streams the bytes of that part', async () => {
  const { data: blob, letGo } = holdStreams(new Blob([bytes]));
  const part = blob.slice(10, 20);
  expect([blob.size, part.size]).toEqual([100, 10]);
  expect([...(await new Response(part.stream()).bytes())]).toEqual([...bytes.subarray(10, 20)]);
  letGo();
});

test('the blob that was given stays as it was', () => {
  const source = new Blob([bytes]);
  holdStreams(source);
  expect(Object.hasOwn(source, 'slice')).toBe(false);
});

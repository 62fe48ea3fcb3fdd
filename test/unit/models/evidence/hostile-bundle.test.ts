import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { createBlobSource } from '../../../../models/checkpoint/read/blob-source.ts';
import { checkBundle } from '../../../../models/evidence/check-bundle.ts';
import type { CheckedBundle } from '../../../../models/evidence/check-bundle.ts';
import { packBundle } from '../../../../models/evidence/write-bundle.ts';
import { encodePng } from '../../../../models/image/png.ts';
import { BUNDLE_FILES, cropPath } from '../../../../utils/domain/bundle.ts';
import { exportedText } from '../../../../utils/domain/exported-report.ts';
import { exportedReport, reportOn } from '../../../fixtures/bundles/make-bundle.ts';

function check(bytes: Uint8Array): Promise<CheckedBundle> {
  return checkBundle(createBlobSource(new Blob([new Uint8Array(bytes)]), 'evidence.zip'));
}

function checkFile(name: string, text: string): Promise<CheckedBundle> {
  return check(zipSync({ [name]: strToU8(text) }, { level: 0 }));
}

test('a list of more hashes than a bundle has files is none', async () => {
  const lines = Array.from({ length: 2000 }, (_, index) => `${'0'.repeat(64)}  crops/${String(index)}\n`);
  const { problems } = await checkFile(BUNDLE_FILES.sums, lines.join(''));
  expect(problems).toContainEqual({ kind: 'malformed', file: BUNDLE_FILES.sums });
  expect(problems.length).toBeLessThan(10);
});

test('a report of a million wrong values takes as long as one of one', { timeout: 5000 }, async () => {
  const report = { frameScores: Array.from({ length: 1e6 }, () => 0) };
  const { problems } = await checkFile(BUNDLE_FILES.json, JSON.stringify({ report }));
  expect(problems).toContainEqual({ kind: 'malformed', file: BUNDLE_FILES.json });
});

test('pictures that unpack to more than a bundle may have are refused', async () => {
  const side = 1024;
  const data = new Uint8Array(side * side * 3);
  const [face] = (await reportOn([{ data, width: side, height: side, channels: 3 }])).frameScores;
  const frameScores = Array.from({ length: 22 }, (_, frameIndex) => ({ ...face!, frameIndex }));
  const exported = exportedReport({ ...(await reportOn([])), frameScores });
  const picture = encodePng({ data, width: side, height: side, channels: 3 });
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    [BUNDLE_FILES.json, new Uint8Array(strToU8(exportedText(exported)))],
  ]);
  for (const [index, each] of frameScores.entries()) files.set(cropPath(each, index), picture);
  const bundle = packBundle(files);
  expect(bundle.byteLength).toBeLessThan(200_000);
  await expect(check(bundle)).rejects.toMatchObject({ code: 'bundle-too-large' });
});

test.each(['__proto__', 'constructor'])('a file named %s is no error of the program', async (name) => {
  // fflate's own packer can't write the first one.
  const packed = Buffer.from(zipSync({ ['x'.repeat(name.length)]: strToU8('a') }, { level: 0 }));
  const bytes = Buffer.from(packed.toString('latin1').replaceAll('x'.repeat(name.length), name), 'latin1');
  const problems = await check(bytes).then(
    (checked) => checked.problems.map(({ kind }) => kind),
    (error: unknown) => (error as { readonly code?: string }).code,
  );
  if (name === '__proto__') expect(problems).toBe('bundle-malformed');
  else expect(problems).toContain('missing');
});

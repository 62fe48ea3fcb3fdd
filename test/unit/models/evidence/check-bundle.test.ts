import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { createBlobSource } from '../../../../models/checkpoint/read/blob-source.ts';
import { checkBundle } from '../../../../models/evidence/check-bundle.ts';
import type { CheckedBundle } from '../../../../models/evidence/check-bundle.ts';
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_ENTRIES } from '../../../../models/evidence/read-bundle.ts';
import { fingerprintOf, toPem } from '../../../../models/evidence/signature.ts';
import { packBundle } from '../../../../models/evidence/write-bundle.ts';
import { BUNDLE_FILES } from '../../../../utils/domain/bundle.ts';
import type { BundleProblem } from '../../../../utils/domain/bundle.ts';
import { isDetectorError } from '../../../../utils/domain/errors.ts';
import { sha256Of } from '../../../../utils/domain/sha256.ts';
import { makeBundle, newSigner, pictureOf, reportOn } from '../../../fixtures/bundles/make-bundle.ts';

const FIRST_CROP = 'crops/001-frame-0000-person-1.png';
const SECOND_CROP = 'crops/002-frame-0001-person-1.png';

let bundle: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  bundle = await makeBundle();
});

function check(bytes: Uint8Array<ArrayBuffer>): Promise<CheckedBundle> {
  return checkBundle(createBlobSource(new Blob([bytes]), 'evidence.zip'));
}

async function problemsOf(bytes: Uint8Array<ArrayBuffer>): Promise<readonly BundleProblem[]> {
  return (await check(bytes)).problems;
}

/** The archive with other files, as an attacker without the key packs it. */
function changed(change: (files: Map<string, Uint8Array<ArrayBuffer>>) => void): Uint8Array<ArrayBuffer> {
  const files = filesOf(bundle);
  change(files);
  return packBundle(files);
}

function filesOf(bytes: Uint8Array): Map<string, Uint8Array<ArrayBuffer>> {
  return new Map(Object.entries(unzipSync(bytes)).map(([name, file]) => [name, new Uint8Array(file)]));
}

/** SHA256SUMS for other files, in the same form. */
async function sumsOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const unsummed: readonly string[] = [BUNDLE_FILES.sums, BUNDLE_FILES.signature];
  const named = [...files].filter(([name]) => !unsummed.includes(name));
  const lines = await Promise.all(named.map(async ([name, file]) => `${await sha256Of(file)}  ${name}\n`));
  return new Uint8Array(strToU8(lines.join('')));
}

describe('a whole bundle', () => {
  test('has no problem, names its key, and gives back exactly the pixels that were judged', async () => {
    const pictures = [pictureOf(3, 9), pictureOf(4, 9)];
    const signer = await newSigner();
    const checked = await check(await makeBundle({ pictures, signer }));
    expect(checked.problems).toEqual([]);
    expect(checked.fingerprint).toBe(await fingerprintOf(signer.publicKey));
    expect(checked.fingerprint).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
    expect(checked.crops).toEqual(
      pictures.map((picture, faceIndex) => ({
        faceIndex,
        file: [FIRST_CROP, SECOND_CROP][faceIndex],
        picture,
      })),
    );
    expect(checked.exported?.title).toBe('Interview');
  });

  test('follows byte for byte from its files, so that its own date says nothing', () => {
    expect(packBundle(filesOf(bundle))).toEqual(bundle);
  });

  test('is whole without the faces that nobody has kept', async () => {
    const report = await reportOn([pictureOf(1, 6), pictureOf(2, 6)]);
    const checked = await check(await makeBundle({ report, pictures: [pictureOf(1, 6)] }));
    expect(checked.problems).toEqual([]);
    expect(checked.crops).toHaveLength(1);
  });

  test('is checked by sha256sum and OpenSSL alike', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trueframe-bundle-'));
    try {
      for (const [name, file] of filesOf(bundle)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), file);
      }
      const sums = execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(sums.split('\n').filter((line) => line.endsWith(': OK'))).toHaveLength(5);
      // Node's own module is OpenSSL.
      const [key, signed, signature] = (['publicKey', 'sums', 'signature'] as const).map((name) =>
        readFileSync(join(folder, BUNDLE_FILES[name])),
      );
      expect(verify(null, signed!, createPublicKey(key!), signature!)).toBe(true);
      expect(verify(null, key!, createPublicKey(key!), signature!)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Where in a well-packed archive each file's header and bytes lie, and what follows them. */
function regionsOf(
  bytes: Uint8Array,
): readonly { readonly name: string | null; readonly from: number; readonly to: number }[] {
  const regions = [];
  let offset = 0;
  for (const [name, file] of filesOf(bytes)) {
    const data = offset + 30 + name.length;
    regions.push({ name, from: offset, to: data }, { name, from: data, to: data + file.byteLength });
    offset = data + file.byteLength;
  }
  return [...regions, { name: null, from: offset, to: bytes.byteLength }];
}

/** The file, or the archive's directory, that a check names; or the error's own words. */
async function accused(bytes: Uint8Array<ArrayBuffer>): Promise<readonly (string | null)[]> {
  try {
    return (await problemsOf(bytes)).map((problem) =>
      problem.kind === 'signature' ? BUNDLE_FILES.signature : problem.file,
    );
  } catch (error) {
    if (isDetectorError(error, 'bundle-malformed')) return [null];
    throw error;
  }
}

describe('one flipped bit', () => {
  test('is found anywhere, and the file in which it lies is named', async () => {
    const regions = regionsOf(bundle);
    const place = fc
      .constantFrom(...regions)
      .chain((region) =>
        fc.tuple(fc.constant(region), fc.integer({ min: region.from, max: region.to - 1 }), fc.nat(7)),
      );
    await fc.assert(
      fc.asyncProperty(place, async ([{ name }, offset, bit]) => {
        const flipped = bundle.slice();
        flipped[offset]! ^= 1 << bit;
        const found = await accused(flipped);
        // A flipped name in the directory is the name of another file, which is reported as well.
        if (name === null) expect(found.length).toBeGreaterThan(0);
        else expect(found).toContain(name);
      }),
      { numRuns: 600 },
    );
  });

  test('is found in each byte of what holds the files together', async () => {
    for (const { name, from, to } of regionsOf(bundle)) {
      if (to - from > 1000) continue;
      for (let offset = from; offset < to; offset += 1) {
        const flipped = bundle.slice();
        flipped[offset]! ^= 1 << (offset % 8);
        const found = await accused(flipped);
        if (found.length === 0 || (name !== null && !found.includes(name))) {
          expect.fail(`byte ${String(offset)} of ${name ?? 'the directory'}: ${JSON.stringify(found)}`);
        }
      }
    }
  });
});

describe('a bundle that somebody has changed on purpose', () => {
  test('names a file whose hash in the archive was made to fit', async () => {
    const bytes = changed((files) => files.set(BUNDLE_FILES.html, strToU8('<p>Another verdict')));
    expect(await problemsOf(bytes)).toEqual([{ kind: 'changed', file: 'report.html' }]);
  });

  test('fails by its signature where the list of hashes was made to fit as well', async () => {
    const files = filesOf(bundle);
    files.set(BUNDLE_FILES.html, strToU8('<p>Another verdict'));
    files.set(BUNDLE_FILES.sums, await sumsOf(files));
    expect(await problemsOf(packBundle(files))).toEqual([{ kind: 'signature' }]);
  });

  test('shows another key where all of it was signed anew', async () => {
    const files = filesOf(bundle);
    const signer = await newSigner();
    files.set(BUNDLE_FILES.publicKey, strToU8(toPem(signer.publicKey)));
    files.set(BUNDLE_FILES.sums, await sumsOf(files));
    files.set(BUNDLE_FILES.signature, await signer.sign(files.get(BUNDLE_FILES.sums)!));
    const [former, now] = [await check(bundle), await check(packBundle(files))];
    expect(now.problems).toEqual([]);
    expect(now.fingerprint).not.toBe(former.fingerprint);
  });

  test('names a key put in the place of the signer’s', async () => {
    const { publicKey } = await newSigner();
    const bytes = changed((files) => files.set(BUNDLE_FILES.publicKey, strToU8(toPem(publicKey))));
    expect(await problemsOf(bytes)).toEqual([
      { kind: 'changed', file: 'public-key.pem' },
      { kind: 'signature' },
    ]);
  });

  test('names what is missing and what is surplus', async () => {
    const bytes = changed((files) => {
      files.delete(SECOND_CROP);
      files.delete(BUNDLE_FILES.html);
      files.set('../../outside.txt', strToU8('a path'));
    });
    const problems = await problemsOf(bytes);
    expect(problems).toEqual([
      { kind: 'missing', file: 'report.html' },
      { kind: 'missing', file: SECOND_CROP },
      { kind: 'surplus', file: '../../outside.txt' },
    ]);
  });

  test('names a picture whose pixels are not those that the report says were judged', async () => {
    const report = await reportOn([pictureOf(1, 6), pictureOf(2, 6)]);
    const checked = await check(await makeBundle({ report, pictures: [pictureOf(1, 6), pictureOf(7, 6)] }));
    expect(checked.problems).toEqual([{ kind: 'other-pixels', file: SECOND_CROP }]);
    expect(checked.crops.map(({ file }) => file)).toEqual([FIRST_CROP]);
  });

  test('names a file that was signed with the others, but is of no face in the report', async () => {
    const signer = await newSigner();
    const files = filesOf(bundle);
    files.set('crops/999-frame-0000-person-1.png', files.get(FIRST_CROP)!);
    files.set(BUNDLE_FILES.publicKey, strToU8(toPem(signer.publicKey)));
    files.set(BUNDLE_FILES.sums, await sumsOf(files));
    files.set(BUNDLE_FILES.signature, await signer.sign(files.get(BUNDLE_FILES.sums)!));
    expect(await problemsOf(packBundle(files))).toEqual([
      { kind: 'surplus', file: 'crops/999-frame-0000-person-1.png' },
    ]);
  });

  test('names files that are not what their names say, and runs none of their pictures', async () => {
    const signer = await newSigner();
    const files = filesOf(bundle);
    files.set(BUNDLE_FILES.json, strToU8('{"format":"trueframe-report"'));
    files.set(BUNDLE_FILES.publicKey, strToU8('no key'));
    files.set(BUNDLE_FILES.sums, await sumsOf(files));
    files.set(BUNDLE_FILES.signature, await signer.sign(files.get(BUNDLE_FILES.sums)!));
    const checked = await check(packBundle(files));
    expect(checked.problems).toEqual([
      { kind: 'malformed', file: 'public-key.pem' },
      { kind: 'malformed', file: 'report.json' },
    ]);
    expect(checked).toMatchObject({ fingerprint: null, exported: null, crops: [] });
  });

  test.each([
    ['a path upwards', `${'0'.repeat(64)}  ../report.html\n`],
    ['an absolute path', `${'0'.repeat(64)}  /etc/passwd\n`],
    ['a line of another form', `${'0'.repeat(64)} *report.html\n`],
    ['no end of its last line', `${'0'.repeat(64)}  report.html`],
    ['the same name twice', `${'0'.repeat(64)}  report.html\n`.repeat(2)],
  ])('takes no list of hashes with %s', async (_what, sums) => {
    const problems = await problemsOf(changed((files) => files.set(BUNDLE_FILES.sums, strToU8(sums))));
    expect(problems).toEqual([{ kind: 'malformed', file: 'SHA256SUMS' }, { kind: 'signature' }]);
  });

  test('says of an archive that another program has packed that its files are as they were signed', async () => {
    const files = Object.fromEntries(filesOf(bundle));
    const repacked = new Uint8Array(zipSync(files, { level: 9, mtime: new Date(2026, 1, 2) }));
    const checked = await check(repacked);
    expect(checked.problems.map(({ kind }) => kind)).toEqual(['archive']);
    expect(checked.crops).toHaveLength(2);
  });
});

describe('a hostile file', () => {
  const codeOf = (bytes: Uint8Array<ArrayBuffer>): Promise<unknown> =>
    check(bytes).then(
      () => null,
      (error: unknown) => (isDetectorError(error) ? error.code : error),
    );

  test('is refused before it is unpacked where it is too large, has too many files, or unpacks too far', async () => {
    const large = { ...createBlobSource(new Blob([bundle]), 'x'), byteLength: MAX_BUNDLE_BYTES + 1 };
    await expect(checkBundle(large)).rejects.toMatchObject({ code: 'bundle-too-large' });
    const many = Array.from(
      { length: MAX_BUNDLE_ENTRIES + 1 },
      (_, index) => [String(index), new Uint8Array()] as const,
    );
    expect(await codeOf(packBundle(new Map(many)))).toBe('bundle-too-large');
    // More than the zip reader accepts from any file.
    const bomb = zipSync({ 'report.json': new Uint8Array(9 * 2 ** 20) }, { level: 9 });
    expect(await codeOf(new Uint8Array(bomb))).toBe('bundle-malformed');
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['text', new Uint8Array(strToU8('<!doctype html>'))],
    ['an empty archive', packBundle(new Map())],
  ])('of %s is said to be no bundle', async (_what, bytes) => {
    const code = await codeOf(bytes);
    if (code === null) expect((await problemsOf(bytes)).length).toBeGreaterThan(4);
    else expect(code).toBe('bundle-malformed');
  });

  test('of any bytes ends with problems or with an error of its own, never with another', async () => {
    const damage = fc.record({
      cut: fc.nat(bundle.byteLength),
      at: fc.nat(bundle.byteLength),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ cut, at, bytes }) => {
        const damaged = new Uint8Array([
          ...bundle.slice(0, at),
          ...bytes,
          ...bundle.slice(Math.max(cut, at)),
        ]);
        if (
          damaged.byteLength === bundle.byteLength &&
          damaged.every((byte, index) => byte === bundle[index])
        ) {
          return;
        }
        const code = await codeOf(damaged);
        if (code === null) expect((await problemsOf(damaged)).length).toBeGreaterThan(0);
        else expect(code).toMatch(/^bundle-(malformed|too-large)$/);
      }),
      { numRuns: 300 },
    );
  });

  test('of a report with too many or wrong values is not taken for a report', async () => {
    const report = strFromU8(filesOf(bundle).get(BUNDLE_FILES.json)!);
    for (const [former, now] of [
      ['"version": 3', '"version": 99'],
      ['"score": 0.8', '"score": 8'],
      ['"frameIndex": 0', '"frameIndex": -1'],
      ['"checkedAt": "2026', '"checkedAt": "20'],
    ] as const) {
      expect(report).toContain(former);
      const json = strToU8(report.replace(former, now));
      const checked = await check(changed((files) => files.set(BUNDLE_FILES.json, json)));
      expect(checked.exported).toBeNull();
    }
  });
});

import { BUNDLE_FILES, cropPath } from '../../utils/domain/bundle.ts';
import type { BundleProblem } from '../../utils/domain/bundle.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';
import { parseExported } from '../../utils/domain/exported-report.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { decodePng } from '../image/png.ts';
import type { RgbImage } from '../image/raster-image.ts';
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_ENTRIES, readBundle, tooLarge } from './read-bundle.ts';
import { fingerprintOf, fromPem, isSignedBy } from './signature.ts';
import type { BundledCrop } from './write-bundle.ts';

/** Far above any network's input; 3 MB as pixels. */
const MAX_CROP_SIDE_PIXELS = 1024;
/** A hash, two spaces, the longest name and the end of the line. */
const MAX_SUM_CHARACTERS = 64 + 2 + 106 + 1;

export type CheckedBundle = {
  /** Empty if every bit is as it was signed. */
  readonly problems: readonly BundleProblem[];
  /** Fingerprint of the key whose signature fits SHA256SUMS; null where no signature fits. */
  readonly fingerprint: string | null;
  /** null where the report can't be read. */
  readonly exported: ExportedReport | null;
  /** The pictures whose pixels the report says were judged, in the report's order. */
  readonly crops: readonly (BundledCrop & { readonly file: string; readonly picture: RgbImage })[];
};

/**
 * Checks a bundle's archive, hashes, signature and pictures. The networks are not needed for it.
 * @throws DetectorError `bundle-malformed` for a file that is no readable archive, `bundle-too-large`, `source-failed`
 */
export async function checkBundle(source: ByteSource, signal?: AbortSignal): Promise<CheckedBundle> {
  const { files, problems: found } = await readBundle(source, signal);
  const problems = [...found];
  const isNamed = (file: string): boolean =>
    problems.some(
      (problem) => problem.kind !== 'archive' && problem.kind !== 'signature' && problem.file === file,
    );
  /** The text of a file; null where the file is missing or not UTF-8. */
  const textOf = (file: string): string | null => {
    const bytes = files.get(file);
    return bytes === undefined ? null : decodeUtf8(bytes);
  };

  for (const file of Object.values(BUNDLE_FILES)) {
    if (!files.has(file) && !isNamed(file)) problems.push({ kind: 'missing', file });
  }
  const sums = parseSums(textOf(BUNDLE_FILES.sums));
  if (sums === null) {
    if (!isNamed(BUNDLE_FILES.sums)) problems.push({ kind: 'malformed', file: BUNDLE_FILES.sums });
  } else {
    for (const [file, expected] of sums) {
      const bytes = files.get(file);
      if (isNamed(file)) continue;
      if (bytes === undefined) problems.push({ kind: 'missing', file });
      else if ((await sha256Of(bytes)) !== expected) problems.push({ kind: 'changed', file });
    }
    for (const file of files.keys()) {
      const isUnsummed = file === BUNDLE_FILES.sums || file === BUNDLE_FILES.signature;
      if (!sums.has(file) && !isUnsummed) problems.push({ kind: 'surplus', file });
    }
  }

  const key = fromPem(textOf(BUNDLE_FILES.publicKey) ?? '');
  const signatureProblems = await checkSignature(files, key);
  problems.push(...(signatureProblems ?? []));
  const exported = parseExported(textOf(BUNDLE_FILES.json) ?? '');
  if (exported === null && files.has(BUNDLE_FILES.json) && !isNamed(BUNDLE_FILES.json)) {
    problems.push({ kind: 'malformed', file: BUNDLE_FILES.json });
  }
  const crops = [];
  let pictureBytes = 0;
  const ownFiles = new Set<string>(Object.values(BUNDLE_FILES));
  for (const [faceIndex, face] of (exported?.report.frameScores ?? []).entries()) {
    const file = cropPath(face, faceIndex);
    ownFiles.add(file);
    const bytes = files.get(file);
    if (bytes === undefined) continue;
    signal?.throwIfAborted();
    const picture = await readCrop(bytes, file);
    pictureBytes += picture?.data.byteLength ?? 0;
    // PNG packs a plain picture a thousandfold, and the pictures stay in memory.
    if (pictureBytes > MAX_BUNDLE_BYTES) throw tooLarge(source, `${String(pictureBytes)} bytes of pictures`);
    if (picture === null) {
      if (!isNamed(file)) problems.push({ kind: 'malformed', file });
    } else if (face.pixelsSha256 !== (await sha256Of(picture.data))) {
      problems.push({ kind: 'other-pixels', file });
    } else {
      crops.push({ faceIndex, file, picture });
    }
  }
  // The file is signed, but the report does not mention it.
  for (const file of exported === null ? [] : files.keys()) {
    if (!ownFiles.has(file) && !isNamed(file)) problems.push({ kind: 'surplus', file });
  }
  const isSigned = key !== null && signatureProblems?.length === 0;
  return { problems, fingerprint: isSigned ? await fingerprintOf(key) : null, exported, crops };
}

/**
 * Checks the signature.
 * @returns its problems; null where the list of hashes, the signature or the key is missing, which is among the
 *   problems already
 */
async function checkSignature(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  key: Uint8Array<ArrayBuffer> | null,
): Promise<readonly BundleProblem[] | null> {
  const sums = files.get(BUNDLE_FILES.sums);
  const signature = files.get(BUNDLE_FILES.signature);
  if (sums === undefined || signature === undefined || !files.has(BUNDLE_FILES.publicKey)) return null;
  const malformedKey: BundleProblem = { kind: 'malformed', file: BUNDLE_FILES.publicKey };
  if (key === null) return [malformedKey];
  try {
    return (await isSignedBy(key, sums, signature)) ? [] : [{ kind: 'signature' }];
  } catch (error) {
    if (isDetectorError(error, 'bundle-malformed')) return [malformedKey];
    throw error;
  }
}

/**
 * The hashes by file name. Names are limited to those that a bundle can have, so that no line leads out of the folder
 * in which `sha256sum -c` runs.
 * @returns null for a text that TrueFrame has not written
 */
function parseSums(text: string | null): ReadonlyMap<string, string> | null {
  if (text === null || text.length > MAX_BUNDLE_ENTRIES * MAX_SUM_CHARACTERS) return null;
  const sums = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  for (const line of lines) {
    const [, hash, name] =
      /^([0-9a-f]{64}) {2}((?:crops\/)?[a-zA-Z0-9][a-zA-Z0-9.-]{0,99})$/.exec(line) ?? [];
    if (hash === undefined || name === undefined || sums.has(name)) return null;
    sums.set(name, hash);
  }
  return sums;
}

/**
 * The pixels of a picture.
 * @returns null for a file that is no such picture
 */
async function readCrop(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<RgbImage | null> {
  try {
    return await decodePng(bytes, file, MAX_CROP_SIDE_PIXELS);
  } catch (error) {
    if (isDetectorError(error, 'image-invalid')) return null;
    throw error;
  }
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

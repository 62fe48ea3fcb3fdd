/** The files of an evidence bundle. Every other name but those of crops is surplus. */
export const BUNDLE_FILES = {
  html: 'report.html',
  json: 'report.json',
  /** Hashes of all files but itself and the signature, in the format of coreutils' `sha256sum`. */
  sums: 'SHA256SUMS',
  /** 64 bytes: Ed25519 over the bytes of SHA256SUMS. */
  signature: 'SHA256SUMS.sig',
  /** The key for the signature: SubjectPublicKeyInfo as PEM (RFC 8410), as OpenSSL reads it. */
  publicKey: 'public-key.pem',
} as const;

/** "003-frame-0007-person-1.png"; the running number is that of the face, from 1. */
export function cropFileName(
  { frameIndex, personId }: { readonly frameIndex: number; readonly personId: number },
  faceIndex: number,
): string {
  const digits = (value: number, length: number): string => String(value).padStart(length, '0');
  return `${digits(faceIndex + 1, 3)}-frame-${digits(frameIndex, 4)}-person-${String(personId)}.png`;
}

/** The name of a judged face in a bundle. @param faceIndex place among the report's `frameScores`, from 0 */
export function cropPath(face: Parameters<typeof cropFileName>[0], faceIndex: number): string {
  return `crops/${cropFileName(face, faceIndex)}`;
}

/** A part of an evidence bundle that is not as TrueFrame has written it. `file` is its name in the archive. */
export type BundleProblem =
  /** The file's bytes, or its header in the archive, are damaged. */
  | { readonly kind: 'damaged'; readonly file: string }
  /** The file has another hash than SHA256SUMS states. */
  | { readonly kind: 'changed'; readonly file: string }
  | { readonly kind: 'missing'; readonly file: string }
  | { readonly kind: 'surplus'; readonly file: string }
  /**
   * The file is whole, but has not the content that its name promises: the list of hashes, the key, the report or a
   * picture.
   */
  | { readonly kind: 'malformed'; readonly file: string }
  /** The pixels are not those that the report says were judged. */
  | { readonly kind: 'other-pixels'; readonly file: string }
  /** The signature does not fit SHA256SUMS and the public key. */
  | { readonly kind: 'signature' }
  /**
   * The parts of the archive between the files differ from those that TrueFrame writes. `file` is the one whose header
   * differs; null for the archive's directory. This also happens if another program has packed the files again.
   */
  | { readonly kind: 'archive'; readonly file: string | null; readonly offset: number };

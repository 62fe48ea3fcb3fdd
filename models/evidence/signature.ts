import { DetectorError } from '../../utils/domain/errors.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';

/** Ed25519 (RFC 8032) by WebCrypto, which browsers and Node have. */
const ALGORITHM = { name: 'Ed25519' } as const;

/** Signs with a private key that can't be exported. */
export type Signer = {
  /** SubjectPublicKeyInfo, DER: 44 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** @returns 64 bytes */
  readonly sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;
};

/** A new key pair, whose private half no code can read. */
export async function createKeyPair(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
}

export async function createSigner({ publicKey, privateKey }: CryptoKeyPair): Promise<Signer> {
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, bytes)),
  };
}

/**
 * Whether the signature is that of the bytes by the key.
 * @param publicKey SubjectPublicKeyInfo, DER
 * @throws DetectorError `bundle-malformed` where the key is none
 */
export async function isSignedBy(
  publicKey: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey('spki', publicKey, ALGORITHM, false, ['verify']);
  } catch (cause) {
    throw new DetectorError('bundle-malformed', 'the public key is no Ed25519 key', { cause });
  }
  return await crypto.subtle.verify(ALGORITHM, key, signature, bytes);
}

/** The fingerprint by which people compare a key: SHA-256 of its DER form, in sixteen groups of four. */
export async function fingerprintOf(publicKey: Uint8Array<ArrayBuffer>): Promise<string> {
  return (await sha256Of(publicKey)).match(/.{4}/g)!.join(' ');
}

const PEM_BEGIN = '-----BEGIN PUBLIC KEY-----';
const PEM_END = '-----END PUBLIC KEY-----';

/** RFC 7468. 44 bytes fit one line. */
export function toPem(publicKey: Uint8Array): string {
  return `${PEM_BEGIN}\n${btoa(String.fromCharCode(...publicKey))}\n${PEM_END}\n`;
}

/** @returns null for a text that {@link toPem} has not written */
export function fromPem(text: string): Uint8Array<ArrayBuffer> | null {
  const [, base64] = new RegExp(`^${PEM_BEGIN}\n([A-Za-z0-9+/]{1,99}={0,2})\n${PEM_END}\n$`).exec(text) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return null;
  const publicKey = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return toPem(publicKey) === text ? publicKey : null;
}

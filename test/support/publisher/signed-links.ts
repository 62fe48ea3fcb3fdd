import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Addresses that hold for one file and one Range header, and for some time. */
export type LinkSigner = {
  /** Path and query. */
  readonly sign: (path: string, range: string | undefined, expiresAtMilliseconds: number) => string;
  readonly check: (
    path: string,
    query: URLSearchParams,
    range: string | undefined,
  ) => 'valid' | 'expired' | 'forged';
};

export function createLinkSigner(): LinkSigner {
  const key = randomBytes(32);

  function signatureOf(path: string, range: string | undefined, expires: string): Buffer {
    return createHmac('sha256', key)
      .update([path, range ?? '', expires].join('\n'))
      .digest();
  }

  return {
    sign: (path, range, expiresAtMilliseconds) => {
      const expires = String(expiresAtMilliseconds);
      const signature = signatureOf(path, range, expires).toString('hex');
      return `${path}?${new URLSearchParams({ Expires: expires, Signature: signature }).toString()}`;
    },
    check: (path, query, range) => {
      const expires = query.get('Expires') ?? '';
      const found = Buffer.from(query.get('Signature') ?? '', 'hex');
      const expected = signatureOf(path, range, expires);
      if (found.length !== expected.length || !timingSafeEqual(found, expected)) return 'forged';
      return Date.now() < Number(expires) ? 'valid' : 'expired';
    },
  };
}

/** The SHA-256 of bytes, lower-case hexadecimal. For data that is in memory; sha256OfSource hashes files of any size. */
export async function sha256Of(bytes: Uint8Array | Uint8ClampedArray): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

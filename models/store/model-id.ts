import type { ModelDescription } from '../detectors/model-description.ts';

/** Enough of a SHA-256 that two models of one user never share it, and short enough to be shown beside a verdict. */
const ID_DIGITS = 12;

/**
 * A converted model's name, such as `<network>-fp16-webgpu-0f3a5b9c21d4`: what it is, and the beginning of the SHA-256 over
 * the checksums of its files. The same bytes have the same id wherever they were converted.
 */
export async function modelIdOf(description: ModelDescription): Promise<string> {
  const { network, dtype, device, graph, shards } = description;
  const checksums = [graph, ...shards].map(({ sha256 }) => sha256).join('\n');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(checksums));
  const digits = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${network}-${dtype}-${device}-${digits.slice(0, ID_DIGITS)}`;
}

import type { Noise } from '../detector.ts';

/**
 * The VAE's noise. The original draws it anew at every inference, so the same video gets different scores; ours comes
 * from a seed. The FNV-1a hash of the stream's name, xor the seed, is the start of a mulberry32 stream with random
 * access. The method of Box and Muller turns pairs of its numbers into standard normal ones. The project's golden
 * values were made with these numbers (stream eps, element image · latent + j), so they must not change.
 */
const STREAM_NAME = 'eps';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const MULBERRY_STEP = 0x6d2b79f5;

/**
 * Noise for one image of a video.
 * @param imageIndex place of the image in the video, from 0
 * @param count even number of values (the latent's size)
 * @returns `count` float32 values; all zero for kind `none`, which makes z = mu
 */
export function noiseForImage(noise: Noise, imageIndex: number, count: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  if (noise.kind === 'none') return values;
  const state = (fnv1a(STREAM_NAME) ^ noise.seed) >>> 0;
  const first = imageIndex * count;
  for (let index = 0; index < count; index += 2) {
    // + 1 keeps the logarithm's argument above zero.
    const u1 = (mulberry32(state, first + index) + 1) / 2 ** 32;
    const u2 = mulberry32(state, first + index + 1) / 2 ** 32;
    const radius = Math.sqrt(-2 * Math.log(u1));
    values[index] = radius * Math.cos(2 * Math.PI * u2);
    values[index + 1] = radius * Math.sin(2 * Math.PI * u2);
  }
  return values;
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ , 32 bits. */
function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** Number `index` of the mulberry32 stream: its state is a counter. */
function mulberry32(state: number, index: number): number {
  const a = (state + Math.imul(index + 1, MULBERRY_STEP)) | 0;
  let t = Math.imul(a ^ (a >>> 15), a | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}

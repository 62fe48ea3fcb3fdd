/** By what a video is known again. Addresses are hashed: what is remembered must not read like a history of visits. */

/** How a video can be known again before a frame of it is looked at. */
export type VideoKeys = {
  /** Of its post's address and its length. */
  readonly post: string | null;
  /** Of its file's address and its length. */
  readonly file: string | null;
};

/** Of a signed address: who may load it until when, and which server was meant. The file is the same. */
const SIGNATURE_PARAMETER =
  /^(?:x-(?:amz|goog|oss|cos)-.*|expires?|signature|key-pair-id|awsaccesskeyid|googleaccessid|hdn(?:t|ts|ea)|_nc_.*|bytestart|byteend|range|utm_.*|fbclid|gclid|igsh)$/i;
/**
 * The same beside a file's own name. Where the path is a program's (`/stream?token=…`) such a parameter may be all that says
 * which video is meant.
 */
const SIGNATURE_PARAMETER_OF_NAMED_FILE =
  /^(?:exp|sig|sign|token|access_token|policy|nonce|hmac|ttl|auth|auth_key|auth_token|session|session_?id|oh|oe|efg|ccb)$/i;
const MEDIA_FILE_NAME = /\.(?:mp4|m4v|m4s|mov|webm|ogv|mkv|ts|m3u8|mpd)$/i;
/** Azure's shared access signatures: too short to mean that anywhere else. */
const SIGNATURE_PARAMETER_BESIDE_SIG = /^(?:se|sp|spr|sr|st|sv|sip|skoid|sktid|skt|ske|sks|skv)$/i;

/** Longer addresses are data, not places. */
const MAX_ADDRESS_LENGTH = 4000;

/**
 * The file's address without what changes from one visit to the next; null for what is no file on the web. A parameter that
 * is not known to be part of a signature stays: taking one video for another would be worse than not knowing one again.
 */
export function unsignedFileAddress(fileUrl: string | null): string | null {
  if (fileUrl === null || fileUrl.length > MAX_ADDRESS_LENGTH || !URL.canParse(fileUrl)) return null;
  const url = new URL(fileUrl);
  if (!/^https?:$/.test(url.protocol)) return null;
  const isNamed = MEDIA_FILE_NAME.test(url.pathname);
  const isAzure = isNamed && url.searchParams.has('sig');
  const kept = [...url.searchParams]
    .filter(
      ([name]) =>
        !SIGNATURE_PARAMETER.test(name) &&
        !(isNamed && SIGNATURE_PARAMETER_OF_NAMED_FILE.test(name)) &&
        !(isAzure && SIGNATURE_PARAMETER_BESIDE_SIG.test(name)),
    )
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();
  return `${url.host}${url.pathname}${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
}

/**
 * @param postUrl as {@link postAddress} in post-sites.ts gives it
 * @param durationSeconds tells the videos of one post apart, and those of one address; a live stream is another one each
 * time, and has no keys
 */
export async function videoKeys(video: {
  readonly postUrl: string | null;
  readonly fileUrl: string | null;
  readonly durationSeconds: number | null;
}): Promise<VideoKeys> {
  const { postUrl, fileUrl, durationSeconds } = video;
  if (durationSeconds === null) return { post: null, file: null };
  const file = unsignedFileAddress(fileUrl);
  const length = durationSeconds.toFixed(1);
  return {
    post:
      postUrl === null || postUrl.length > MAX_ADDRESS_LENGTH
        ? null
        : await hash(`post ${postUrl} ${length}`),
    file: file === null ? null : await hash(`file ${file} ${length}`),
  };
}

/** 128 bits of SHA-256, as hexadecimal digits: no two of some thousands collide. */
async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The keys under which verdicts on videos are remembered. Addresses are hashed, so that the memory is no readable
 * history.
 */
import { sha256Of } from './sha256.ts';

/** The keys of a video, which need no frame of it. */
export type VideoKeys = {
  /** The key of its post's address and its length. */
  readonly post: string | null;
  /** The key of its file's address and its length. */
  readonly file: string | null;
};

/** Parameters of a signed address: who may load the file, until when, and from which server. */
const SIGNATURE_PARAMETER =
  /^(?:x-(?:amz|goog|oss|cos)-.*|expires?|signature|key-pair-id|awsaccesskeyid|googleaccessid|hdn(?:t|ts|ea)|_nc_.*|bytestart|byteend|range|utm_.*|fbclid|gclid|igsh)$/i;
/**
 * Parameters that are a signature only if the path ends with a file name. For a path of a program (`/stream?token=…`) such a
 * parameter may name the video.
 */
const SIGNATURE_PARAMETER_OF_NAMED_FILE =
  /^(?:exp|sig|sign|token|access_token|policy|nonce|hmac|ttl|auth|auth_key|auth_token|session|session_?id|oh|oe|efg|ccb)$/i;
const MEDIA_FILE_NAME = /\.(?:mp4|m4v|m4s|mov|webm|ogv|mkv|ts|m3u8|mpd)$/i;
/** Azure's shared access signatures. In other addresses, such short parameters have other meanings. */
const SIGNATURE_PARAMETER_BESIDE_SIG = /^(?:se|sp|spr|sr|st|sv|sip|skoid|sktid|skt|ske|sks|skv)$/i;

/** A longer address contains data. */
const MAX_ADDRESS_LENGTH = 4000;

/**
 * The file's address without the parts that change between visits; null for an address that is no file on the web. An
 * unknown parameter stays: to mistake one video for another is worse than to forget one.
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
  return `${url.origin}${url.pathname}${kept.length > 0 ? `?${kept.join('&')}` : ''}`;
}

/**
 * The keys of a video.
 * @param pageUrl of the page in the tab, as the browser says: a verdict is recalled only on pages of its origin, so
 *   that no other site can ask for it or store one
 * @param postUrl as {@link postAddress} in post-sites.ts gives it
 * @param durationSeconds distinguishes the videos of one post, and those of one address. A live stream is another
 *   video each time, and has no keys
 */
export async function videoKeys(video: {
  readonly pageUrl: string | null;
  readonly postUrl: string | null;
  readonly fileUrl: string | null;
  readonly durationSeconds: number | null;
}): Promise<VideoKeys> {
  const { pageUrl, postUrl, fileUrl, durationSeconds } = video;
  const site = pageUrl !== null && URL.canParse(pageUrl) ? new URL(pageUrl).origin : 'null';
  // All opaque origins are written `null`, but are different ones.
  if (durationSeconds === null || site === 'null') return { post: null, file: null };
  const file = unsignedFileAddress(fileUrl);
  const length = durationSeconds.toFixed(1);
  return {
    post:
      postUrl === null || postUrl.length > MAX_ADDRESS_LENGTH
        ? null
        : await hash(`post ${site} ${postUrl} ${length}`),
    file: file === null ? null : await hash(`file ${site} ${file} ${length}`),
  };
}

/** 128 bits of SHA-256, as hexadecimal digits: no two of some thousands collide. */
async function hash(text: string): Promise<string> {
  return (await sha256Of(new TextEncoder().encode(text))).slice(0, 32);
}

import * as v from 'valibot';

/** Parts of the schemas by which what comes from content scripts and from storage is validated. All sizes are bounded. */

/** Addresses of signed files are up to 2 kB long; no web server that we know takes one of more than 8 kB. */
const MAX_ADDRESS_LENGTH = 8192;
/** Ids are 32 or 36 characters long. */
const MAX_ID_LENGTH = 64;
/** RFC 1035, 2.3.4. */
const MAX_HOST_LENGTH = 253;
/** What the content script cuts titles to. */
const MAX_TITLE_LENGTH = 300;

export const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH));
export const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_ID_LENGTH));
export const host = v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_HOST_LENGTH));
export const title = v.pipe(v.string(), v.maxLength(MAX_TITLE_LENGTH));
export const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
/** Milliseconds since the epoch. */
export const time = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Of a video, in pixels. Containers give sides 16 bits. */
export const pictureSide = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));

/** What is kept of a scan's video. The history and the check page keep addresses of any length. */
export const scannedVideo = v.object({
  pageUrl: v.string(),
  title: v.string(),
  fileUrl: v.nullable(v.string()),
  isServed: v.exactOptional(v.boolean()),
  widthPixels: pictureSide,
  heightPixels: pictureSide,
  durationSeconds: v.nullable(seconds),
  postUrl: v.exactOptional(v.nullable(v.string())),
});

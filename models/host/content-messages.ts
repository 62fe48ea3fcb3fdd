import * as v from 'valibot';
import { MAX_STORED_BYTE_LENGTH, THUMBNAIL_SIDE_PIXELS } from '../../utils/domain/frames-port.ts';
import { MAX_ADDRESS_LENGTH } from '../../utils/domain/addresses.ts';
import { pictureSide, seconds } from '../../utils/domain/scan.ts';
import type { ContentToHost } from '../../utils/domain/frames-port.ts';
import { HDR_TRANSFERS, PLAIN_FORMATS } from '../image/stored-picture.ts';

/** Of the content script's ids, which have 32 characters. */
const MAX_ID_LENGTH = 100;
/** Of a frame, a side. Beyond 16K nothing decodes. */
const MAX_FRAME_SIDE_PIXELS = 16_384;
/** Crops of one frame: every person and every face that gets a second pass. */
const MAX_CUTS = 64;
const MAX_FRAMES_ASKED = 10_000;
/** Brightness and two of colour. */
const MAX_PLANES = 3;
/** The content script tries a grid of places and four corners. */
const MAX_COVERED_BOXES = 200;

const finite = v.pipe(v.number(), v.finite());
const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH));
const framePixels = countFrom(1, MAX_FRAME_SIDE_PIXELS);
const frameIndex = countFrom(0);

const video = v.object({
  fileUrl: v.nullable(address),
  isServed: v.exactOptional(v.boolean()),
  postUrl: v.exactOptional(v.nullable(address)),
  widthPixels: pictureSide,
  heightPixels: pictureSide,
  durationSeconds: v.nullable(seconds),
});

const start = v.pipe(
  v.object({
    type: v.literal('start'),
    scanId: v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH)),
    video,
    framesAsked: v.nullable(countFrom(1, MAX_FRAMES_ASKED)),
    source: v.optional(v.literal('screen')),
    ticket: v.optional(v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH))),
    isAutomatic: v.optional(v.boolean()),
  }),
  v.check(({ isAutomatic, framesAsked }) => isAutomatic !== true || framesAsked !== null),
);

const frameFacts = {
  frameIndex,
  mediaTimeSeconds: finite,
  widthPixels: framePixels,
  heightPixels: framePixels,
  decoded: v.optional(v.object({ byteLength: countFrom(1), frames: countFrom(1) })),
};

/** Whether its planes lie within its bytes, the browser's own VideoFrame checks. */
const storedPicture = v.pipe(
  v.object({
    format: v.picklist(PLAIN_FORMATS),
    bytes: v.pipe(
      v.instance(Uint8ClampedArray),
      v.check(({ byteLength }) => byteLength <= MAX_STORED_BYTE_LENGTH),
    ),
    layout: v.pipe(v.array(v.unknown()), v.maxLength(MAX_PLANES)),
    codedWidth: framePixels,
    codedHeight: framePixels,
    colorSpace: v.pipe(
      v.looseObject({ transfer: v.optional(v.unknown()) }),
      v.check(({ transfer }) => !HDR_TRANSFERS.includes(transfer as string)),
    ),
    rotation: finite,
    flip: v.boolean(),
  }),
  // Every format has more than a byte a pixel.
  v.check(({ codedWidth, codedHeight, bytes }) => codedWidth * codedHeight <= bytes.byteLength),
);

const storedFrame = v.pipe(
  v.object({ type: v.literal('stored-frame'), ...frameFacts, stored: storedPicture }),
  // The host makes a picture of the size at which it is shown.
  v.check(({ widthPixels, heightPixels }) => widthPixels * heightPixels <= MAX_STORED_BYTE_LENGTH),
);

const viewportSide = v.pipe(finite, v.minValue(1), v.maxValue(MAX_FRAME_SIDE_PIXELS));
const box = v.object({ left: finite, top: finite, width: finite, height: finite });
const screenPlace = v.object({
  viewportWidth: viewportSide,
  viewportHeight: viewportSide,
  picture: box,
  visible: v.nullable(box),
  covered: v.pipe(v.array(box), v.maxLength(MAX_COVERED_BOXES)),
});

const messageSchema = v.variant('type', [
  start,
  v.object({ type: v.literal('frame'), ...frameFacts, thumbnail: picture(THUMBNAIL_SIDE_PIXELS) }),
  storedFrame,
  v.object({
    type: v.literal('cuts'),
    frameIndex,
    cuts: v.pipe(v.array(picture(MAX_FRAME_SIDE_PIXELS)), v.maxLength(MAX_CUTS)),
  }),
  v.object({ type: v.literal('hold'), isHeld: v.boolean() }),
  v.object({
    type: v.literal('refuse'),
    reason: v.picklist(['unreadable', 'protected', 'canvas-noise']),
    isForeign: v.optional(v.boolean()),
  }),
  v.object({
    type: v.literal('place'),
    askId: countFrom(1),
    place: screenPlace,
    widthPixels: framePixels,
    heightPixels: framePixels,
    mediaTimeSeconds: finite,
    isPaused: v.boolean(),
  }),
  v.object({ type: v.literal('end'), isStill: v.optional(v.boolean()) }),
  v.object({ type: v.literal('video-gone') }),
]);

/**
 * A content script runs in a page's process, which a page could take over: its messages are checked before anything is
 * done with them. The limits are far beyond what ours sends.
 * @returns the message with its known fields alone; null for anything that ours would not send
 */
export function readContentMessage(message: unknown): ContentToHost | null {
  const result = v.safeParse(messageSchema, message, { abortEarly: true });
  return result.success ? (result.output as ContentToHost) : null;
}

/** Not by `v.instance`: the class is looked up when a message comes, and Node has none. */
function picture(maxSidePixels: number) {
  return v.custom<ImageData>(
    (value) => value instanceof ImageData && Math.max(value.width, value.height) <= maxSidePixels,
  );
}

function countFrom(min: number, max = Number.MAX_SAFE_INTEGER) {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
}

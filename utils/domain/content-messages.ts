import * as v from 'valibot';
import { MAX_ADDRESS_LENGTH } from './addresses.ts';
import {
  FRAME_PART_BYTE_LENGTH,
  HDR_TRANSFERS,
  MAX_STORED_BYTE_LENGTH,
  PLAIN_FORMATS,
  THUMBNAIL_SIDE_PIXELS,
} from './frames-port.ts';
import { scannedVideoSchema } from './scan.ts';
import type { DeepReadonly } from './verdict.ts';

/*
 * The messages of a content script, as schema and as types. Content scripts take only the types, so that the schema is in no
 * bundle of theirs.
 */

/** The content script's ids have 32 characters. */
const MAX_ID_LENGTH = 100;
/** One side of a frame. No decoder gives more than 16K. */
const MAX_FRAME_SIDE_PIXELS = 16_384;
/** The crops of one frame: one for each person, and one for each face that gets a second pass. */
const MAX_CUTS = 64;
const MAX_FRAMES_ASKED = 10_000;
/** Three planes: brightness and two of colour. */
const MAX_PLANES = 3;
/** The content script tries a grid of places and four corners. */
const MAX_COVERED_BOXES = 200;

const finite = v.pipe(v.number(), v.finite());
const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH));
const framePixels = countFrom(1, MAX_FRAME_SIDE_PIXELS);
const frameIndex = countFrom(0);

/** A content script's description of its video. The browser tells address and title of the page. */
export const describedVideo = v.object({
  ...v.omit(scannedVideoSchema, ['pageUrl', 'title']).entries,
  fileUrl: v.nullable(address),
  postUrl: v.exactOptional(v.nullable(address)),
});
export type DescribedVideo = DeepReadonly<v.InferOutput<typeof describedVideo>>;

/** The first message, sent once. */
const start = v.pipe(
  v.object({
    type: v.literal('start'),
    scanId: v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH)),
    video: describedVideo,
    /**
     * null for as many as the video has. A paused video has one; the content script says so in `end`, since the video may
     * play by its turn, and its file has all frames.
     */
    framesAsked: v.nullable(countFrom(1, MAX_FRAMES_ASKED)),
    /** The user has asked for the screen; without it the host chooses. */
    source: v.exactOptional(v.literal('screen')),
    /** Only for a check by hand: the ticket that the background has issued for the user's action. */
    ticket: v.exactOptional(v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH))),
    /** The scan waits for its turn and may end early. `framesAsked` is a number then. */
    isAutomatic: v.exactOptional(v.boolean()),
  }),
  v.check(({ isAutomatic, framesAsked }) => isAutomatic !== true || framesAsked !== null),
);

/** The decoded part of a video since it was loaded: the picture alone, without its sound. */
const decodedSoFar = v.object({ byteLength: countFrom(1), frames: countFrom(1) });
export type DecodedSoFar = DeepReadonly<v.InferOutput<typeof decodedSoFar>>;

/** The facts of a frame beside its pixels. */
const frameFacts = {
  /** From 0, without gaps. */
  frameIndex,
  mediaTimeSeconds: finite,
  /** As shown: rotated, with square pixels. */
  widthPixels: framePixels,
  heightPixels: framePixels,
  /** Left out where the browser does not say. */
  decoded: v.optional(decodedSoFar),
};

/** Of the whole memory behind it: a message carries all of that, however small the part of it that counts. */
const bytesArray = v.custom<Uint8ClampedArray<ArrayBuffer>>(
  (value) => value instanceof Uint8ClampedArray && value.byteLength === value.buffer.byteLength,
);

/**
 * A frame's pixels as its decoder has stored them: neither turned nor stretched nor converted to RGB. In WebCodecs' terms
 * (VideoFrameBufferInit), of the visible part only. The browser's VideoFrame checks that the planes lie within the bytes.
 */
const storedPicture = v.pipe(
  v.object({
    format: v.picklist(PLAIN_FORMATS),
    bytes: v.pipe(
      bytesArray,
      v.check(({ byteLength }) => byteLength <= MAX_STORED_BYTE_LENGTH),
    ),
    layout: v.pipe(v.array(v.custom<PlaneLayout>(() => true)), v.maxLength(MAX_PLANES)),
    codedWidth: framePixels,
    codedHeight: framePixels,
    colorSpace: v.custom<VideoColorSpaceInit>(
      (value) =>
        value instanceof Object && !HDR_TRANSFERS.includes((value as VideoColorSpaceInit).transfer ?? null),
    ),
    /** Clockwise, in degrees, and then mirrored. */
    rotation: finite,
    flip: v.boolean(),
  }),
  // Every format has more than a byte a pixel.
  v.check(({ codedWidth, codedHeight, bytes }) => codedWidth * codedHeight <= bytes.byteLength),
);

export type StoredPicture = DeepReadonly<v.InferOutput<typeof storedPicture>>;

/** A whole frame: the page cuts nothing. */
const storedFrame = v.pipe(
  v.object({ type: v.literal('stored-frame'), ...frameFacts, stored: storedPicture }),
  // The host makes a picture of the size at which it is shown.
  v.check(({ widthPixels, heightPixels }) => widthPixels * heightPixels <= MAX_STORED_BYTE_LENGTH),
);

const viewportSide = v.pipe(finite, v.minValue(1), v.maxValue(MAX_FRAME_SIDE_PIXELS));
/** A rectangle of the tab's visible page, in CSS pixels. */
const box = v.object({ left: finite, top: finite, width: finite, height: finite });
export type PageBox = DeepReadonly<v.InferOutput<typeof box>>;

/** Where a video's picture is on the screen. All boxes are of the top frame's viewport. */
const screenPlace = v.object({
  viewportWidth: viewportSide,
  viewportHeight: viewportSide,
  /** The whole picture without letterbox, as far as it may reach over the viewport. */
  picture: box,
  /** The part of it that nothing cuts off; null where none is in sight. */
  visible: v.nullable(box),
  /** The parts of the visible picture that lie under something opaque or outside a rounded corner. */
  covered: v.pipe(v.array(box), v.maxLength(MAX_COVERED_BOXES)),
  /** The page alters the picture's colours. */
  isAltered: v.boolean(),
});

/** The page's changes to the picture of a video whose frames do not come from the screen. */
const seenVideo = v.object({
  isAltered: v.boolean(),
  /** The parts under something opaque, in shares of the stored picture's sides. */
  covers: v.pipe(v.array(box), v.maxLength(MAX_COVERED_BOXES)),
});
export type SeenVideo = DeepReadonly<v.InferOutput<typeof seenVideo>>;

export type ScreenPlace = DeepReadonly<v.InferOutput<typeof screenPlace>>;

/** Why a source gives no frames of a video. */
const unreadableReason = v.picklist(['unreadable', 'protected', 'canvas-noise']);
export type UnreadableReason = v.InferOutput<typeof unreadableReason>;

const messageSchema = v.variant('type', [
  start,
  // A frame that is too large to be sent whole. The content script keeps the full-size picture until `frame-done`.
  v.object({ type: v.literal('frame'), ...frameFacts, thumbnail: picture(THUMBNAIL_SIDE_PIXELS) }),
  // The next bytes of the stored frame that comes after its parts. The frame's own message has the last ones.
  v.object({
    type: v.literal('frame-part'),
    bytes: v.pipe(
      bytesArray,
      v.check(({ byteLength }) => byteLength <= FRAME_PART_BYTE_LENGTH),
    ),
  }),
  storedFrame,
  // The answer to `cut`, in the order of its regions.
  v.object({
    type: v.literal('cuts'),
    frameIndex,
    cuts: v.pipe(v.array(picture(MAX_FRAME_SIDE_PIXELS)), v.maxLength(MAX_CUTS)),
  }),
  // Only for an automatic scan: whether the video is out of sight or paused, so that other scans go first.
  v.object({ type: v.literal('hold'), isHeld: v.boolean() }),
  // The picture can't be read from the element: the host tries another source, or ends the scan with this refusal.
  v.object({
    type: v.literal('refuse'),
    reason: unreadableReason,
    /** The picture is of another origin: the file or the screen may still be readable. */
    isForeign: v.exactOptional(v.boolean()),
  }),
  // The answer to `find-place`; our badge is hidden by then.
  v.object({
    type: v.literal('place'),
    askId: countFrom(1),
    place: screenPlace,
    /** Size of the video's own picture now: sites change it with the speed of the connection. */
    widthPixels: framePixels,
    heightPixels: framePixels,
    mediaTimeSeconds: finite,
    isPaused: v.boolean(),
  }),
  // The answer to `look`; null where the browser does not let the script in. It may come between other messages.
  v.object({ type: v.literal('seen'), seen: v.nullable(seenVideo) }),
  // No more frames come: the plan is fulfilled or the video has ended. `isStill`: the picture stood still when the scan's
  // turn came, so it has one frame.
  v.object({ type: v.literal('end'), isStill: v.exactOptional(v.boolean()) }),
  // The video left the page or changed its source: the host ends the scan as failed with this code.
  v.object({ type: v.literal('video-gone') }),
]);

export type ContentToHost = DeepReadonly<v.InferOutput<typeof messageSchema>>;

/**
 * Validates a message. A page could take over the process in which the content script runs, so the host validates each
 * message first. The limits are far above the values that our content script sends.
 * @returns the message with its known fields alone; null for a message that our content script does not send
 */
export function readContentMessage(message: unknown): ContentToHost | null {
  const result = v.safeParse(messageSchema, message, { abortEarly: true });
  return result.success ? result.output : null;
}

/** The test is not `v.instance`, since that would look the class up at once, and Node has none. */
function picture(maxSidePixels: number) {
  return v.custom<ImageData>(
    (value) => value instanceof ImageData && Math.max(value.width, value.height) <= maxSidePixels,
  );
}

function countFrom(min: number, max = Number.MAX_SAFE_INTEGER) {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
}

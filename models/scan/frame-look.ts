import { DetectorError } from '../../utils/domain/errors.ts';
import type { ScanMessage, CutRegion } from '../../utils/domain/frames-port.ts';
import { createFaceCropper } from '../face/face-cropper.ts';
import type { Analysis } from './analysis.ts';
import type { ScanChannel } from './channel.ts';
import type { EarlyEnd } from './early-end.ts';
import type { Judge } from './judge.ts';
import { refineFaces, regionOfCrop, regionOfSquare, secondLooks } from './regions.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { ScanRecord } from './scan-record.ts';

/** A page that cuts pictures answers in milliseconds; one that does not is frozen or gone. */
const CUT_TIMEOUT_MILLISECONDS = 10_000;

export type FrameMessage = Extract<ScanMessage, { readonly type: 'frame' }>;
/** What ends a scan; it may come while a cut is awaited. */
export type Ending = Extract<ScanMessage, { readonly type: 'end' | 'refuse' | 'video-gone' }>;

export type FrameLook = {
  /** Finds the faces of one frame and hands their crops to the judge. @returns the end, if it came meanwhile */
  readonly at: (frame: FrameMessage, signal: AbortSignal) => Promise<Ending | null>;
  readonly detectionMilliseconds: () => number;
};

/** The looks at one scan's frames, in time order: people are followed from frame to frame. */
export function createFrameLook(deps: {
  readonly analysis: Analysis;
  readonly channel: ScanChannel;
  readonly record: ScanRecord;
  readonly judge: Judge;
  readonly stopwatch: Stopwatch;
  /** null where every face is judged. */
  readonly earlyEnd: EarlyEnd | null;
}): FrameLook {
  const { analysis, channel, record, judge, stopwatch, earlyEnd } = deps;
  const cropper = createFaceCropper();
  let detectionMilliseconds = 0;
  let ending: Ending | null = null;

  async function cut(
    frameIndex: number,
    regions: readonly CutRegion[],
    signal: AbortSignal,
  ): Promise<readonly ImageData[] | null> {
    channel.post({ type: 'cut', frameIndex, regions });
    for (;;) {
      const message = await channel.next(CUT_TIMEOUT_MILLISECONDS, signal);
      if (message === null) throw new DetectorError('unreachable', 'the page does not answer');
      switch (message.type) {
        case 'cuts':
          assertAnswers(message, frameIndex, regions);
          return message.cuts;
        case 'end':
          // No further frame, but this one is still at hand.
          ending = message;
          break;
        case 'refuse':
        case 'video-gone':
          ending = message;
          return null;
        case 'start':
        case 'hold':
        case 'frame':
        case 'place':
          throw new DetectorError('internal', `unexpected ${message.type} from the content script`);
        default:
          message satisfies never;
      }
    }
  }

  async function look(frame: FrameMessage, signal: AbortSignal): Promise<void> {
    const { frameIndex, mediaTimeSeconds } = frame;
    const size = { width: frame.widthPixels, height: frame.heightPixels };
    const first = await analysis.findFaces(frame.thumbnail, size, signal);
    detectionMilliseconds += first.milliseconds;
    const looks = secondLooks(first.faces);
    if (looks.length === 0) return;
    const regions = looks.map(({ square }) => regionOfSquare(square));
    const pictures = await cut(frameIndex, regions, signal);
    if (pictures === null) return;
    const squares = looks.map(({ square }, index) => ({ square, picture: pictures[index]! }));
    const second = await analysis.findFacesInSquares(squares, signal);
    detectionMilliseconds += second.milliseconds;

    const placed = cropper.place(refineFaces(looks, second.faces), size);
    const usable = placed.flatMap(({ trackId, crop, use }) => {
      if (use.kind === 'usable') {
        return earlyEnd?.isSettled(trackId) === true ? [] : [{ personId: trackId, crop, marks: use.marks }];
      }
      if (use.reason === 'face-too-small') record.sawSmallFace(frameIndex);
      return [];
    });
    if (usable.length === 0) return;
    const crops = await cut(
      frameIndex,
      usable.map(({ crop }) => regionOfCrop(crop)),
      signal,
    );
    if (crops === null) return;
    for (const { personId } of usable) earlyEnd?.handedOver(personId);
    await judge.add(
      usable.map(({ personId, marks }, index) => ({
        place: { personId, frameIndex, mediaTimeSeconds, marks },
        crop: crops[index]!,
      })),
    );
  }

  return {
    at: async (frame, signal) => {
      await stopwatch.during(() => look(frame, signal));
      record.lookedAtFrame();
      return ending;
    },
    detectionMilliseconds: () => detectionMilliseconds,
  };
}

/** @throws DetectorError `internal` where the pictures are not those that were asked for */
function assertAnswers(
  { frameIndex, cuts }: Extract<ScanMessage, { readonly type: 'cuts' }>,
  askedFrameIndex: number,
  regions: readonly CutRegion[],
): void {
  const fits =
    frameIndex === askedFrameIndex &&
    cuts.length === regions.length &&
    regions.every(
      ({ outWidth, outHeight }, index) => cuts[index]?.width === outWidth && cuts[index].height === outHeight,
    );
  if (!fits) {
    throw new DetectorError('internal', `other pictures than were asked for of frame ${askedFrameIndex}`);
  }
}

import type { FrameScore, ScanReport } from './report.ts';

/** The judged frames of one person, in the order of the video's time. */
export type FaceTrack = { readonly personId: number; readonly frames: readonly FrameScore[] };

/** One track for each person, in order of appearance. */
export function tracksOf(scores: readonly FrameScore[]): readonly FaceTrack[] {
  return [...Map.groupBy(scores, ({ personId }) => personId)]
    .toSorted(([a], [b]) => a - b)
    .map(([personId, own]) => ({ personId, frames: own.toSorted(byTime) }));
}

function byTime(a: FrameScore, b: FrameScore): number {
  return a.mediaTimeSeconds - b.mediaTimeSeconds || a.frameIndex - b.frameIndex;
}

/** One judged frame of the video. */
export type JudgedFrame = {
  readonly mediaTimeSeconds: number;
  /** Score of the face with the highest score. */
  readonly score: number;
  readonly personId: number;
};

/** Each frame in which a face was judged, in the order of the video's time. */
export function judgedFrames(scores: readonly FrameScore[]): readonly JudgedFrame[] {
  return [...Map.groupBy(scores, ({ frameIndex }) => frameIndex).values()]
    .map((faces) => faces.reduce((highest, face) => (face.score > highest.score ? face : highest)))
    .toSorted(byTime);
}

/**
 * The scores that speak most clearly for a verdict, the clearest first: high ones for *likely manipulated*, low ones for *no
 * manipulation found*, and for *not sure* those farthest from the middle.
 */
export function mostTelling<Score extends Pick<FrameScore, 'score'>>(
  scores: readonly Score[],
  kind: Exclude<ScanReport['verdict']['kind'], 'refused'>,
  max: number,
): readonly Score[] {
  return scores.toSorted((a, b) => telling(b.score, kind) - telling(a.score, kind)).slice(0, max);
}

function telling(score: number, kind: Parameters<typeof mostTelling>[1]): number {
  switch (kind) {
    case 'likely-manipulated':
      return score;
    case 'no-manipulation-found':
      return -score;
    case 'not-sure':
      return Math.abs(score - 0.5);
    default:
      return kind satisfies never;
  }
}

type FaceBox = NonNullable<FrameScore['box']>;
/** A face's place at a time of the video. */
export type ShownFace = {
  readonly box: FaceBox;
  /** Between two judged frames, neither of which is near. */
  readonly isBetween: boolean;
};

/** A head seldom moves by a tenth of its side in this time. Chosen by eye, not measured. */
const NEAR_SECONDS = 0.2;
/**
 * The longest time between two judged frames over which a box is interpolated. In a longer time the video may show
 * another person and come back: typical shots of a conversation last two seconds and more.
 */
const MAX_GAP_SECONDS = 2;
/**
 * The longest way between two boxes that are interpolated, in sides of the face. The path of a face over a longer way
 * is not a straight line.
 */
const MAX_MOVE_SIDES = 0.25;
const MAX_SIZE_RATIO = 1.25;

/**
 * A person's face at a time of the video. Near a judged frame it is shown at its place there. Between two frames it is
 * interpolated if the scan took no frame in between and the face is at nearly the same place in both. At other times
 * its place is unknown.
 * @returns null where the face is not to be shown
 */
export function faceAt({ frames }: FaceTrack, seconds: number): ShownFace | null {
  const next = frames.findIndex(({ mediaTimeSeconds }) => mediaTimeSeconds > seconds);
  const after = next === -1 ? undefined : frames[next];
  const before = next === -1 ? frames.at(-1) : frames[next - 1];
  const distance = (frame: FrameScore | undefined): number =>
    frame === undefined ? Infinity : Math.abs(frame.mediaTimeSeconds - seconds);
  const nearest = distance(before) <= distance(after) ? before : after;
  const isNear = distance(nearest) <= NEAR_SECONDS;
  if (before?.box && after?.box && isSteady(before, after)) {
    const share = (seconds - before.mediaTimeSeconds) / (after.mediaTimeSeconds - before.mediaTimeSeconds);
    return { box: between(before.box, after.box, share), isBetween: !isNear };
  }
  return isNear && nearest?.box ? { box: nearest.box, isBetween: false } : null;
}

function isSteady(before: FrameScore, after: FrameScore): boolean {
  const [one, other] = [before.box!, after.box!];
  const isClose = (start: 'left' | 'top', side: 'width' | 'height'): boolean => {
    const move = Math.abs(one[start] + one[side] / 2 - other[start] - other[side] / 2);
    const ratio = Math.max(one[side], other[side]) / Math.min(one[side], other[side]);
    return move <= MAX_MOVE_SIDES * one[side] && ratio <= MAX_SIZE_RATIO;
  };
  return (
    after.frameIndex === before.frameIndex + 1 &&
    after.mediaTimeSeconds - before.mediaTimeSeconds <= MAX_GAP_SECONDS &&
    isClose('left', 'width') &&
    isClose('top', 'height')
  );
}

function between(one: FaceBox, other: FaceBox, share: number): FaceBox {
  const at = (key: keyof FaceBox): number => one[key] + share * (other[key] - one[key]);
  return { left: at('left'), top: at('top'), width: at('width'), height: at('height') };
}

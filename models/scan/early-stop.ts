import type { LogitRow } from '../detectors/detector.ts';
import { MIN_JUDGED_FRAMES } from './aggregate-verdict.ts';
import type { Scoring } from './aggregate-verdict.ts';

/** What is known of one person in the middle of a scan. */
export type PersonSoFar = {
  readonly framesJudged: number;
  /** Frames whose face is cut out but not judged yet. */
  readonly framesWaiting: number;
  /** Of all networks, as they go into the score. */
  readonly rows: readonly LogitRow[];
};

export type ScanSoFar = {
  readonly framesAsked: number;
  /** Frames that may still be looked at. */
  readonly framesToCome: number;
  /** One for each network. */
  readonly rowsPerFace: number;
  readonly people: readonly PersonSoFar[];
  readonly scoring: Scoring;
};

/** What can still become of *likely manipulated*, the one verdict that is said aloud. */
export type LoudOutcome = 'open' | 'certain' | 'impossible';

/** The bounds and the score sum the same rows in another order, in float64: they differ by less than this. */
const ROUNDING = 1e-9;

/** How much one person can still do to the verdict, whatever the frames to come show. */
export function loudOutcomeOfPerson(
  { framesJudged, framesWaiting, rows }: PersonSoFar,
  { framesAsked, framesToCome, rowsPerFace, scoring }: Omit<ScanSoFar, 'people'>,
): LoudOutcome {
  const needed = framesNeeded(framesAsked);
  const moreFrames = framesWaiting + framesToCome;
  if (framesJudged + moreFrames < needed) return 'impossible';
  const { likelyManipulatedFrom: loudFrom } = scoring.bands;
  const { lowest, highest } = scoring.scoreInterval(rows, moreFrames * rowsPerFace);
  if (highest < loudFrom - ROUNDING) return 'impossible';
  return framesJudged >= needed && lowest >= loudFrom + ROUNDING ? 'certain' : 'open';
}

/**
 * Whether the verdict on the whole video can still become, or cease to be, *likely manipulated*. Exact: every sigmoid
 * lies in 0 to 1, so each person's final score lies in a known interval; the most suspicious person with enough
 * frames decides, so one who is certain makes the video certain; and somebody who has not been seen yet can decide
 * it as long as enough frames are left.
 */
export function loudOutcome({ people, ...scan }: ScanSoFar): LoudOutcome {
  const outcomes = people.map((person) => loudOutcomeOfPerson(person, scan));
  if (outcomes.includes('certain')) return 'certain';
  if (scan.framesToCome >= framesNeeded(scan.framesAsked)) return 'open';
  return outcomes.every((outcome) => outcome === 'impossible') ? 'impossible' : 'open';
}

/**
 * Whether a scan may end here: *likely manipulated* is settled, and no refusal is left that the frames to come could
 * turn into a verdict.
 */
export function mayStop(scan: ScanSoFar): boolean {
  const outcome = loudOutcome(scan);
  if (outcome !== 'impossible') return outcome === 'certain';
  const needed = framesNeeded(scan.framesAsked);
  return (
    scan.people.some(({ framesJudged }) => framesJudged >= needed) ||
    scan.people.every(
      ({ framesJudged, framesWaiting }) => framesJudged + framesWaiting + scan.framesToCome < needed,
    )
  );
}

/** Whether a person's further faces need no judging: there is a verdict, and it can't become loud any more. */
export function isSettled(person: PersonSoFar, scan: Omit<ScanSoFar, 'people'>): boolean {
  return person.framesJudged >= MIN_JUDGED_FRAMES && loudOutcomeOfPerson(person, scan) === 'impossible';
}

function framesNeeded(framesAsked: number): number {
  return Math.min(MIN_JUDGED_FRAMES, framesAsked);
}

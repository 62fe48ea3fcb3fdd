import type { ScoredFace, Scoring } from './aggregate-verdict.ts';
import { MIN_JUDGED_FRAMES, willPassGate } from './quality-gate.ts';
import type { PersonToCome } from './quality-gate.ts';
import type { ScanRecord } from './scan-record.ts';

/** One person's results while a scan runs. */
export type PersonSoFar = {
  readonly framesJudged: number;
  /** Frames whose face is cut out but not judged yet. */
  readonly framesWaiting: number;
  /** The judged faces. All rows that the networks gave for them go into the score. */
  readonly faces: readonly ScoredFace[];
};

export type ScanSoFar = {
  readonly framesAsked: number;
  /** Frames that may still be examined. */
  readonly framesToCome: number;
  /** The rows of one face: one for each network. */
  readonly rowsPerFace: number;
  readonly people: readonly PersonSoFar[];
  /** See {@link PersonToCome}. */
  readonly leastBitsPerPixel: PersonToCome['leastBitsPerPixel'];
  readonly scoring: Scoring;
};

/** Whether the verdict can still be *likely manipulated*, the one that the badge shows loudly. */
type LoudOutcome = 'open' | 'certain' | 'impossible';

/** The bounds and the score sum the same rows in different orders, in float64. The results differ by less than this. */
const ROUNDING = 1e-9;

/** Whether the verdict on one person can still be *likely manipulated*, for any frames to come. */
export function loudOutcomeOfPerson(
  { framesJudged, framesWaiting, faces }: PersonSoFar,
  { framesAsked, framesToCome, rowsPerFace, scoring, leastBitsPerPixel }: Omit<ScanSoFar, 'people'>,
): LoudOutcome {
  const needed = framesNeeded(framesAsked);
  const moreFrames = framesWaiting + framesToCome;
  if (framesJudged + moreFrames < needed) return 'impossible';
  const { likelyManipulatedFrom: loudFrom } = scoring.bands;
  const rows = faces.flatMap((face) => face.rows);
  const { lowest, highest } = scoring.scoreInterval(rows, moreFrames * rowsPerFace);
  if (highest < loudFrom - ROUNDING) return 'impossible';
  if (framesJudged < needed || lowest < loudFrom + ROUNDING) return 'open';
  const toCome = { faces, moreFaces: moreFrames, leastBitsPerPixel };
  return willPassGate(toCome, scoring.trainedOn) ? 'certain' : 'open';
}

/**
 * Whether the verdict on the whole video can still become, or cease to be, *likely manipulated*. The answer is exact:
 * the detector bounds each person's final score, and the quality gate bounds the reasons against it. Only the bits for
 * each pixel rest on an assumption: the frames to come lie as far apart as those so far. A person who is *likely
 * manipulated* comes before all others, so one person whose outcome is certain makes the video's certain. A new person
 * can decide the video while enough frames are left.
 */
export function loudOutcome({ people, ...scan }: ScanSoFar): LoudOutcome {
  const outcomes = people.map((person) => loudOutcomeOfPerson(person, scan));
  if (outcomes.includes('certain')) return 'certain';
  if (scan.framesToCome >= framesNeeded(scan.framesAsked)) return 'open';
  return outcomes.every((outcome) => outcome === 'impossible') ? 'impossible' : 'open';
}

/**
 * Whether a scan may end here: *likely manipulated* is certain or impossible, and the frames to come can't turn a refusal
 * into a verdict.
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

/** Whether a person's further faces need no judging: the person has a verdict, and it can't become loud any more. */
export function isSettled(person: PersonSoFar, scan: Omit<ScanSoFar, 'people'>): boolean {
  return person.framesJudged >= MIN_JUDGED_FRAMES && loudOutcomeOfPerson(person, scan) === 'impossible';
}

function framesNeeded(framesAsked: number): number {
  return Math.min(MIN_JUDGED_FRAMES, framesAsked);
}

export type EarlyEnd = ReturnType<typeof createEarlyEnd>;

/**
 * Ends an automatic scan as soon as no further frame can change its loud verdict.
 * @param deps.networkCount rows that each face gives to its person's score
 */
export function createEarlyEnd(
  {
    framesAsked,
    networkCount,
    leastBitsPerPixel,
  }: {
    readonly framesAsked: number;
    readonly networkCount: number;
    readonly leastBitsPerPixel: (shareToCome: number) => PersonToCome['leastBitsPerPixel'];
  },
  record: ScanRecord,
  scoring: Scoring,
) {
  const handedFaces = new Map<number, number>();

  function personOf(personId: number): PersonSoFar {
    const faces = record.facesOf(personId);
    return {
      framesJudged: faces.length,
      framesWaiting: (handedFaces.get(personId) ?? 0) - faces.length,
      faces,
    };
  }

  const soFar = () => {
    const framesToCome = Math.max(0, framesAsked - record.framesScanned());
    return {
      framesAsked,
      framesToCome,
      rowsPerFace: networkCount,
      leastBitsPerPixel: leastBitsPerPixel(framesToCome / framesAsked),
      scoring,
    };
  };

  return {
    /** Whether this person's faces need no more judging. */
    isSettled: (personId: number) => isSettled(personOf(personId), soFar()),
    /** Notes that a face of this person goes to the judge. */
    handedOver: (personId: number) => {
      handedFaces.set(personId, (handedFaces.get(personId) ?? 0) + 1);
    },
    /** Whether the scan may end here. */
    mayStop: () => mayStop({ ...soFar(), people: [...handedFaces.keys()].map(personOf) }),
  };
}

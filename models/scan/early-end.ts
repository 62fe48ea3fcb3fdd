import { isSettled, mayStop, type PersonSoFar } from './early-stop.ts';
import type { Scoring } from './aggregate-verdict.ts';
import type { ScanRecord } from './scan-record.ts';

/** Whether an automatic scan has seen enough: see early-stop.ts. */
export type EarlyEnd = {
  /** Whether this person's faces need no more judging. */
  readonly isSettled: (personId: number) => boolean;
  /** A face of this person goes to the judge. */
  readonly handedOver: (personId: number) => void;
  /** Whether the scan may end here. */
  readonly mayStop: () => boolean;
};

/** @param networkCount rows that each face gives to its person's score */
export function createEarlyEnd(
  { framesAsked, networkCount }: { readonly framesAsked: number; readonly networkCount: number },
  record: ScanRecord,
  scoring: Scoring,
): EarlyEnd {
  const handedFaces = new Map<number, number>();

  function personOf(personId: number): PersonSoFar {
    const judged = record.rowsOf(personId);
    return {
      framesJudged: judged.length,
      framesWaiting: (handedFaces.get(personId) ?? 0) - judged.length,
      rows: judged.flat(),
    };
  }

  const soFar = () => ({
    framesAsked,
    framesToCome: Math.max(0, framesAsked - record.framesScanned()),
    rowsPerFace: networkCount,
    scoring,
  });

  return {
    isSettled: (personId) => isSettled(personOf(personId), soFar()),
    handedOver: (personId) => {
      handedFaces.set(personId, (handedFaces.get(personId) ?? 0) + 1);
    },
    mayStop: () => mayStop({ ...soFar(), people: [...handedFaces.keys()].map(personOf) }),
  };
}

/** A face's score by each network, 0 to 1, by the network's id. */
type NetworkScores = Readonly<Record<string, number>>;

/**
 * How repeated scores agree with a report's. `close` is what another device, such as WebGPU for WASM, may give: it sums in
 * another order.
 */
export type ScoreAgreement = {
  readonly kind: 'equal' | 'close' | 'different';
  /** Faces of which both have a score. */
  readonly faces: number;
  /** 0 to 1, over all faces and networks. */
  readonly largestDifference: number;
  /** Place among the compared faces where it is, from 0. */
  readonly largestAt: number;
};

/** The largest difference of a score that two right devices were seen to give, with room: one tenth of a shown point. */
export const MAX_DEVICE_DIFFERENCE = 1e-3;

/**
 * Compares face by face the scores of those networks that both have judged with.
 * @returns null where there is no such score
 */
export function compareScores(
  said: readonly NetworkScores[],
  repeated: readonly NetworkScores[],
): ScoreAgreement | null {
  let faces = 0;
  let largestDifference = 0;
  let largestAt = 0;
  for (const [index, scores] of repeated.entries()) {
    const differences = Object.entries(scores).flatMap(([network, score]) => {
      const former = said[index]?.[network];
      return former === undefined ? [] : Math.abs(score - former);
    });
    if (differences.length === 0) continue;
    faces++;
    const difference = Math.max(...differences);
    if (difference > largestDifference) {
      largestDifference = difference;
      largestAt = index;
    }
  }
  if (faces === 0) return null;
  const kind =
    largestDifference === 0 ? 'equal' : largestDifference <= MAX_DEVICE_DIFFERENCE ? 'close' : 'different';
  return { kind, faces, largestDifference, largestAt };
}

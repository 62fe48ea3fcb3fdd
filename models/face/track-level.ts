/**
 * A person's size changes slowly, the measured side of one frame jitters by several percent, and a pyramid
 * level is 20 % wide: near the border of two levels, single frames fall to either side at random.
 */

/** At about a sample a second, a face's size from further back says little about now. */
const WINDOW_FRAMES = 5;

/**
 * The continuous level of a person's latest frame, steadied by the frames before it: half-way between the
 * frame's own level and the median of the last five. Half-way, because the frame's own error and the change
 * since the median frame are of the same size: someone who walks up lags by one frame, an outlier loses half
 * its weight. It looks back only, so a live scan and a scan of the file cut the same crops.
 *
 * @param levels continuous levels of one track (crop-geometry's `continuousLevel`), oldest first, the frame in
 *   question last; at least one.
 */
export function steadyLevel(levels: readonly number[]): number {
  const own = levels.at(-1);
  if (own === undefined) throw new RangeError('a track has at least one frame');
  return (own + median(levels.slice(-WINDOW_FRAMES))) / 2;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1]!;
  return sorted.length % 2 === 1 ? upper : (upper + sorted[(sorted.length >> 1) - 1]!) / 2;
}

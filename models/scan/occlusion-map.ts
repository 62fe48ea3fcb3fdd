import type { OcclusionMap } from '../../utils/domain/occlusion.ts';
import type { RasterImage } from '../image/raster-image.ts';

/** Patches along a side: an eye or the mouth covers one to two of them, and 49 runs end within minutes on a processor. */
const GRID = 7;
/** A fifth of the patches, the largest share at which ERASER still reads single parts. */
const NAMED_PATCHES = 10;
/** With fewer random choices the comparison would be a matter of luck. Each costs a run. */
const RANDOM_DRAWS = 5;
/** Runs of one map: the whole face, each patch alone, the named patches together, and the random ones. */
const RUNS = 1 + GRID ** 2 + 1 + RANDOM_DRAWS;

export type OcclusionOptions = {
  /** The scores of pictures of the face's size, 0 to 1 each. The same picture gets the same score, whatever its place. */
  readonly judge: (pictures: readonly RasterImage[]) => Promise<readonly number[]>;
  /** The number of pictures that are judged in one call. */
  readonly batch: number;
  /** Called after each call of `judge`. */
  readonly onProgress: (done: number, all: number) => void;
};

/**
 * Covers each patch of a face in turn with the face's mean colour, and notes how the score changes (occlusion sensitivity:
 * Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2).
 *
 * Whether the map says anything true is measured as comprehensiveness at 20 %: the patches that it names first are covered
 * together, and the score has to move more than with random patches (DeYoung et al., "ERASER", ACL 2020, equation 1). That is
 * one step of the deletion metric of RISE (Petsiuk et al., BMVC 2018), with a random map beside it.
 *
 * @throws AbortError between two batches; as `judge` throws
 */
export async function occlusionMap(
  face: RasterImage,
  { judge, batch, onProgress }: OcclusionOptions,
  signal: AbortSignal,
): Promise<OcclusionMap> {
  const colour = meanColour(face);
  let done = 0;

  /** Makes the pictures of one batch at a time, so that no more of them are in memory. */
  async function scoresOf(covers: readonly (readonly number[])[]): Promise<readonly number[]> {
    const scores: number[] = [];
    for (let begin = 0; begin < covers.length; begin += batch) {
      signal.throwIfAborted();
      const pictures = covers.slice(begin, begin + batch).map((patches) => covered(face, patches, colour));
      scores.push(...(await judge(pictures)));
      done += pictures.length;
      onProgress(done, RUNS);
    }
    return scores;
  }

  const patches = Array.from({ length: GRID ** 2 }, (_, patch) => patch);
  const [score = NaN, ...alone] = await scoresOf([[], ...patches.map((patch) => [patch])]);
  const changes = alone.map((each) => each - score);
  // A patch matters if, without it, the score moves away from its own side of the middle.
  const away = score >= 0.5 ? -1 : 1;
  const named = patches
    .toSorted((a, b) => away * changes[b]! - away * changes[a]! || a - b)
    .slice(0, NAMED_PATCHES);
  const random = createRandom();
  const draws = Array.from({ length: RANDOM_DRAWS }, () =>
    patches
      .map((patch) => ({ patch, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .slice(0, NAMED_PATCHES)
      .map(({ patch }) => patch),
  );
  const [ofNamed = NaN, ...ofDraws] = (await scoresOf([named, ...draws])).map(
    (each) => away * (each - score),
  );
  return {
    grid: GRID,
    score,
    changes,
    faithfulness: { patches: NAMED_PATCHES, named: ofNamed, random: ofDraws },
  };
}

/** The mean of each channel over the whole picture. */
function meanColour({ data, channels }: RasterImage): readonly number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < data.length; at += channels) sum += data[at]!;
    return Math.round((sum * channels) / data.length);
  });
}

function covered(face: RasterImage, patches: readonly number[], colour: readonly number[]): RasterImage {
  const { width, height, channels } = face;
  const data = face.data.slice();
  for (const patch of patches) {
    const row = Math.floor(patch / GRID);
    const column = patch % GRID;
    const right = Math.round(((column + 1) * width) / GRID);
    const bottom = Math.round(((row + 1) * height) / GRID);
    for (let y = Math.round((row * height) / GRID); y < bottom; y++) {
      for (let x = Math.round((column * width) / GRID); x < right; x++) {
        data.set(colour, (y * width + x) * channels);
      }
    }
  }
  return { data, width, height, channels };
}

/**
 * Random numbers, 0 to 1, that are the same each time, so that a face always has the same map: a linear congruential
 * generator (Numerical Recipes).
 */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

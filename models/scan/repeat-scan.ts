import type { ScanReport } from '../../utils/domain/report.ts';
import type { KeptPicture, RepeatedFace, RepeatedScan } from '../../utils/domain/repeat.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { LogitRow, Noise } from '../detectors/detector.ts';
import { toRaster, type RgbImage } from '../image/raster-image.ts';
import { resizeArea } from '../image/resize-area.ts';
import type { LoadedModel } from './analysis.ts';

/** The installed networks, in memory. */
export type RepeatNetworks = Pick<LoadedModel, 'usedModel' | 'scoring' | 'facesPerRun'> & {
  /** Side of the networks' input. */
  readonly sidePixels: number;
  /**
   * Each network's logits, by its id, for each input. Aborts between two runs.
   * @param order place of the first input among the scan's faces, from 0, and the source of random inputs
   */
  readonly logitsOf: (
    inputs: readonly RgbImage[],
    order: { readonly first: number; readonly noise: Noise },
  ) => Promise<readonly Readonly<Record<string, LogitRow>>[]>;
};

/**
 * Judges a report's kept pictures again, with the noise that each face had by its place in the report.
 * @throws DetectorError `image-invalid` for an index that the report does not have; `runtime-failed`; AbortError
 */
export async function repeatScores(
  report: ScanReport,
  pictures: readonly KeptPicture[],
  networks: RepeatNetworks,
): Promise<RepeatedScan> {
  const { usedModel, scoring, sidePixels } = networks;
  if (pictures.some(({ picture }) => picture.width !== sidePixels || picture.height !== sidePixels)) {
    return { kind: 'other-input', sidePixels };
  }
  const { noiseSeed, model } = report.used;
  // Reports of earlier versions were made with the same seed, which they do not name.
  const noise: Noise = { kind: 'seed', seed: noiseSeed ?? 0 };
  const rowsOfFace = new Map<number, readonly LogitRow[]>();
  const faces: RepeatedFace[] = [];
  for (const run of runsOf(pictures, networks.facesPerRun)) {
    const inputs = run.map(({ picture }) => resizeArea(toRaster(picture), sidePixels, sidePixels));
    const logits = await networks.logitsOf(inputs, { first: run[0]!.index, noise });
    for (const [place, { index }] of run.entries()) {
      const reported = report.frameScores[index];
      if (reported === undefined) {
        throw new DetectorError('image-invalid', `the report has no face ${String(index)}`);
      }
      const rows = Object.values(logits[place]!);
      rowsOfFace.set(index, rows);
      const networkScores = Object.fromEntries(
        Object.entries(logits[place]!).map(([network, row]) => [network, scoring.fakeProbability(row)]),
      );
      const { score } = scoring.score(rows);
      const differences = Object.entries(reported.networkScores).map(([network, former]) =>
        // If a network does not judge now, only the score is compared.
        Math.abs(former - (networkScores[network] ?? former)),
      );
      faces.push({
        index,
        isSamePicture:
          reported.pixelsSha256 === null
            ? null
            : (await sha256Of(inputs[place]!.data)) === reported.pixelsSha256,
        score,
        networkScores,
        difference: Math.max(Math.abs(score - reported.score), ...differences),
      });
    }
  }
  const { verdict } = report;
  const score = repeatedScore(report, rowsOfFace, scoring);
  const differences = faces.map(({ difference }) => difference);
  if (score !== null && verdict.kind !== 'refused') differences.push(Math.abs(score - verdict.score));
  return {
    kind: 'repeated',
    model: usedModel,
    isSameModel: model?.modelId === usedModel.modelId,
    faces,
    score,
    largestDifference: Math.max(0, ...differences),
  };
}

/** The deciding person's score; null where a face of that person was not judged again. */
function repeatedScore(
  { verdict, frameScores }: ScanReport,
  rowsOfFace: ReadonlyMap<number, readonly LogitRow[]>,
  scoring: LoadedModel['scoring'],
): number | null {
  if (verdict.kind === 'refused') return null;
  // The rows are in the order in which the scan has summed them: floating-point sums depend on it.
  const rows = frameScores.flatMap(({ personId }, index) =>
    personId === verdict.decidingPersonId ? [rowsOfFace.get(index)] : [],
  );
  if (rows.length === 0 || rows.includes(undefined)) return null;
  return scoring.score(rows.flatMap((own) => own ?? [])).score;
}

/**
 * Divides the pictures into the scan's own runs: pictures that shared a run on a GPU share it again.
 * @returns runs of consecutive indices
 */
function runsOf(pictures: readonly KeptPicture[], facesPerRun: number): readonly (readonly KeptPicture[])[] {
  const runs: KeptPicture[][] = [];
  for (const kept of pictures) {
    const run = runs.at(-1);
    const isNext = run?.at(-1)?.index === kept.index - 1 && kept.index % facesPerRun !== 0;
    if (isNext) run.push(kept);
    else runs.push([kept]);
  }
  return runs;
}

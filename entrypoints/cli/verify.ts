import { checkBundle } from '../../models/evidence/check-bundle.ts';
import type { CheckedBundle } from '../../models/evidence/check-bundle.ts';
import type { LogitRow, Noise } from '../../models/detectors/detector.ts';
import { toRgba } from '../../models/image/raster-image.ts';
import type { RgbImage } from '../../models/image/raster-image.ts';
import { FACES_PER_RUN } from '../../models/scan/compute-logits.ts';
import { repeatScores } from '../../models/scan/repeat-scan.ts';
import { modelIdOf } from '../../models/store/model-store.ts';
import type { BundleProblem } from '../../utils/domain/bundle.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import { MAX_DIFFERENCE_BETWEEN_DEVICES } from '../../utils/domain/repeat.ts';
import type { RepeatedScan } from '../../utils/domain/repeat.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import { parseCommandLine, print, printable, runCommand, UsageError } from './command-line.ts';
import { judgeFaces, readModels } from './judge-faces.ts';
import type { ModelFolder } from './judge-faces.ts';
import { createNodeFileSource } from './node-file-source.ts';

const USAGE = `Checks an evidence bundle: its archive, the hashes of its files, its signature, and the pixels of its faces.

npm run verify -- BUNDLE.zip [--model DIR] [--model DIR2]

  --model  a folder made by npm run convert, one for each network of the report: the faces run through them again, and the
           scores are compared

The exit code is 0 where nothing was changed and, with --model, the scores are the same. A signature that fits says: made by
the browser profile with this key, and not changed since. It does not say who that is, nor that the report is right.`;

/** Earlier versions made all their reports with this seed, which the reports do not name. */
const DEFAULT_SEED = 0;

await runCommand(USAGE, async (args, signal) => {
  const { values, positionals } = parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: { model: { type: 'string', multiple: true } },
  });
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) throw new UsageError('expected one bundle');
  const models = await readModels(values.model ?? []);
  const source = await createNodeFileSource(path);
  try {
    const checked = await checkBundle(source, signal);
    await print(describeCheck(checked));
    if (checked.problems.length > 0) process.exitCode = 1;
    if (models.length > 0 && !(await repeatBundle(checked, models, signal))) process.exitCode = 1;
  } finally {
    await source.close();
  }
});

function describeCheck({ problems, fingerprint, exported, crops }: CheckedBundle): string {
  const lines = problems.map((problem) => `PROBLEM    ${describeProblem(problem)}`);
  if (problems.length === 0) lines.push('bundle     nothing was changed');
  lines.push(`key        ${fingerprint ?? 'none whose signature fits'}`);
  if (exported !== null) {
    lines.push(`report     ${describeReport(exported)}`);
    lines.push(
      `faces      ${crops.length} of ${exported.report.frameScores.length} judged faces are in the bundle`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function describeReport({ title, pageUrl, checkedAt, report: { verdict, used } }: ExportedReport): string {
  const found =
    verdict.kind === 'refused' ? verdict.reason : `${verdict.kind}, score ${verdict.score.toFixed(6)}`;
  const demo = used.model?.isDemo === true ? ' by a stand-in network, which means nothing' : '';
  return `"${printable(title)}" ${printable(pageUrl)}, checked at ${checkedAt}: ${found}${demo}`;
}

function describeProblem(problem: BundleProblem): string {
  switch (problem.kind) {
    case 'damaged':
      return `${printable(problem.file)}: its bytes are damaged`;
    case 'changed':
      return `${printable(problem.file)}: another file than the one that was signed`;
    case 'missing':
      return `${printable(problem.file)}: missing`;
    case 'surplus':
      return `${printable(problem.file)}: belongs to no bundle, or was not in it when it was signed`;
    case 'malformed':
      return `${printable(problem.file)}: not what its name says`;
    case 'other-pixels':
      return `${printable(problem.file)}: other pixels than those that the report names`;
    case 'signature':
      return 'SHA256SUMS.sig: the signature does not fit SHA256SUMS and the public key';
    case 'archive':
      return `the archive: ${problem.file === null ? 'its directory' : `its entry for ${printable(problem.file)}`} is not as TrueFrame writes it, from byte ${problem.offset} on; other programs that pack the files again write so too`;
    default:
      return problem satisfies never;
  }
}

/**
 * Compares the scores.
 * @returns whether they are the same, as far as this device can tell
 */
async function repeatBundle(
  { exported, crops }: CheckedBundle,
  models: readonly ModelFolder[],
  signal: AbortSignal,
): Promise<boolean> {
  const usedModel = exported?.report.used.model ?? null;
  if (exported === null || usedModel === null || crops.length === 0) {
    await print('scores     no faces to run again\n');
    return false;
  }
  const { report } = exported;
  const noise: Noise = { kind: 'seed', seed: report.used.noiseSeed ?? DEFAULT_SEED };
  const rowsOfNetworks = new Map<string, readonly LogitRow[]>();
  // One model is loaded after the other: in fp32, both at once would not fit the 4 GiB of a WASM heap.
  for (const model of models) {
    const faces = {
      count: crops.length,
      read: (index: number) => crops[index]!.picture,
      placeOf: (index: number) => crops[index]!.faceIndex,
      noise,
    };
    rowsOfNetworks.set(model.description.network, await judgeFaces(model, faces, signal));
  }
  const places = new Map(crops.map(({ faceIndex }, index) => [faceIndex, index]));
  const modelIds = await Promise.all(models.map(({ description }) => modelIdOf(description)));
  const repeated = await repeatScores(
    report,
    crops.map(({ faceIndex, picture }) => ({ index: faceIndex, picture: asImageData(picture) })),
    {
      usedModel: { ...usedModel, modelId: modelIds.join('+'), device: 'wasm' },
      scoring: models[0]!.detector,
      facesPerRun: FACES_PER_RUN.wasm,
      sidePixels: models[0]!.description.imageSize,
      logitsOf: (_inputs, { first }) =>
        Promise.resolve([
          Object.fromEntries(
            [...rowsOfNetworks].map(([network, rows]) => [network, rows[places.get(first)!]!]),
          ),
        ]),
    },
  );
  await print(`scores     ${describeRepeated(repeated, report)}\n`);
  return repeated.kind === 'repeated' && repeated.largestDifference <= MAX_DIFFERENCE_BETWEEN_DEVICES;
}

/** Node has no ImageData. Only these fields of it are read. */
function asImageData(picture: RgbImage): ImageData {
  return { width: picture.width, height: picture.height, data: toRgba(picture) } as unknown as ImageData;
}

function describeRepeated(repeated: RepeatedScan, { used, verdict }: ScanReport): string {
  switch (repeated.kind) {
    case 'model-missing':
      return 'no model';
    case 'other-input':
      return `the model takes pictures of ${repeated.sidePixels} pixels a side`;
    case 'repeated': {
      const { faces, largestDifference, isSameModel, model, score } = repeated;
      const said = verdict.kind === 'refused' ? null : verdict.score;
      const parts = [
        largestDifference === 0
          ? 'the same, bit for bit'
          : largestDifference <= MAX_DIFFERENCE_BETWEEN_DEVICES
            ? `the same as far as devices agree, at most ${largestDifference.toExponential(1)} apart`
            : `OTHER SCORES, up to ${largestDifference.toFixed(4)} apart`,
        `${faces.length} faces, judged on ${used.model?.device ?? 'another device'}, run again on wasm`,
      ];
      if (score !== null && said !== null) {
        parts.push(`video ${said.toFixed(6)} then, ${score.toFixed(6)} now`);
      }
      if (!isSameModel) {
        parts.push(`ANOTHER MODEL: ${printable(used.model?.modelId ?? '')} then, ${model.modelId} now`);
      }
      return parts.join('; ');
    }
    default:
      return repeated satisfies never;
  }
}

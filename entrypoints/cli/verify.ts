import { checkBundle } from '../../models/evidence/check-bundle.ts';
import type { CheckedBundle } from '../../models/evidence/check-bundle.ts';
import { compareScores } from '../../models/evidence/compare-scores.ts';
import type { ScoreAgreement } from '../../models/evidence/compare-scores.ts';
import type { Noise } from '../../models/detectors/detector.ts';
import { storedSha256Of } from '../../models/store/model-store.ts';
import type { BundleProblem } from '../../utils/domain/bundle.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import { parseCommandLine, print, printable, runCommand, UsageError } from './command-line.ts';
import { judgeFaces, readModels } from './judge-faces.ts';
import type { ModelFolder } from './judge-faces.ts';
import { createNodeFileSource } from './node-file-source.ts';

const USAGE = `Checks an evidence bundle: its archive, the hashes of its files, its signature, and the pixels of its faces.

npm run verify -- BUNDLE.zip [--model DIR] [--model DIR2]

  --model  a folder made by npm run convert: the faces run through this network again, and the scores are compared

The exit code is 0 where nothing was changed and, with --model, the scores are the same. A signature that fits says: made by
the browser profile with this key, and not changed since. It does not say who that is, nor that the report is right.`;

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
    for (const model of models) {
      if (!(await repeatScores(checked, model, signal))) process.exitCode = 1;
    }
  } finally {
    await source.close();
  }
});

function describeCheck({ problems, fingerprint, exported, crops }: CheckedBundle): string {
  const lines = problems.map((problem) => `PROBLEM    ${describeProblem(problem)}`);
  if (problems.length === 0) lines.push('bundle     nothing was changed');
  lines.push(`key        ${fingerprint ?? 'damaged'}`);
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
      return `${printable(problem.file)}: was not in the bundle when it was signed`;
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

/** @returns whether the scores are the same, as far as this device can tell */
async function repeatScores(
  { exported, crops }: CheckedBundle,
  model: ModelFolder,
  signal: AbortSignal,
): Promise<boolean> {
  const { network } = model.description;
  const say = (words: string): Promise<void> => print(`${network.padEnd(10)} ${words}\n`);
  const { noiseSeed = null, model: usedModel = null } = exported?.report.used ?? {};
  if (exported === null || usedModel === null || crops.length === 0) {
    await say('no faces to run again');
    return false;
  }
  const noise: Noise = noiseSeed === null ? { kind: 'none' } : { kind: 'seed', seed: noiseSeed };
  const rows = await judgeFaces(
    model,
    {
      count: crops.length,
      read: (index) => crops[index]!.picture,
      placeOf: (index) => crops[index]!.faceIndex,
      noise,
    },
    signal,
  );
  const agreement = compareScores(
    crops.map(({ faceIndex }) => exported.report.frameScores[faceIndex]!.networkScores),
    rows.map((row) => ({ [network]: model.detector.fakeProbability(row) })),
  );
  const stored = await storedSha256Of(model.description);
  const isSameModel = usedModel.hashes?.some(({ storedSha256 }) => storedSha256 === stored) ?? false;
  if (agreement === null) {
    await say(`this network did not judge; ${usedModel.modelId} did`);
    return false;
  }
  const other = isSameModel
    ? ''
    : `; this is another model than the report's ${printable(usedModel.modelId)}`;
  await say(`${describeAgreement(agreement, usedModel.device)}${other}`);
  return agreement.kind !== 'different';
}

function describeAgreement({ kind, faces, largestDifference }: ScoreAgreement, device: string): string {
  const compared = `${faces} faces run again on wasm, judged on ${device}`;
  switch (kind) {
    case 'equal':
      return `the same scores, bit for bit (${compared})`;
    case 'close':
      return `the same scores as devices round, largest difference ${largestDifference.toExponential(1)} (${compared})`;
    case 'different':
      return `OTHER SCORES, largest difference ${largestDifference.toFixed(4)} (${compared})`;
    default:
      return kind satisfies never;
  }
}

import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { calibrate, formatCalibration, testSetName } from '../../models/evaluation/calibrate.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import { of100, partOf, wilsonInterval } from '../../utils/domain/calibration.ts';
import type { Calibration, Part } from '../../utils/domain/calibration.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { unlabelledText } from './evaluation-text.ts';
import { readResults } from './read-results.ts';
import { parseChoice, parseCommandLine, print, printable, runCommand, UsageError } from './command-line.ts';

const DETECTORS = REGISTRY.detectors.map(({ id }) => id);

const USAGE = `Counts from result files how often a detector's verdicts are wrong.

npm run calibrate -- RESULT.json… [--detector ${DETECTORS.join('|')}] [--out FILE]

  RESULT.json  one test set each, as the detector's authors publish them: the name's last word, after _, names the set
  --detector   whose networks have judged, all of them together (${DETECTORS[0]!})
  --out        writes the table as the detector's calibration.ts

Prints for each set and verdict the real and the manipulated videos that get it, with 95 % intervals (Wilson).`;

await runCommand(USAGE, async (args) => {
  const { values, positionals } = parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: { detector: { type: 'string', default: DETECTORS[0]! }, out: { type: 'string' } },
  });
  if (positionals.length === 0) throw new UsageError('no result files');
  const { networks, name, bands } = REGISTRY.get(parseChoice('detector', values.detector, DETECTORS));
  const sets = [];
  for (const path of positionals) {
    sets.push({ name: testSetName(basename(path)), ...(await readResults(path, ['FAKE', 'REAL'])) });
  }
  const calibration = calibrate(
    sets,
    networks.map(({ id }) => id),
  );
  if (values.out !== undefined) {
    await writeFile(values.out, formatCalibration(calibration, originOf(name, positionals)));
  }
  const leftOut = sets.filter(({ unlabelled }) => unlabelled > 0);
  await print(
    `${describe(calibration, bands)}${leftOut.map((set) => `${printable(set.name)}: ${unlabelledText(set.unlabelled)}\n`).join('')}`,
  );
});

function originOf(name: string, paths: readonly string[]): string {
  const files = paths.map((path) => printable(basename(path)).replaceAll('*/', '')).toSorted();
  return `the result files of ${name}'s authors, one score for each video:\n * ${files.join(', ')}.`;
}

function describe({ sets }: Calibration, bands: ScoreBands): string {
  const { noManipulationUpTo, likelyManipulatedFrom } = bands;
  const lines = sets.flatMap(({ name, real, fake }) => [
    name,
    ...(['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const).map(
      (kind) =>
        `  ${kind.padEnd(22)}real ${shareText(partOf(real, kind, bands))}   manipulated ${shareText(partOf(fake, kind, bands))}`,
    ),
  ]);
  return `likely manipulated from ${likelyManipulatedFrom}, no manipulation found up to ${noManipulationUpTo}\n${lines.join('\n')}\n`;
}

/** "39 of 590, 7 of 100 (4.9 to 8.9)" */
function shareText(part: Part): string {
  const { low, high } = wilsonInterval(part);
  const [from, to] = [low, high].map((share) => (100 * share).toFixed(1));
  const shares = `${String(part.count).padStart(5)} of ${part.videos}, ${of100(part)} of 100 (${from!} to ${to!})`;
  return shares.padEnd(44);
}

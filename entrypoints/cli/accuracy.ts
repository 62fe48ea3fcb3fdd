import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { REGISTRY } from '../../models/detectors/registry.ts';
import { accuracyTable, withAccuracy } from '../../models/evaluation/accuracy.ts';
import { calibrate, testSetName } from '../../models/evaluation/calibrate.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { parseChoice, parseCommandLine, print, runCommand, UsageError } from './command-line.ts';
import { readResults } from './read-results.ts';

const CALIBRATED = REGISTRY.detectors.filter(({ calibration }) => calibration !== null).map(({ id }) => id);
const README = resolve(import.meta.dirname, '../../README.md');

const USAGE = `Counts the figures of README and of the options page again and fails where one differs.

npm run accuracy -- RESULT.json… [--detector ${CALIBRATED.join('|')}] [--write]

  RESULT.json  all result files of the detector's authors, as for npm run calibrate
  --detector   whose they are (${CALIBRATED[0]!})
  --write      writes the figures into README instead

The options page takes its figures from the detector's calibration, which is compared count for count.`;

await runCommand(USAGE, async (args) => {
  const { values, positionals } = parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: {
      detector: { type: 'string', default: CALIBRATED[0]! },
      write: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) throw new UsageError('no result files');
  const { networks, bands, calibration } = REGISTRY.get(parseChoice('detector', values.detector, CALIBRATED));
  const sets = [];
  for (const path of positionals) {
    sets.push({ name: testSetName(basename(path)), ...(await readResults(path, ['FAKE', 'REAL'])) });
  }
  const counted = calibrate(
    sets,
    networks.map(({ id }) => id),
  );
  const table = accuracyTable(counted, bands);
  const readme = await readFile(README, 'utf8');
  const expected = withAccuracy(readme, table);
  if (values.write) await writeFile(README, expected);
  const differing = [
    ...(isDeepStrictEqual(counted, calibration) ? [] : ["the detector's calibration"]),
    ...(readme === expected || values.write ? [] : ['README.md']),
  ];
  await print(`${table}\n`);
  if (differing.length > 0) {
    throw new DetectorError('results-invalid', `other figures stand in ${differing.join(' and in ')}`);
  }
});

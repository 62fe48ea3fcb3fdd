import { countScores } from '../../utils/domain/calibration.ts';
import type { CalibratedSet, Calibration } from '../../utils/domain/calibration.ts';
import { computeRanking, rankVideos } from './metrics.ts';
import type { LabelledScore } from './metrics.ts';

/** A test set with the name by which it is known. */
export type TestSet = { readonly name: string; readonly videos: readonly LabelledScore[] };

/** Names of the test sets. The keys are the words at the end of the names of the authors' files. */
const SET_NAMES: Readonly<Record<string, string>> = {
  'Celeb-DF': 'Celeb-DF v2',
  'FF++': 'FaceForensics++',
};

/** The test set's name by its file's name: `data_april14_FF++.json` is FaceForensics++. */
export function testSetName(fileName: string): string {
  const word = fileName.replace(/\.\w+$/, '').replace(/^.*_/, '');
  return SET_NAMES[word] ?? word;
}

/**
 * Counts the scores of each test set by hundredths. The set in which real and manipulated videos are told apart worst comes
 * first.
 * @param networks ids of those whose scores these are
 * @throws RangeError without a set, and for one that lacks a class
 */
export function calibrate(sets: readonly TestSet[], networks: readonly string[]): Calibration {
  const [first, ...others] = sets
    .map(({ name, videos }): CalibratedSet & { readonly areaUnderCurve: number } => {
      const scoresOf = (trueLabel: LabelledScore['trueLabel']): readonly number[] =>
        videos.filter((video) => video.trueLabel === trueLabel).map(({ score }) => score);
      const [real, fake] = [scoresOf('REAL'), scoresOf('FAKE')];
      const { areaUnderCurve } = computeRanking(rankVideos(videos));
      if (areaUnderCurve === null) throw new RangeError(`${name} has videos of one class only`);
      return { name, real: countScores(real), fake: countScores(fake), areaUnderCurve };
    })
    .toSorted((a, b) => a.areaUnderCurve - b.areaUnderCurve)
    .map(({ name, real, fake }) => ({ name, real, fake }));
  if (first === undefined) throw new RangeError('a calibration needs a test set');
  return { networks, sets: [first, ...others] };
}

/** The path of the type's file, as a detector's own files import it. */
const DOMAIN_FILE = '../../../utils/domain/calibration.ts';
/** The longest line of source, as Prettier breaks it. */
const LINE_LENGTH = 110;

/** The source of a detector's `calibration.ts`. @param origin where the scores come from, in one line */
export function formatCalibration({ networks, sets }: Calibration, origin: string): string {
  const counts = (name: string, { atLeast, exactly }: CalibratedSet['real']): string =>
    `      ${name}: {
        atLeast: [
${filled(atLeast, 10)}
        ],
        exactly: {${Object.entries(exactly)
          .map(([step, count]) => ` ${step}: ${count}`)
          .join(',')}${Object.keys(exactly).length > 0 ? ' ' : ''}},
      },`;
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  return `import type { Calibration } from ${quoted(DOMAIN_FILE)};

/**
 * Counted by \`npm run calibrate\` from ${origin}
 */
export const CALIBRATION: Calibration = {
  networks: [${networks.map(quoted).join(', ')}],
  sets: [
${sets
  .map(
    ({ name, real, fake }) => `    {
      name: ${quoted(name)},
${counts('real', real)}
${counts('fake', fake)}
    },`,
  )
  .join('\n')}
  ],
};
`;
}

/** Numbers in lines that are as long as they can be. */
function filled(numbers: readonly number[], indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const number of numbers) {
    const item = `${number},`;
    if (line !== '' && indent + line.length + 1 + item.length > LINE_LENGTH) {
      lines.push(line);
      line = item;
    } else line = line === '' ? item : `${line} ${item}`;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each).join('\n');
}

import { DetectorError } from '../../utils/domain/errors.ts';
import type { TrueLabel } from '../../utils/domain/evaluation.ts';

/** One row of a label file. `label` is null if the file's word for it is unknown. */
export type LabelRow = {
  readonly path: string;
  readonly label: TrueLabel | null;
  /** The word in the file. */
  readonly word: string;
  /** The column `class`; null if there is none. */
  readonly klass: string | null;
  /** The file's name for the original video or the person that the video stems from; null where it has none. */
  readonly group: string | null;
};

/** All of DFDC has 128,154 videos; this leaves some room. */
const MAX_ROWS = 200_000;

const PATH_COLUMNS = ['path', 'file', 'filename', 'name', 'video'];
const LABEL_COLUMNS = ['label', 'correct_label', 'truth'];
const CLASS_COLUMNS = ['class', 'klass', 'method'];
const GROUP_COLUMNS = ['group', 'original', 'person'];

const WORDS: Readonly<Record<string, TrueLabel>> = { real: 'REAL', fake: 'FAKE' };

/**
 * Reads a table of paths and labels, separated by tabs or commas. The first row names the columns: `path`, `label`, and
 * perhaps `class` and `group`. Without such a row the first column is the path and the second one the label. Labels are
 * `real` and `fake` in any case. Numbers are no labels, since data sets disagree on which class is 1.
 * @throws DetectorError `options-invalid` for a file without two columns, with the line
 */
export function parseLabelFile(text: string): readonly LabelRow[] {
  const separator = text.includes('\t') ? '\t' : ',';
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ line: index + 1, cells: splitRow(line, separator) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  if (rows.length > MAX_ROWS) {
    throw new DetectorError('options-invalid', `the label file has more than ${MAX_ROWS} rows`);
  }
  const head = rows[0]?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const indexOf = (names: readonly string[]): number => head.findIndex((name) => names.includes(name));
  const hasHead = indexOf(PATH_COLUMNS) >= 0 && indexOf(LABEL_COLUMNS) >= 0;
  const pathAt = hasHead ? indexOf(PATH_COLUMNS) : 0;
  const labelAt = hasHead ? indexOf(LABEL_COLUMNS) : 1;
  const classAt = hasHead ? indexOf(CLASS_COLUMNS) : 2;
  const groupAt = hasHead ? indexOf(GROUP_COLUMNS) : 3;
  return rows.slice(hasHead ? 1 : 0).map(({ line, cells }) => {
    const path = cells[pathAt];
    const word = cells[labelAt];
    if (path === undefined || path === '' || word === undefined) {
      throw new DetectorError('options-invalid', `line ${line} of the label file has no path and label`);
    }
    const label = WORDS[word.toLowerCase()] ?? null;
    return {
      path: path.replaceAll('\\', '/'),
      label,
      word,
      klass: textOf(cells[classAt]),
      group: textOf(cells[groupAt]),
    };
  });
}

/** The names in a list: a JSON array, or one in each line. Celeb-DF's own list has its label before each. */
export function parseNameList(text: string): readonly string[] {
  if (text.trimStart().startsWith('[')) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      throw new DetectorError('options-invalid', 'the list of videos is no JSON', { cause });
    }
    if (Array.isArray(parsed) && parsed.every((name) => typeof name === 'string')) return parsed;
    throw new DetectorError('options-invalid', 'the list of videos is no array of names');
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^[01]\s+(?=\S)/, ''))
    .filter((line) => line !== '');
}

/** RFC 4180 within one line: cells in quotes may hold the separator, and a quote is doubled. */
function splitRow(line: string, separator: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (isQuoted && character === '"' && line[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"' && (isQuoted || cell === '')) {
      isQuoted = !isQuoted;
    } else if (character === separator && !isQuoted) {
      cells.push(cell.trim());
      cell = '';
    } else {
      cell += character;
    }
  }
  return [...cells, cell.trim()];
}

function textOf(cell: string | undefined): string | null {
  return cell === undefined || cell === '' ? null : cell;
}

import { accuracyAtHalf, of100, partOf, shownOf100, wilsonInterval } from '../../utils/domain/calibration.ts';
import type { Calibration } from '../../utils/domain/calibration.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';

/** The marks before and after the figures in a Markdown file. */
const [BEGIN, END] = ['<!-- accuracy -->', '<!-- /accuracy -->'] as const;

/** How often a detector is right on each test set, as a Markdown table in Prettier's form. */
export function accuracyTable({ sets }: Calibration, bands: ScoreBands): string {
  const from = Math.round(100 * bands.likelyManipulatedFrom);
  const rows = [
    [
      'test set',
      'videos, real and manipulated',
      'judged rightly, cut at 50',
      `real videos that score ${from} or more`,
    ],
    ...sets.map((set) => {
      const right = accuracyAtHalf(set);
      const falseAlarms = partOf(set.real, 'likely-manipulated', bands);
      const { low, high } = wilsonInterval(falseAlarms);
      return [
        set.name,
        `${set.real.atLeast[0]!} and ${set.fake.atLeast[0]!}`,
        `${((100 * right.count) / right.videos).toFixed(1)} of 100`,
        `${of100(falseAlarms)} of 100 (${shownOf100(low)} to ${shownOf100(high)})`,
      ];
    }),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const [head, ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column]!))));
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

/**
 * A Markdown text with these figures between its marks.
 * @throws RangeError for a text without the marks
 */
export function withAccuracy(text: string, table: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new RangeError(`there is no ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}

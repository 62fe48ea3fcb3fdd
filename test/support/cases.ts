/** Set for the project `full`, which runs some files of other projects again with all their cases. */
const hasAllCases = process.env.TRUEFRAME_ALL_CASES === 'yes';

/**
 * The cases of a test that is run for many of a kind: in `npm test` those at these places, which are one of each kind; in
 * the project `full` all.
 */
export function casesAt<Case>(cases: readonly Case[], ...places: readonly number[]): readonly Case[] {
  return hasAllCases ? cases : places.map((place) => cases[place]!);
}

/** Characters of a foreign text that are shown in a message: a key has about 80, a path some more. */
const MAX_SHOWN_CHARACTERS = 120;

// Controls (terminals obey them, U+009B too), invisible marks that turn the reading direction, other line ends.
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text from a file that is not trusted, for a message of one line: cut, and whatever a terminal or a reader could take
 * for something else is escaped. Without quotation marks around it.
 */
export function showForeign(text: string, maxCharacters = MAX_SHOWN_CHARACTERS): string {
  const cut = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  return escapeUnshown(JSON.stringify(cut).slice(1, -1));
}

/** Whole text, in which only what a terminal could obey and what can't be seen is escaped. */
export function escapeUnshown(text: string): string {
  return text.replace(UNSHOWN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Characters of a foreign text that are shown in a message: a key has about 80, a path some more. */
const MAX_SHOWN_CHARACTERS = 120;

// Control characters (terminals obey them, U+009B too), invisible marks that turn the reading direction, and other line
// ends.
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Prepares a text from a file that is not trusted for a message of one line. It is cut, and every character that a
 * terminal obeys, or that a reader could misread, is escaped. The result has no quotation marks around it.
 */
export function showForeign(text: string, maxCharacters = MAX_SHOWN_CHARACTERS): string {
  const cut = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  return escapeUnshown(JSON.stringify(cut).slice(1, -1));
}

/** The whole text, in which only characters that a terminal obeys or that can't be seen are escaped. */
export function escapeUnshown(text: string): string {
  return text.replace(UNSHOWN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

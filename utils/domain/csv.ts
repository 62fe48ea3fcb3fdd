/** What a spreadsheet takes for the beginning of a formula; the last four are the full-width forms of the first four. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * One field of a CSV (RFC 4180) for spreadsheets. A text that they would run is quoted with an apostrophe: titles and names
 * of files come from anybody (OWASP, "CSV Injection").
 */
export function csvField(value: string | number): string {
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Match patterns of origins (`*://*.example.com/*`): their paths are always `/*`. */

/** Whether every address of `narrow` is one of `wide`'s (https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Match_patterns). */
export function covers(wide: string, narrow: string): boolean {
  const [wideScheme, wideHost] = partsOf(wide);
  const [scheme, host] = partsOf(narrow);
  if (wideScheme !== '*' && wideScheme !== scheme) return false;
  if (wideHost === '*' || wideHost === host) return true;
  if (!wideHost.startsWith('*.')) return false;
  const base = wideHost.slice(2);
  return host === base || host.endsWith(`.${base}`);
}

function partsOf(pattern: string): readonly [scheme: string, host: string] {
  if (pattern === '<all_urls>') return ['*', '*'];
  const [scheme = '', rest = ''] = pattern.split('://', 2);
  return [scheme, rest.split('/', 1)[0] ?? ''];
}

/** Whether an address is of one of those origins; false for what is no address. */
export function isOfOrigins(url: string, patterns: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  // Patterns know no ports.
  const { protocol, hostname } = new URL(url);
  return patterns.some((pattern) => covers(pattern, `${protocol}//${hostname}/*`));
}

import { covers } from '../../utils/domain/origin-patterns.ts';

/**
 * Which origins are given back when badges are switched off: those that badges have brought and that nothing else needs.
 * Pure. Origins are match patterns as the browser lists them (`*://*.example.com/*`); their paths are always `/*`.
 */

export type OriginsHeld = {
  /** Brought by badges, of whichever site, and not given back yet. */
  readonly brought: readonly string[];
  /** All that the extension has now. */
  readonly granted: readonly string[];
  /** What the sites that stay on were asked for with. */
  readonly neededBySites: readonly string[];
};

/** Of what a site asks for, what was not there before: the rest was granted for something else, or for another site. */
export function originsBrought(asked: readonly string[], heldBefore: readonly string[]): readonly string[] {
  return asked.filter((pattern) => !isCovered(pattern, heldBefore));
}

/**
 * The browser takes with a pattern every narrower one that it covers. So one that covers what something else needs stays as
 * a whole: a part of it can't be asked for without the user.
 */
export function originsToGiveBack({ brought, granted, neededBySites }: OriginsHeld): readonly string[] {
  const needed = [...neededBySites, ...granted.filter((pattern) => !brought.includes(pattern))].filter(
    (pattern) => isCovered(pattern, granted),
  );
  let left = granted;
  return brought.filter((pattern) => {
    const others = left.filter((other) => !covers(pattern, other));
    if (others.length === left.length || !needed.every((need) => isCovered(need, others))) return false;
    left = others;
    return true;
  });
}

function isCovered(pattern: string, by: readonly string[]): boolean {
  return by.some((other) => covers(other, pattern));
}

import { browser } from 'wxt/browser';
import { NO_POLICY, parsePolicy } from '../domain/policy.ts';
import type { PolicyState } from '../domain/policy.ts';

/** What the administrator has set, now. Firefox refuses the question where there is no policy. */
export async function readPolicy(): Promise<PolicyState> {
  const { managed } = browser.storage as Partial<typeof browser.storage>;
  if (managed === undefined) return NO_POLICY;
  const stored = import.meta.env.FIREFOX
    ? await managed.get(null).catch(() => ({}))
    : await managed.get(null);
  return parsePolicy(stored);
}

/** Calls back whenever the administrator changes something. @returns stops watching */
export function watchPolicy(onChange: (state: PolicyState) => void): () => void {
  const listener = (_changes: unknown, area: string): void => {
    if (area === 'managed') void readPolicy().then(onChange);
  };
  const { onChanged } = browser.storage as Partial<typeof browser.storage>;
  onChanged?.addListener(listener);
  return () => onChanged?.removeListener(listener);
}

import { browser } from 'wxt/browser';
import { parsePolicy } from '../domain/policy.ts';
import type { PolicyState } from '../domain/policy.ts';
import { createStoredItem } from './stored-item.ts';

/** A policy that is loaded comes within some milliseconds. */
const LOADED_WITHIN_MILLISECONDS = 100;

/** The policy as the browser gave it last. */
const lastKnown = createStoredItem<unknown>({
  key: 'local:managed-policy',
  valid: (stored) => stored ?? {},
});

/**
 * What the administrator has set. Chromium loads policies for up to five seconds after its start; until then this is what they
 * were at last, so that no page and no check waits, and {@link watchPolicy} tells of a change.
 */
export async function readPolicy(): Promise<PolicyState> {
  const late = new Promise<null>((elapsed) => {
    setTimeout(() => elapsed(null), LOADED_WITHIN_MILLISECONDS);
  });
  return (await Promise.race([loadPolicy(), late])) ?? parsePolicy(await lastKnown.read());
}

/** The same, once the browser has loaded it. */
export async function loadPolicy(): Promise<PolicyState> {
  const policy = await askBrowser();
  void remember(policy);
  return parsePolicy(policy);
}

/** Firefox refuses the question where there is no policy. */
async function askBrowser(): Promise<object> {
  const { managed } = browser.storage as Partial<typeof browser.storage>;
  if (managed === undefined) return {};
  return import.meta.env.FIREFOX ? await managed.get(null).catch(() => ({})) : await managed.get(null);
}

/** Writes nothing, and so tells no context of it, where it is as it was. */
async function remember(policy: object): Promise<void> {
  if (JSON.stringify(policy) !== JSON.stringify(await lastKnown.read())) await lastKnown.write(policy);
}

/** Calls back whenever the administrator changes something. @returns stops watching */
export function watchPolicy(onChange: (state: PolicyState) => void): () => void {
  const listener = (_changes: unknown, area: string): void => {
    if (area === 'managed') void loadPolicy();
  };
  const { onChanged } = browser.storage as Partial<typeof browser.storage>;
  onChanged?.addListener(listener);
  // Some context has it from the browser, which has loaded it then.
  const stop = lastKnown.watch(() => void askBrowser().then((policy) => onChange(parsePolicy(policy))));
  return () => {
    onChanged?.removeListener(listener);
    stop();
  };
}

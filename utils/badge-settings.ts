import { browser } from 'wxt/browser';

/** How much of one core, or of the GPU's time, automatic checks may take, over all tabs. */
export type Budget = 'low' | 'medium' | 'high';

/** As shares of one core or of the GPU's time. Checks by hand are not bounded: somebody waits for them. */
export const BUDGET_SHARES: Readonly<Record<Budget, number>> = { low: 0.15, medium: 0.35, high: 0.7 };

/** What the user has chosen about automatic badges on every site where they are on. */
export type BadgeSettings = {
  readonly budget: Budget;
  readonly isPausedEverywhere: boolean;
  /** Milliseconds since the epoch; null where no pause of a certain length was asked for. */
  readonly pausedUntil: number | null;
  readonly onlyPluggedIn: boolean;
  readonly notOnMetered: boolean;
  /** Else a video in full screen has no badge on it but one of a check by hand. */
  readonly showsInFullScreen: boolean;
};

export const DEFAULT_BADGE_SETTINGS: BadgeSettings = {
  budget: 'low',
  isPausedEverywhere: false,
  pausedUntil: null,
  onlyPluggedIn: false,
  notOnMetered: false,
  showsInFullScreen: false,
};

/** "Pause for an hour". */
export const PAUSE_MILLISECONDS = 60 * 60 * 1000;

const STORAGE_KEY = 'badge-settings';

/** The defaults stand for whatever was never chosen, or is not what this version writes. */
export async function readBadgeSettings(): Promise<BadgeSettings> {
  const stored = (await browser.storage.local.get(STORAGE_KEY))[STORAGE_KEY];
  return validBadgeSettings(stored);
}

/** Storage outlives versions. */
export function validBadgeSettings(stored: unknown): BadgeSettings {
  const found: Partial<Record<keyof BadgeSettings, unknown>> =
    typeof stored === 'object' && stored !== null ? stored : {};
  const flag = (
    key: 'isPausedEverywhere' | 'onlyPluggedIn' | 'notOnMetered' | 'showsInFullScreen',
  ): boolean => (typeof found[key] === 'boolean' ? found[key] : DEFAULT_BADGE_SETTINGS[key]);
  return {
    budget: isBudget(found.budget) ? found.budget : DEFAULT_BADGE_SETTINGS.budget,
    isPausedEverywhere: flag('isPausedEverywhere'),
    pausedUntil:
      typeof found.pausedUntil === 'number' && Number.isFinite(found.pausedUntil) ? found.pausedUntil : null,
    onlyPluggedIn: flag('onlyPluggedIn'),
    notOnMetered: flag('notOnMetered'),
    showsInFullScreen: flag('showsInFullScreen'),
  };
}

/** Changes some of them; the others stay. */
export async function changeBadgeSettings(change: Partial<BadgeSettings>): Promise<void> {
  await browser.storage.local.set({ [STORAGE_KEY]: { ...(await readBadgeSettings()), ...change } });
}

/** Calls back whenever any context changes them. @returns stops watching */
export function watchBadgeSettings(onChange: (settings: BadgeSettings) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string): void => {
    const change = changes[STORAGE_KEY];
    if (area === 'local' && change !== undefined) onChange(validBadgeSettings(change.newValue));
  };
  browser.storage.onChanged.addListener(listener);
  return () => {
    browser.storage.onChanged.removeListener(listener);
  };
}

/** Whether the user has paused automatic checks at this time, in milliseconds since the epoch. */
export function isPausedByUser(
  { isPausedEverywhere, pausedUntil }: Pick<BadgeSettings, 'isPausedEverywhere' | 'pausedUntil'>,
  now: number,
): boolean {
  return isPausedEverywhere || (pausedUntil !== null && now < pausedUntil);
}

function isBudget(value: unknown): value is Budget {
  return typeof value === 'string' && Object.hasOwn(BUDGET_SHARES, value);
}

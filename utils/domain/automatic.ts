import type { ScanState } from './scan.ts';

/** What keeps automatic checks from going on. */
export type AutomaticPause = 'by-user' | 'on-battery' | 'metered-network' | 'machine-busy' | 'memory';

/** How automatic checks are getting on, over all tabs. */
export type AutomaticState = {
  readonly waitingScans: number;
  readonly pauses: readonly AutomaticPause[];
  /** Of one core or of the GPU's time, over the last minute; 0 to 1 and, on many cores, beyond. */
  readonly usedShare: number;
  /** What this browser does not tell, so that no pause can rest on it. */
  readonly unknown: readonly ('battery' | 'network' | 'pressure')[];
};

export type AutomaticBeginning =
  | { readonly kind: 'check'; readonly framesAsked: number }
  /** The same model has judged this video before. */
  | {
      readonly kind: 'remembered';
      readonly scanId: string;
      readonly state: Extract<ScanState, { readonly kind: 'finished' }>;
    }
  /** Paused, or no network is installed. */
  | { readonly kind: 'not-now' };

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

/** Stored settings with the defaults for what is not valid. Without valibot: scripts in pages use this, where every byte counts. */
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

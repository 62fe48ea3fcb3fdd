import type { ScanState } from './scan.ts';

/** Why automatic scans are paused. */
export type AutomaticPause = 'by-user' | 'on-battery' | 'metered-network' | 'machine-busy' | 'memory';

/** The automatic scans of all tabs. */
export type AutomaticState = {
  readonly waitingScans: number;
  readonly pauses: readonly AutomaticPause[];
  /** The share of one core, or of the GPU's time, over the last minute; above 1 on several cores. */
  readonly usedShare: number;
  /** Conditions that this browser does not report, so that none of them causes a pause. */
  readonly unknown: readonly ('battery' | 'network' | 'pressure')[];
};

export type AutomaticBeginning =
  | {
      readonly kind: 'check';
      readonly framesAsked: number;
      /** Address of the post that contains the video; null where none was found. */
      readonly postUrl: string | null;
    }
  /** The model that would judge now has judged this video before. */
  | {
      readonly kind: 'remembered';
      readonly scanId: string;
      readonly state: Extract<ScanState, { readonly kind: 'finished' }>;
    }
  /** Paused, or no network is installed. */
  | { readonly kind: 'not-now' };

/** How much of one core, or of the GPU's time, the automatic scans of all tabs may take. */
export type Budget = 'low' | 'medium' | 'high';

/** Shares of one core or of the GPU's time. Scans by hand have no limit, since the user waits for them. */
export const BUDGET_SHARES: Readonly<Record<Budget, number>> = { low: 0.15, medium: 0.35, high: 0.7 };

export const BUDGETS = Object.keys(BUDGET_SHARES) as readonly Budget[];

/** The user's choices about automatic badges, for all sites where they are on. */
export type BadgeSettings = {
  readonly budget: Budget;
  readonly isPausedEverywhere: boolean;
  /** Milliseconds since the epoch; null without a pause of a certain length. */
  readonly pausedUntil: number | null;
  readonly onlyPluggedIn: boolean;
  readonly notOnMetered: boolean;
  /** If false, a video in full screen has only the badge of a scan by hand. */
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

/**
 * The facts that a frame's script of badges may know: nothing about other sites, and of the settings only those that it
 * needs.
 */
export type BadgesOfFrame = {
  /** Badges are on for the site of the tab's page, and the frame is one of that site's hosts. */
  readonly isOn: boolean;
  readonly isPaused: boolean;
  /** How long the pause lasts, in milliseconds; null without a pause, or for one without an end. */
  readonly pauseLeftMilliseconds: number | null;
  readonly showsInFullScreen: boolean;
};

/** The length of "Pause for an hour". */
export const PAUSE_MILLISECONDS = 60 * 60 * 1000;

/** Checks stored settings. A value that is not valid becomes the default. */
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

/** @param now in milliseconds since the epoch */
export function badgesOfFrame(settings: BadgeSettings, isOn: boolean, now: number): BadgesOfFrame {
  const { isPausedEverywhere, pausedUntil, showsInFullScreen } = settings;
  const left = isPausedEverywhere || pausedUntil === null ? 0 : pausedUntil - now;
  return {
    isOn,
    isPaused: isPausedByUser(settings, now),
    pauseLeftMilliseconds: left > 0 ? left : null,
    showsInFullScreen,
  };
}

function isBudget(value: unknown): value is Budget {
  return typeof value === 'string' && Object.hasOwn(BUDGET_SHARES, value);
}

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

import type { ScanPace } from '../scan/run-scan.ts';

/** A turn that is not there by then may not come for hours. */
const PROMPT_MILLISECONDS = 2000;

/**
 * The same pace, for which nothing is kept meanwhile: a full-HD picture and what it was made of are 20 MB, in each tab whose
 * video is out of sight.
 * @param rest called once in a wait that lasts
 */
export function createRestingPace(pace: ScanPace, rest: () => void): ScanPace {
  return {
    ...pace,
    nextFrame: async (signal) => {
      const timer = setTimeout(rest, PROMPT_MILLISECONDS);
      try {
        await pace.nextFrame(signal);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

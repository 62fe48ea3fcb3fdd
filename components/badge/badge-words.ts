import { formatClock } from '../format.ts';
import type { AutomaticPause } from '../../utils/domain/automatic.ts';

/** Why automatic checks stand still now, one sentence; null where they go on. */
export function pauseSentence(
  pauses: readonly AutomaticPause[],
  pausedUntil: number | null,
  locale: string,
): string | null {
  const [first] = pauses;
  if (first === undefined) return null;
  switch (first) {
    case 'by-user':
      return pausedUntil === null
        ? 'Paused on every site.'
        : `Paused on every site until ${formatClock(pausedUntil, locale)}.`;
    case 'on-battery':
      return 'Waiting until the computer is plugged in.';
    case 'metered-network':
      return 'Waiting for a network that is not metered.';
    case 'machine-busy':
      return 'Waiting: the computer is busy.';
    case 'memory':
      return 'Waiting some minutes: the last check ran out of memory.';
  }
}

/** "12 of 100". Of what stands beside it: never a bare percentage. */
export function shareText(share: number): string {
  return `${Math.round(share * 100)} of 100`;
}

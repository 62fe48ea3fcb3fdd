import { formatClock } from '../format.ts';
import { t } from '../texts.tsx';
import type { AutomaticPause } from '../../utils/domain/automatic.ts';

/** One sentence that says why automatic checks are paused now; null where they are not. */
export function pauseSentence(pauses: readonly AutomaticPause[], pausedUntil: number | null): string | null {
  const [first] = pauses;
  if (first === undefined) return null;
  switch (first) {
    case 'by-user':
      return pausedUntil === null
        ? t('badges.pause.everywhere')
        : t('badges.pause.until', { time: formatClock(pausedUntil) });
    case 'on-battery':
      return t('badges.pause.onBattery');
    case 'metered-network':
      return t('badges.pause.meteredNetwork');
    case 'machine-busy':
      return t('badges.pause.machineBusy');
    case 'memory':
      return t('badges.pause.memory');
  }
}

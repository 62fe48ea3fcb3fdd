import { MIN_JUDGED_FRAMES } from '../../models/scan/aggregate-verdict.ts';
import type { ScanReport } from '../../utils/domain/report.ts';

/**
 * Another time there may be more frames, or a way to read the picture: what failed for that is tried again. So is what was
 * seen on the screen, or on fewer frames than make a verdict on a video that plays.
 */
export function isWorthRemembering({ verdict, used }: ScanReport): boolean {
  if (used.source === 'screen') return false;
  return verdict.kind === 'refused'
    ? (verdict.reason === 'no-face' || verdict.reason === 'face-too-small') &&
        verdict.framesLooked >= MIN_JUDGED_FRAMES
    : verdict.framesUsed >= MIN_JUDGED_FRAMES;
}

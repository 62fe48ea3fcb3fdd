import { DEFAULT_SETTINGS, MAX_FRAMES, MIN_FRAMES } from '../../utils/domain/settings.ts';

/** The number of frames that a text means: whole and within the limits; the default where it is no number. */
export function readFrameCount(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return DEFAULT_SETTINGS.framesAsked ?? MIN_FRAMES;
  return Math.min(MAX_FRAMES, Math.max(MIN_FRAMES, Math.round(value)));
}

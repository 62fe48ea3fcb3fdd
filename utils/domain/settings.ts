import * as v from 'valibot';
import type { FalseAlarmsOf100 } from './calibration.ts';

/** What the user has chosen. Kept in the extension's local storage, never synchronised to an account. */
export type Settings = {
  /** Frames of one scan, {@link MIN_FRAMES} to {@link MAX_FRAMES}; null for as many as the video has to give. */
  readonly framesAsked: number | null;
  /** Whether the history keeps a small picture of the judged face. */
  readonly keepFacePictures: boolean;
  /** Whether the history keeps all faces as the networks got them, for the details page and evidence bundles. */
  readonly keepCrops: boolean;
  /** After how many days the history forgets a scan; null for never. */
  readonly historyDays: number | null;
  /** Which installed model judges; null for the one installed last. */
  readonly modelId: string | null;
  /**
   * The sensitivity: of 100 real videos of the test set that a verdict quotes, at most so many may be called likely
   * manipulated; null for the bands that the detector is published with.
   */
  readonly falseAlarmsOf100: FalseAlarmsOf100 | null;
};

/** The reference samples 15 frames. */
export const DEFAULT_SETTINGS: Settings = {
  framesAsked: 15,
  keepFacePictures: false,
  keepCrops: false,
  historyDays: null,
  modelId: null,
  falseAlarmsOf100: null,
};

export const MIN_FRAMES = 4;

export const MAX_FRAMES = 60;

/** What the history page offers beside "never". */
export const HISTORY_DAYS = [30, 90] as const;
/** A hundred years. */
const MAX_HISTORY_DAYS = 36_500;
export const historyDays = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_HISTORY_DAYS));

/** Scans that ended up to this time are forgotten. null for none. @param now milliseconds since the epoch, as the result */
export function expiryTime(days: number | null, now: number): number | null {
  return days === null ? null : now - days * 24 * 60 * 60 * 1000;
}

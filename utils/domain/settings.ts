import * as v from 'valibot';
import type { FalseAlarmsOf100 } from './calibration.ts';

/** The user's choices. They are stored in the extension's local storage, and never synchronised to an account. */
export type Settings = {
  /** Frames of one scan, {@link MIN_FRAMES} to {@link MAX_FRAMES}; null for as many as the video has to give. */
  readonly framesAsked: number | null;
  /** Whether the history keeps a small picture of the judged face. */
  readonly keepFacePictures: boolean;
  /** Whether the history keeps all faces as the networks got them, for the details page and evidence bundles. */
  readonly keepCrops: boolean;
  /** The number of days after which the history forgets a scan; null for never. */
  readonly historyDays: number | null;
  /** The installed model that judges; null for the one installed last. */
  readonly modelId: string | null;
  /**
   * The sensitivity: the most of 100 real videos of the quoted test set that may be called likely manipulated; null for
   * the detector's published bands.
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

/** The choices of days that the history page offers, beside "never". */
export const HISTORY_DAYS = [30, 90] as const;
/** A hundred years. */
const MAX_HISTORY_DAYS = 36_500;
export const historyDays = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_HISTORY_DAYS));

/**
 * The time up to which scans are forgotten, by their end; null for none.
 * @param now milliseconds since the epoch, as is the result
 */
export function expiryTime(days: number | null, now: number): number | null {
  return days === null ? null : now - days * 24 * 60 * 60 * 1000;
}

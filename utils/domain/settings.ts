import type { FalseAlarmsOf100 } from './calibration.ts';

/** What the user has chosen. Kept in the extension's local storage, never synchronised to an account. */
export type Settings = {
  /** Frames of one scan, {@link MIN_FRAMES} to {@link MAX_FRAMES}; null for as many as the video has to give. */
  readonly framesAsked: number | null;
  /** Whether the history keeps a small picture of the judged face. */
  readonly keepFacePictures: boolean;
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
  modelId: null,
  falseAlarmsOf100: null,
};

export const MIN_FRAMES = 4;

export const MAX_FRAMES = 60;

/** How often the two networks together were right on one test set. */
export type MeasuredSet = {
  readonly name: string;
  readonly realVideos: number;
  readonly fakeVideos: number;
  /** Of 100 videos of the set, with the score cut at 50. */
  readonly rightOf100: number;
  /** Of 100 real videos of the set: those called "likely manipulated" (70 or more). */
  readonly falseAlarmsOf100: number;
};

/** Counted from the result files of each video that the detector's authors have published. */
export const MEASURED_SETS: readonly MeasuredSet[] = [
  { name: 'DFDC', realVideos: 77, fakeVideos: 323, rightOf100: 98.5, falseAlarmsOf100: 0 },
  { name: 'FaceForensics++', realVideos: 204, fakeVideos: 203, rightOf100: 97.1, falseAlarmsOf100: 0.5 },
  { name: 'DeepfakeTIMIT', realVideos: 1343, fakeVideos: 640, rightOf100: 97.0, falseAlarmsOf100: 0.1 },
  { name: 'Celeb-DF v2', realVideos: 590, fakeVideos: 592, rightOf100: 91.0, falseAlarmsOf100: 7 },
];

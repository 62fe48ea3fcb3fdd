import type { UsedModel } from './model.ts';
import type { ScanReport } from './report.ts';

/** The networks' input of one judged face, as it was kept with a report. */
export type KeptPicture = {
  /** The face's place in the report's `frameScores`. */
  readonly index: number;
  /** RGBA, the model's side a side; alpha is ignored. */
  readonly picture: ImageData;
};

export type RepeatRequest = { readonly report: ScanReport; readonly pictures: readonly KeptPicture[] };

/** One face that was judged again. */
export type RepeatedFace = {
  readonly index: number;
  /** Whether its pixels have the SHA-256 of the report; null where the report has none. */
  readonly isSamePicture: boolean | null;
  /** The score, as in the report's frame score. */
  readonly score: number;
  readonly networkScores: Readonly<Record<string, number>>;
  /** The largest difference from the report's score and networks' scores of this face, 0 to 1. */
  readonly difference: number;
};

/** The outcome of judging a report's pictures again. */
export type RepeatedScan =
  | { readonly kind: 'model-missing' }
  /** The installed networks take pictures of another size. */
  | { readonly kind: 'other-input'; readonly sidePixels: number }
  | {
      readonly kind: 'repeated';
      /** The networks that judge now. */
      readonly model: UsedModel;
      /** The report's own networks in the same form: those that `used.model` names. */
      readonly isSameModel: boolean;
      /** The faces in the order of the pictures. */
      readonly faces: readonly RepeatedFace[];
      /** The deciding person's score; null for a refusal, and where some of that person's pictures are missing. */
      readonly score: number | null;
      /** The largest difference over all faces and the score: 0 where everything is equal bit for bit. */
      readonly largestDifference: number;
    };

/**
 * The largest difference between the scores of two devices: their kernels sum in another order. On one device, the same
 * pictures give the same scores bit for bit.
 */
export const MAX_DIFFERENCE_BETWEEN_DEVICES = 1e-3;

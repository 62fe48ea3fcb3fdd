import type { LogitRow } from './compute-logits.ts';
import type { DetectedFace, Size } from '../face/geometry.ts';
import type { DrawnSquare } from '../face/second-pass.ts';
import type { Network } from '../detectors/genconvit/network-layout.ts';
import type { UsedModel } from '../../utils/domain/report.ts';

/** The networks that are ready to judge. */
export type LoadedModel = {
  readonly usedModel: UsedModel;
  /** Faces that are judged in one run; fewer cost as much. */
  readonly facesPerRun: number;
};

/** One face after the networks. */
export type JudgedFace = {
  readonly logits: Readonly<Partial<Record<Network, LogitRow>>>;
  /** The networks' own input, RGBA, the model's side a side. */
  readonly input: ImageData;
  /** The same as a small picture for people, at most 96 pixels a side. */
  readonly evidence: ImageData;
  /** 0 to 1, see fine-detail.ts; left out where it was not measured. */
  readonly fineDetail?: number;
};

/** A square of the frame and its pixels, for the second pass. */
export type SquarePicture = { readonly square: DrawnSquare; readonly picture: ImageData };

/**
 * The heavy work of a scan, in a Worker of its own. Every call can be aborted: it rejects with AbortError at once, and
 * the work behind it ends. The pictures that a call is given belong to the Worker afterwards.
 */
export type Analysis = {
  /** Loads the networks, or keeps them where they are loaded already, and whatever else a scan needs. */
  readonly loadModel: (modelIds: readonly string[], signal: AbortSignal) => Promise<LoadedModel>;
  /** The first pass over a frame; boxes in pixels of `frame`, the full size. */
  readonly findFaces: (
    thumbnail: ImageData,
    frame: Size,
    signal: AbortSignal,
  ) => Promise<{ readonly faces: readonly DetectedFace[]; readonly milliseconds: number }>;
  /** The second pass: the faces in each square, in pixels of the frame. */
  readonly findFacesInSquares: (
    squares: readonly SquarePicture[],
    signal: AbortSignal,
  ) => Promise<{ readonly faces: readonly (readonly DetectedFace[])[]; readonly milliseconds: number }>;
  /**
   * The networks' answers on face crops of any size.
   * @param firstIndex place of the first crop among the scan's, from 0; the VAE's noise hangs on it
   */
  readonly judgeFaces: (
    crops: readonly ImageData[],
    firstIndex: number,
    signal: AbortSignal,
  ) => Promise<{ readonly faces: readonly JudgedFace[]; readonly milliseconds: number }>;
};

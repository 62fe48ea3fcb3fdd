import type { UsedModel } from '../../utils/domain/model.ts';
import type { LogitRow, Noise } from '../detectors/detector.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import type { RasterImage } from '../image/raster-image.ts';
import type { Scoring } from './aggregate-verdict.ts';

/** The networks that are ready to judge. */
export type LoadedModel = {
  readonly usedModel: UsedModel;
  readonly scoring: Scoring;
  /** The source of the networks' random inputs. */
  readonly noise: Noise;
  /** The crop margin of the detector's input. */
  readonly cropMargin: number;
  /** Faces that are judged in one run. A run of fewer faces takes the same time. */
  readonly facesPerRun: number;
};

/** One face after the networks. */
export type JudgedFace = {
  readonly logits: Readonly<Record<string, LogitRow>>;
  /** The networks' own input, RGBA, the model's side a side. */
  readonly input: ImageData;
  /** A small picture of the face for people, at most 96 pixels a side. */
  readonly evidence: ImageData;
  /** 0 to 1, see fine-detail.ts; left out where it was not measured. */
  readonly fineDetail?: number;
  /**
   * SHA-256 of the networks' input as RGB bytes, row by row; lower-case hexadecimal. Left out where it was not
   * computed.
   */
  readonly pixelsSha256?: string;
};

/** A detector with its networks in memory, and with the face finder. */
export type LoadedDetector = LoadedModel & {
  readonly finder: FaceFinder;
  /**
   * The networks' answers on face crops of any size. A run can't be interrupted.
   * @param firstIndex place of the first crop among the scan's, from 0; the noise of a network that has some depends on it
   * @throws DetectorError `runtime-failed`
   */
  readonly judge: (
    crops: readonly RasterImage[],
    firstIndex: number,
  ) => Promise<{ readonly faces: readonly JudgedFace[]; readonly milliseconds: number }>;
};

/** The detector of one scan. */
export type ScanDetector = {
  /**
   * Loads the networks and the face finder. Those that are loaded already are kept.
   * @throws DetectorError `model-invalid`, `runtime-failed`
   */
  readonly load: () => Promise<LoadedDetector>;
};

import type { DetectorInfo, GraphDevice, WeightDtype } from '../../utils/domain/model.ts';
import type { OfferedNetwork, Publisher, Recommendation } from '../../utils/domain/installation.ts';
import type { Calibration } from '../../utils/domain/calibration.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import type { TensorInfo } from '../checkpoint/read/checkpoint.ts';
import type { BuiltGraph } from '../onnx/graph-builder.ts';
import type { WeightReader } from './parameters.ts';

/** The graph input of every network: normalised faces, dims [batch, 3, side, side]. */
export const IMAGE_INPUT = 'image';
/** The graph output of every network: one row of logits for each face, dims [batch, classes]. */
export const LOGITS_OUTPUT = 'logits';
/** The free dimension: faces in one run. */
export const BATCH_SYMBOL = 'batch';

/** One face's logits from one network. */
export type LogitRow = readonly number[];

/** A float32 tensor in C order; `data.length` is the product of `dims`. */
export type Feed = { readonly dims: readonly number[]; readonly data: Float32Array };

/** The source of random inputs. With a seed the same video gets the same score each time; `none` feeds zeros. */
export type Noise = { readonly kind: 'none' } | { readonly kind: 'seed'; readonly seed: number };
export const DEFAULT_NOISE: Noise = { kind: 'seed', seed: 0 };

/** The facts of a converted network that its detector needs to run it. */
export type NetworkFacts = {
  /** Id of one of the detector's networks. */
  readonly network: string;
  /** Side of the face image in pixels. */
  readonly imageSize: number;
  /** Values that each face needs of the graph's further inputs, by the input's name. */
  readonly extraInputs: Readonly<Record<string, number>>;
};

export type DetectorNetwork = {
  readonly id: string;
  readonly name: string;
  /** The forms in which its weights can be stored. */
  readonly dtypes: readonly WeightDtype[];
  /** Names of the graph's inputs other than {@link IMAGE_INPUT}. */
  readonly extraInputs: readonly string[];
};

/** How a network sees a face. */
export type DetectorInput = {
  /**
   * The square that dlib's HOG face detector would cut (models/face/crop-geometry.ts), wider on each side by `margin`, a
   * share of its side from 0.
   */
  readonly crop: { readonly box: 'dlib'; readonly margin: number };
  /** Side of the published networks' image in pixels. A model's description has the side of its own image. */
  readonly sidePixels: number;
  /** Mean and deviation of levels from 0 to 1, in RGB order: the normalised value is (level − mean) / std. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
};

export type BuildOptions = {
  readonly network: string;
  readonly dtype: WeightDtype;
  readonly device: GraphDevice;
  /** Side of the image, for networks whose checkpoint does not tell it; null means the published size. */
  readonly imageSize?: number | null;
};

/** A score, 0 to 1, high means manipulated; and the class by the detector's own rule. */
export type Score = { readonly score: number; readonly label: 'FAKE' | 'REAL' };

/** The range of scores that can still result, 0 to 1, both ends included. */
export type ScoreInterval = { readonly lowest: number; readonly highest: number };

/** The properties of the faces that a detector was trained on. Its score of any other face is no verdict. */
export type TrainedOn = {
  /** The smallest side of a face, in the video's own pixels. */
  readonly minFaceSidePixels: number;
  /** The least fine detail of a face, see models/scan/fine-detail.ts. */
  readonly minFineDetail: number;
};

/** One published checkpoint: its address, and the facts that are known before the first byte is fetched. */
export type PublishedCheckpoint = Pick<
  OfferedNetwork,
  'byteLength' | 'fetchedByteLength' | 'installedByteLength'
> & {
  readonly network: string;
  readonly url: string;
  readonly fileName: string;
  readonly revision: string;
  /** SHA-256 of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  /**
   * SHA-256 of the shards that the file is converted into, in their order, by `<dtype>-<device>`. A form is missing if
   * it was never made of the published file itself. A folder of such a form can't be recognised as the published one.
   */
  readonly shardSha256?: Readonly<Record<string, readonly string[]>>;
};

/** The facts of a computer by which a network's form is chosen. */
export type Machine = {
  /** null where the browser has no WebGPU. */
  readonly gpu: { readonly isFallbackAdapter: boolean; readonly maxStorageBufferBindingSize: number } | null;
  /** Bytes that the browser would still store; null where the browser does not say it. */
  readonly freeByteLength: number | null;
  /** The memory as the browser states it, rounded and capped (8 in older versions); null where it does not state it. */
  readonly memoryGigabytes: number | null;
};

/** A published method that detects manipulated faces: its networks, and everything that is particular to them. */
export type Detector = Omit<DetectorInfo, 'networks'> & {
  readonly networks: readonly DetectorNetwork[];
  readonly input: DetectorInput;
  /** The meaning of each value of a {@link LogitRow}. */
  readonly classes: readonly string[];
  /** The version of the files that `build` makes. It is raised when the same checkpoint gives other files. */
  readonly graphVersion: number;
  /** Which of the networks a state_dict holds, by its keys; null for none. */
  readonly identify: (stateDict: ReadonlyMap<string, TensorInfo>) => string | null;
  /** @throws DetectorError `options-invalid` for a form that the network can't have, with what to choose instead */
  readonly assertConvertible: (network: string, dtype: WeightDtype, device: GraphDevice) => void;
  /**
   * The graph of one network over a checkpoint's state_dict. Weights are read when the graph's external groups are
   * produced.
   * @throws DetectorError `network-mismatch`, `options-invalid`, `graph-invalid`
   */
  readonly build: (
    stateDict: ReadonlyMap<string, TensorInfo>,
    reader: WeightReader,
    options: BuildOptions,
  ) => Omit<NetworkFacts, 'network'> & { readonly built: BuiltGraph };
  /**
   * The values of the graph's further inputs for `count` faces of one video.
   * @param first place of the first of them in the video, from 0
   */
  readonly extraFeeds: (
    facts: NetworkFacts,
    faces: { readonly first: number; readonly count: number },
    noise: Noise,
  ) => Readonly<Record<string, Feed>>;
  /** One network's own score of one face, 0 to 1; high means manipulated. */
  readonly fakeProbability: (row: LogitRow) => number;
  /** The rules of `score` and `fakeProbability`, as sentences for the command line. */
  readonly scoreRule: string;
  /**
   * The score of one or more faces of one person. The rows of all faces and networks are pooled.
   * @throws RangeError without rows
   */
  readonly score: (rows: readonly LogitRow[]) => Score;
  /**
   * Bounds of the final score: they hold for any logits in the rows to come, and where fewer rows come. An automatic scan
   * stops by them.
   * @param maxMoreRows the most rows that can still come: faces left × networks
   */
  readonly scoreInterval: (rows: readonly LogitRow[], maxMoreRows: number) => ScoreInterval;
  /** The borders of the verdicts, in whole hundredths. */
  readonly bands: ScoreBands;
  /** null where no scores of labelled videos are published. */
  readonly calibration: Calibration | null;
  readonly trainedOn: TrainedOn;
  readonly published: {
    readonly authors: string;
    readonly publisher: Publisher;
    /** The checkpoints in the order in which they are installed; the first one can judge alone. */
    readonly checkpoints: readonly PublishedCheckpoint[];
  } | null;
  /** The form of a network that suits a computer. */
  readonly recommend: (network: string, machine: Machine) => Recommendation;
  /**
   * Only for the detector that existed before descriptions named their detector: brings the fields of such a
   * `model.json` into their present form.
   */
  readonly upgradeDescription?: (
    fields: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
};

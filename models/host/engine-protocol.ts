import { isDetectorError } from '../../utils/domain/errors.ts';
import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import type { CutRegion } from '../../utils/domain/frames-port.ts';
import type { SelfTest, UsedModel } from '../../utils/domain/model.ts';
import type { OcclusionMap } from '../../utils/domain/occlusion.ts';
import type { KeptPicture, RepeatedScan } from '../../utils/domain/repeat.ts';
import type { ScanReport, ScoreBands } from '../../utils/domain/report.ts';
import type { FrameFacts, FramePixels, FrameSourceEnd } from '../frames/frame-source.ts';
import type { Device } from '../runtime/session.ts';
import type { ExtractedFace, Extraction, FaceInput } from '../scan/extract-faces.ts';
import type { ScanEvent, ScanPolicy, ScanResult } from '../scan/run-scan.ts';

/** The part of a policy that the Worker applies; the document applies the turns and the budget. */
export type ScanJob = Pick<
  ScanPolicy,
  'kind' | 'framesAsked' | 'durationSeconds' | 'mayStop' | 'judgesStill'
> & {
  /** The networks that judge, at least one. */
  readonly modelIds: readonly string[];
  /** The detector's, or those that the user's sensitivity gives. */
  readonly bands: ScoreBands;
};

/** What an evaluation or a test asks of its own engine; the host's engine has none of it. */
export type EngineConfiguration = {
  /** Takes this device without testing it first, software adapters included; null for the one that is tested. */
  readonly device: Device | null;
  /** Of the networks in WebAssembly; null for all cores but one. */
  readonly numThreads: number | null;
};

export type OcclusionJob = {
  /** The networks' input. */
  readonly picture: ImageData;
  /** The networks that judge, at least one. */
  readonly modelIds: readonly string[];
};

export type RepeatJob = {
  /** The networks that judge, at least one. */
  readonly modelIds: readonly string[];
  readonly report: ScanReport;
  readonly pictures: readonly KeptPicture[];
};

/** The calls of the engine's Worker. Scans may overlap; networks are loaded and run one after the other. */
export type EngineCalls = {
  readonly scan: (request: ScanJob) => ScanResult;
  /** The faces that a scan would judge. No network is needed. */
  readonly extractFaces: (request: FaceInput) => Extraction;
  /** Which parts of a face change its score. */
  readonly occlusion: (request: OcclusionJob) => { readonly map: OcclusionMap; readonly model: UsedModel };
  /** The self-test of an installed model; frees the networks' memory first. */
  readonly testModel: (request: { readonly modelId: string }) => SelfTest;
  /** Judges a report's pictures again. */
  readonly repeatScan: (request: RepeatJob) => RepeatedScan;
  /** Frees the networks' memory; the next scan loads them again. */
  readonly releaseModels: (request: null) => null;
  /** Before any other call. */
  readonly configure: (request: EngineConfiguration) => null;
};

export type CallName = keyof EngineCalls;
export type CallRequest<Name extends CallName> = Parameters<EngineCalls[Name]>[0];
export type CallReply<Name extends CallName> = ReturnType<EngineCalls[Name]>;

/** From a call to the document with its frame source. One question is open at a time. */
export type FrameQuestion =
  /** The frame before is closed. Answered when the scan has its turn and the source a frame. */
  { readonly name: 'next-frame' } | { readonly name: 'cut'; readonly regions: readonly CutRegion[] };

/** `ending` is that of the source after the answer. */
export type FrameAnswer = { readonly ending: FrameSourceEnd | null } & (
  | {
      readonly name: 'next-frame';
      readonly frame: (FrameFacts & { readonly pixels: FramePixels }) | null;
    }
  | { readonly name: 'cut'; readonly cuts: readonly ImageData[] | null }
);

export type SerializedError = { readonly code: DetectorErrorCode; readonly message: string };

/** To the Worker. `id` is the call's. */
export type EngineCommand =
  | {
      [Name in CallName]: {
        readonly type: 'call';
        readonly id: number;
        readonly name: Name;
        readonly request: CallRequest<Name>;
      };
    }[CallName]
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'frame-answer'; readonly id: number; readonly answer: FrameAnswer }
  | { readonly type: 'frame-error'; readonly id: number; readonly error: SerializedError };

/** From the Worker. */
export type EngineMessage =
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: SerializedError }
  | { readonly type: 'question'; readonly id: number; readonly question: FrameQuestion }
  | { readonly type: 'event'; readonly id: number; readonly event: ScanEvent }
  | { readonly type: 'face'; readonly id: number; readonly face: ExtractedFace }
  | { readonly type: 'loaded'; readonly id: number; readonly model: UsedModel }
  /** Of an occlusion map: pictures that are judged. */
  | { readonly type: 'progress'; readonly id: number; readonly done: number; readonly all: number }
  | { readonly type: 'spent'; readonly id: number; readonly busyMilliseconds: number };

export function serializeError(error: unknown): SerializedError {
  const code = isDetectorError(error) ? error.code : 'internal';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import type { DetectedFace, Size } from '../face/geometry.ts';
import type { Device } from '../runtime/session.ts';
import type { JudgedFace, LoadedModel, SquarePicture } from '../scan/analysis.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/**
 * What the analysis Worker does, one call after the other in the order in which they come. Pictures in requests are
 * transferred, not copied.
 */
export type AnalysisCalls = {
  readonly loadModel: (request: { readonly modelIds: readonly string[] }) => LoadedModel;
  readonly findFaces: (request: { readonly thumbnail: ImageData; readonly frame: Size }) => {
    readonly faces: readonly DetectedFace[];
    readonly milliseconds: number;
  };
  readonly findFacesInSquares: (request: { readonly squares: readonly SquarePicture[] }) => {
    readonly faces: readonly (readonly DetectedFace[])[];
    readonly milliseconds: number;
  };
  readonly judgeFaces: (request: { readonly crops: readonly ImageData[]; readonly firstIndex: number }) => {
    readonly faces: readonly JudgedFace[];
    readonly milliseconds: number;
  };
  /** The self-test of an installed model; frees the networks' memory first. */
  readonly testModel: (request: { readonly modelId: string }) => SelfTest;
  /** Frees the networks' memory; the next scan loads them anew. */
  readonly releaseModels: (request: null) => null;
  /** For tests, before any other call: takes this device, software adapters included. */
  readonly forceDevice: (request: { readonly device: Device }) => null;
};

export type CallName = keyof AnalysisCalls;
export type CallRequest<Name extends CallName> = Parameters<AnalysisCalls[Name]>[0];
export type CallReply<Name extends CallName> = ReturnType<AnalysisCalls[Name]>;

/** `id` comes back with the answer. */
export type AnalysisMessage = {
  [Name in CallName]: { readonly id: number; readonly name: Name; readonly request: CallRequest<Name> };
}[CallName];

export type AnalysisAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly error: { readonly code: DetectorErrorCode; readonly message: string };
    };

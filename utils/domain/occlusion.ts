import type { DetectorErrorCode } from './errors.ts';
import type { UsedModel } from './model.ts';

/** Which parts of one face change its score when they are covered. */
export type OcclusionMap = {
  /** Patches along a side. */
  readonly grid: number;
  /** The score of the face with nothing covered, 0 to 1. */
  readonly score: number;
  /**
   * For each patch, row by row from the top left: the score with this patch covered, less `score`. Negative where the patch
   * speaks for a manipulation.
   */
  readonly changes: readonly number[];
  /** Whether the patches that the map names matter more than others. */
  readonly faithfulness: {
    /** Patches that are covered together. */
    readonly patches: number;
    /**
     * How far the score moves away from its own side of the middle if the patches that the map names first are covered.
     * It may be negative.
     */
    readonly named: number;
    /** As `named`, with as many random patches covered: one number for each random choice. */
    readonly random: readonly number[];
  };
};

/** Whether the patches that the map names matter more than every random choice of as many. */
export function isFaithful({ faithfulness: { named, random } }: OcclusionMap): boolean {
  return named > Math.max(...random);
}

/** Name of the port over which a page of ours asks for a map. The page closes the port to cancel. */
export const OCCLUSION_PORT = 'occlusion';

/** The first message, sent once. */
export type OcclusionRequest = {
  /** The networks' input as the scan kept it. */
  readonly picture: ImageData;
  /** Id of the report's model: the host judges with these networks and no others. */
  readonly modelId: string;
};

export type OcclusionState =
  | { readonly kind: 'working'; readonly done: number; readonly all: number }
  | { readonly kind: 'finished'; readonly map: OcclusionMap; readonly model: UsedModel }
  /** `model-missing`: the networks of the report are not installed any more. */
  | { readonly kind: 'failed'; readonly code: DetectorErrorCode | 'model-missing' };

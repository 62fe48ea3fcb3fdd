import type { UsedModel } from './report.ts';

/**
 * Where a model's bytes came from. `other-file` is also what a fine-tuned checkpoint is; of a folder that was converted
 * elsewhere nobody here has seen the checkpoint.
 */
export type ModelProvenance = 'published-download' | 'published-file' | 'other-file' | 'converted-folder';

/** How one execution provider did with the fixed picture of the self-test. */
export type DeviceTest =
  | {
      readonly kind: 'passed';
      /** Of one face, after the kernels were compiled. */
      readonly millisecondsPerFace: number;
    }
  /** It computed something else than WASM, nothing that could be, or nothing at all. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** `software`: an adapter without a graphics card, right but slower than WASM. */
  | { readonly kind: 'absent'; readonly reason: 'no-webgpu' | 'software' | 'no-kernels' }
  /** There is one, but the other device has failed, and nothing to compare it with is left. */
  | { readonly kind: 'not-tested' };

/** What the self-test of one model said, on this computer and in this version of the browser. */
export type SelfTest = {
  /** Milliseconds since the epoch. */
  readonly testedAt: number;
  readonly wasm: DeviceTest;
  readonly webgpu: DeviceTest;
  /** Where the model runs from now on; null where it can't be trusted anywhere. */
  readonly device: 'wasm' | 'webgpu' | null;
};

export type InstalledModel = UsedModel & {
  readonly provenance: ModelProvenance;
  readonly sourceName: string;
  readonly sourceByteLength: number;
  /** Of the whole file, computed here; null where only a part of it was fetched. */
  readonly sourceSha256: string | null;
  /** The publisher's revision of what was downloaded. */
  readonly sourceRevision: string | null;
  readonly installedAt: number;
  readonly byteLength: number;
  /** `invalid`: files are missing, or are not those that were written; such a model judges nothing. */
  readonly state: 'ready' | 'invalid';
  /** What is wrong with an invalid one. */
  readonly problem: string | null;
  /** When all of its checksums were last right; null if they were not computed again since the installation. */
  readonly verifiedAt: number | null;
  /** null before the first one. */
  readonly selfTest: SelfTest | null;
};

import * as v from 'valibot';
import type { DeepReadonly } from './verdict.ts';

/** How weights are stored. All layers but those of int8 and int4 compute in float32. */
export const WEIGHT_DTYPES = ['fp32', 'fp16', 'int8', 'int4'] as const;
export type WeightDtype = (typeof WEIGHT_DTYPES)[number];

/**
 * An execution provider: the one that a graph is shaped for, or the one that it runs on. Either form of graph computes the
 * same on any provider that has its operators.
 */
export const GRAPH_DEVICES = ['wasm', 'webgpu'] as const;
export type GraphDevice = (typeof GRAPH_DEVICES)[number];

/** The facts of a detector that views show. */
export type DetectorInfo = {
  readonly id: string;
  /** The name that its authors gave it. */
  readonly name: string;
  /** The networks in the order in which their rows are pooled. */
  readonly networks: readonly { readonly id: string; readonly name: string }[];
};

/** The name of some networks of a detector, such as "Detector A + B"; a detector's only network has the detector's name. */
export function titleOf({ name, networks }: DetectorInfo, networkIds: readonly string[]): string {
  if (networks.length === 1) return name;
  const names = networks.filter(({ id }) => networkIds.includes(id)).map((network) => network.name);
  return `${name} ${names.join(' + ')}`;
}

/** Longest id or name that this project writes, with room: a model id of two networks has 50 characters. */
const name = v.pipe(v.string(), v.maxLength(300));
/** One detector has at most this many networks. */
const MAX_NETWORKS = 16;

/** Lower-case hexadecimal. */
export const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** The networks that judged. Every view shows them beside the verdict. */
export const usedModelSchema = v.object({
  /** The ids of all networks that judged, joined by `+`. Opaque outside the model store. */
  modelId: name,
  /** Missing in values that were stored before there was more than one detector. */
  detectorId: v.optional(name),
  /** Ids of the detector's networks. */
  networks: v.pipe(v.array(name), v.maxLength(MAX_NETWORKS)),
  /** Names of the detector and of the networks. Missing in values of versions that did not record it. */
  title: v.optional(name),
  dtype: name,
  device: v.picklist(GRAPH_DEVICES),
  /** A stand-in with made-up weights: its verdicts mean nothing, and every view of them says so. */
  isDemo: v.boolean(),
  /** Weights that are not known to be the published ones: every view says so beside the name. */
  isForeign: v.optional(v.boolean()),
  /** Hashes in the networks' order. Missing in values of versions that did not record them. */
  hashes: v.optional(
    v.pipe(
      v.array(
        v.object({
          /** SHA-256 of the whole checkpoint; null where only a part of it was read. */
          checkpointSha256: v.nullable(sha256),
          /** SHA-256 over the checksums of the installed files. The model's id contains its beginning. */
          storedSha256: sha256,
        }),
      ),
      v.maxLength(MAX_NETWORKS),
    ),
  ),
});
export type UsedModel = DeepReadonly<v.InferOutput<typeof usedModelSchema>>;

/**
 * The origin of a model's bytes. Each part of a download was checked by the checksums of the publisher's own archive,
 * which came the same way; a file was checked as a whole by the registry's SHA-256. `published-folder` has the shards
 * that the published file gives. A fine-tuned checkpoint is an `other-file`. The checkpoint of a `converted-folder` was
 * never on this computer.
 */
export type ModelProvenance =
  'published-download' | 'published-file' | 'published-folder' | 'other-file' | 'converted-folder';

/** Whether these are the publisher's weights, as far as that can be known. */
export function isPublished(provenance: ModelProvenance): boolean {
  return (
    provenance === 'published-download' ||
    provenance === 'published-file' ||
    provenance === 'published-folder'
  );
}

/** The result of one execution provider with the fixed picture of the self-test. */
export type DeviceTest =
  | {
      readonly kind: 'passed';
      /** The time of one face, after the kernels were compiled. */
      readonly millisecondsPerFace: number;
    }
  /** Its scores differ from WASM's, are impossible, or are missing. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** `software`: an adapter without a graphics card, which is right but slower than WASM. */
  | { readonly kind: 'absent'; readonly reason: 'no-webgpu' | 'software' | 'no-kernels' }
  /** The provider exists, but the other one has failed, so no scores are left for comparison. */
  | { readonly kind: 'not-tested' };

/** The self-test of one model on this computer, in this version of the browser. */
export type SelfTest = {
  /** Milliseconds since the epoch. */
  readonly testedAt: number;
  readonly wasm: DeviceTest;
  readonly webgpu: DeviceTest;
  /** The provider on which the model runs from now on; null if no provider passed. */
  readonly device: GraphDevice | null;
};

export type InstalledModel = UsedModel & {
  readonly detectorId: string;
  readonly title: string;
  readonly detector: DetectorInfo;
  readonly dtype: WeightDtype;
  readonly provenance: ModelProvenance;
  readonly sourceName: string;
  readonly sourceByteLength: number;
  /** SHA-256 of the whole file, computed here; null where only a part of it was fetched. */
  readonly sourceSha256: string | null;
  /** The publisher's revision of the downloaded file. */
  readonly sourceRevision: string | null;
  readonly installedAt: number;
  readonly byteLength: number;
  /** `invalid`: files are missing, or are not those that were written; such a model judges nothing. */
  readonly state: 'ready' | 'invalid';
  /** What is wrong with an invalid model. */
  readonly problem: string | null;
  /** When all of its checksums were last found right; null if they were not computed again since the installation. */
  readonly verifiedAt: number | null;
  /** null before the first self-test. */
  readonly selfTest: SelfTest | null;
};

import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from '../../checkpoint/read/foreign-text.ts';
import { GRAPH_DEVICES, WEIGHT_DTYPES } from './conversion-options.ts';
import type { GraphDevice, WeightDtype } from './conversion-options.ts';
import { NETWORKS } from './network-layout.ts';
import type { Network } from './network-layout.ts';

/** Name of the file that makes a folder a model. It is written last. */
export const MODEL_DESCRIPTION_NAME = 'model.json';
/** Far above any network's; whoever reads the file allocates that much. The published ones have 224 and 12544. */
const MAX_IMAGE_SIZE = 16_384;
const MAX_LATENT_SIZE = 2 ** 22;
/** The file's own layout. */
const FORMAT_VERSION = 1;
/** What the builder makes of a checkpoint. It changes whenever the same checkpoint would give other files. */
export const GRAPH_VERSION = 2;

export type ModelFile = {
  /** A name within the model's folder. */
  readonly path: string;
  readonly byteLength: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
};

/** Where a downloaded checkpoint was fetched from: the registry's pinned address, and what the server said of it. */
export type DownloadOrigin = {
  readonly url: string;
  readonly revision: string;
  /** null where the server lets nobody read it. */
  readonly etag: string | null;
};

/** What `model.json` holds: a converted network, where it came from, and its files. */
export type ModelDescription = {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly graphVersion: number;
  readonly network: Network;
  readonly dtype: WeightDtype;
  readonly device: GraphDevice;
  /** Side of the face image in pixels. */
  readonly imageSize: number;
  /** Values of noise for each face; null for ED, which takes none. */
  readonly latentSize: number | null;
  /** The checkpoint; sha256 is of the whole file, null where only parts of it were read. */
  readonly source: {
    readonly name: string;
    readonly byteLength: number;
    readonly sha256: string | null;
    readonly download?: DownloadOrigin;
  };
  readonly graph: ModelFile;
  readonly shards: readonly ModelFile[];
  /** A stand-in with made-up weights, which only the demo and tests make: whatever it says means nothing. */
  readonly isDemo?: true;
};

/** The JSON text of a description. */
export function formatModelDescription(description: ModelDescription): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}

/** Fills in the constants of this version. */
export function describeModel(
  fields: Omit<ModelDescription, 'formatVersion' | 'graphVersion'>,
): ModelDescription {
  return { formatVersion: FORMAT_VERSION, graphVersion: GRAPH_VERSION, ...fields };
}

/**
 * Reads a `model.json`.
 * @throws DetectorError `model-invalid` that says which field is wrong, or that the model must be converted again
 */
export function parseModelDescription(text: string): ModelDescription {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DetectorError('model-invalid', `${MODEL_DESCRIPTION_NAME} is not JSON`, { cause: error });
  }
  const fields = asRecord(json, MODEL_DESCRIPTION_NAME);
  for (const [name, current] of [
    ['formatVersion', FORMAT_VERSION],
    ['graphVersion', GRAPH_VERSION],
  ] as const) {
    if (fields[name] !== current) {
      throw new DetectorError(
        'model-invalid',
        `${MODEL_DESCRIPTION_NAME} has ${name} ${showForeign(JSON.stringify(fields[name] ?? null))}, this TrueFrame reads ${String(current)}: ` +
          'convert the checkpoint again',
      );
    }
  }
  const network = asOneOf(fields.network, NETWORKS, 'network');
  if (network === 'ed' && fields.latentSize !== null) throw invalid('latentSize', 'null, as ED has it');
  const source = asRecord(fields.source, 'source');
  const { shards } = fields;
  if (!Array.isArray(shards)) throw invalid('shards', 'a list');
  return describeModel({
    network,
    dtype: asOneOf(fields.dtype, WEIGHT_DTYPES, 'dtype'),
    device: asOneOf(fields.device, GRAPH_DEVICES, 'device'),
    imageSize: asCount(fields.imageSize, 'imageSize', MAX_IMAGE_SIZE),
    latentSize: network === 'vae' ? asCount(fields.latentSize, 'latentSize', MAX_LATENT_SIZE) : null,
    source: {
      name: asText(source.name, 'source.name'),
      byteLength: asCount(source.byteLength, 'source.byteLength'),
      sha256: source.sha256 === null ? null : asText(source.sha256, 'source.sha256', SHA256_PATTERN),
      ...(source.download !== undefined && { download: asDownloadOrigin(source.download) }),
    },
    graph: asFile(fields.graph, 'graph'),
    shards: shards.map((shard, index) => asFile(shard, `shards[${String(index)}]`)),
    ...(fields.isDemo === true && { isDemo: true }),
  });
}

const SHA256_PATTERN = /^[0-9a-f]{64}$/;
/** A plain file name: a description must not reach outside its folder. */
const FILE_NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

function asFile(value: unknown, name: string): ModelFile {
  const file = asRecord(value, name);
  return {
    path: asText(file.path, `${name}.path`, FILE_NAME_PATTERN),
    byteLength: asCount(file.byteLength, `${name}.byteLength`),
    sha256: asText(file.sha256, `${name}.sha256`, SHA256_PATTERN),
  };
}

function asDownloadOrigin(value: unknown): DownloadOrigin {
  const { url, revision, etag } = asRecord(value, 'source.download');
  return {
    url: asText(url, 'source.download.url'),
    revision: asText(revision, 'source.download.revision'),
    etag: etag === null ? null : asText(etag, 'source.download.etag'),
  };
}

function asRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

function asText(value: unknown, name: string, pattern?: RegExp): string {
  if (typeof value !== 'string' || pattern?.test(value) === false) throw invalid(name, 'a text of its form');
  return value;
}

function asCount(value: unknown, name: string, largest = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > largest) {
    throw invalid(name, `a count up to ${largest}`);
  }
  return value;
}

function asOneOf<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw invalid(name, `one of ${choices.join(', ')}`);
  return found;
}

function invalid(name: string, expected: string): DetectorError {
  return new DetectorError('model-invalid', `${MODEL_DESCRIPTION_NAME}: ${name} is not ${expected}`);
}

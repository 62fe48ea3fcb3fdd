import { DetectorError } from '../../utils/domain/errors.ts';
import { showForeign } from '../checkpoint/read/foreign-text.ts';
import { GRAPH_DEVICES, WEIGHT_DTYPES } from '../../utils/domain/model.ts';
import type { GraphDevice, WeightDtype } from '../../utils/domain/model.ts';
import type { Detector, NetworkFacts } from './detector.ts';
import type { DetectorRegistry } from './registry.ts';

/** Name of the file that makes a folder a model. It is written last. */
export const MODEL_DESCRIPTION_NAME = 'model.json';
/**
 * Far above any network's, since the reader of the file allocates that much: 67 MB for a picture of this side. The published
 * ones have 224 pixels, and 12544 values of noise.
 */
export const MAX_IMAGE_SIZE = 4096;
const MAX_INPUT_SIZE = 2 ** 22;
/** The file's own layout. */
const FORMAT_VERSION = 1;

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
export type ModelDescription = NetworkFacts & {
  readonly formatVersion: typeof FORMAT_VERSION;
  /** The detector's id, and its version of the graph. Files without an id are from before there were several. */
  readonly detector: string;
  readonly graphVersion: number;
  readonly dtype: WeightDtype;
  readonly device: GraphDevice;
  /** The checkpoint; sha256 is of the whole file, null where only parts of it were read. */
  readonly source: {
    readonly name: string;
    readonly byteLength: number;
    readonly sha256: string | null;
    readonly download?: DownloadOrigin;
  };
  readonly graph: ModelFile;
  readonly shards: readonly ModelFile[];
  /**
   * Shapes of the checkpoint's tensors that the graph was built of, by their names: the graph can be built again of them.
   * Missing in what earlier versions wrote.
   */
  readonly tensors?: Readonly<Record<string, readonly number[]>>;
  /** A stand-in with made-up weights, which only the demo and tests make: whatever it says means nothing. */
  readonly isDemo?: true;
};

/** The JSON text of a description. */
export function formatModelDescription(description: ModelDescription): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}

/** Fills in the constants of this version. */
export function describeModel(
  { id, graphVersion }: Pick<Detector, 'id' | 'graphVersion'>,
  fields: Omit<ModelDescription, 'formatVersion' | 'detector' | 'graphVersion'>,
): ModelDescription {
  return { formatVersion: FORMAT_VERSION, detector: id, graphVersion, ...fields };
}

/**
 * Reads a `model.json`.
 * @throws DetectorError `model-invalid` that says which field is wrong, or that the model must be converted again
 */
export function parseModelDescription(text: string, registry: DetectorRegistry): ModelDescription {
  const fields = upgrade(parseJson(text), registry);
  assertVersion(fields, 'formatVersion', FORMAT_VERSION);
  const detectorIds = registry.detectors.map(({ id }) => id);
  const detector = registry.get(asOneOf(fields.detector, detectorIds, 'detector'));
  assertVersion(fields, 'graphVersion', detector.graphVersion);
  const networkIds = detector.networks.map(({ id }) => id);
  const network = asOneOf(fields.network, networkIds, 'network');
  const source = asRecord(fields.source, 'source');
  const { shards } = fields;
  if (!Array.isArray(shards)) throw invalid('shards', 'a list');
  return describeModel(detector, {
    network,
    dtype: asOneOf(fields.dtype, WEIGHT_DTYPES, 'dtype'),
    device: asOneOf(fields.device, GRAPH_DEVICES, 'device'),
    imageSize: asCount(fields.imageSize, 'imageSize', MAX_IMAGE_SIZE),
    extraInputs: asExtraInputs(fields.extraInputs, detector, network),
    source: {
      name: asText(source.name, 'source.name'),
      byteLength: asCount(source.byteLength, 'source.byteLength'),
      sha256: source.sha256 === null ? null : asText(source.sha256, 'source.sha256', SHA256_PATTERN),
      ...(source.download !== undefined && { download: asDownloadOrigin(source.download) }),
    },
    graph: asFile(fields.graph, 'graph'),
    shards: shards.map((shard, index) => asFile(shard, `shards[${String(index)}]`)),
    ...(fields.tensors !== undefined && { tensors: asTensors(fields.tensors) }),
    ...(fields.isDemo === true && { isDemo: true }),
  });
}

/**
 * Makes sure that a description of the network could be read again.
 * @throws DetectorError `options-invalid` for an image or an input beyond the limits
 */
export function assertDescribable({ imageSize, extraInputs }: Omit<NetworkFacts, 'network'>): void {
  if (imageSize > MAX_IMAGE_SIZE) {
    throw new DetectorError(
      'options-invalid',
      `an image of ${String(imageSize)} pixels a side, at most ${String(MAX_IMAGE_SIZE)} can be read`,
    );
  }
  for (const [name, size] of Object.entries(extraInputs)) {
    if (size > MAX_INPUT_SIZE) {
      throw new DetectorError(
        'options-invalid',
        `${String(size)} values of ${name}, at most ${String(MAX_INPUT_SIZE)} can be read`,
      );
    }
  }
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(text), MODEL_DESCRIPTION_NAME);
  } catch (error) {
    if (error instanceof DetectorError) throw error;
    throw new DetectorError('model-invalid', `${MODEL_DESCRIPTION_NAME} is not JSON`, { cause: error });
  }
}

/** A description without a detector's id is of the one that there was then. */
function upgrade(
  fields: Readonly<Record<string, unknown>>,
  { unnamed }: DetectorRegistry,
): Readonly<Record<string, unknown>> {
  return fields.detector === undefined ? (unnamed?.upgradeDescription?.(fields) ?? fields) : fields;
}

function assertVersion(
  fields: Readonly<Record<string, unknown>>,
  name: 'formatVersion' | 'graphVersion',
  current: number,
): void {
  if (fields[name] === current) return;
  throw new DetectorError(
    'model-invalid',
    `${MODEL_DESCRIPTION_NAME} has ${name} ${showForeign(JSON.stringify(fields[name] ?? null))}, this TrueFrame reads ${String(current)}: ` +
      'convert the checkpoint again',
  );
}

function asExtraInputs(
  value: unknown,
  { networks }: Detector,
  networkId: string,
): NetworkFacts['extraInputs'] {
  const sizes = asRecord(value, 'extraInputs');
  const names = networks.find(({ id }) => id === networkId)?.extraInputs ?? [];
  if (Object.keys(sizes).some((name) => !names.includes(name))) {
    throw invalid('extraInputs', `a size for each of [${names.join(', ')}]`);
  }
  return Object.fromEntries(
    names.map((name) => [name, asCount(sizes[name], `extraInputs.${name}`, MAX_INPUT_SIZE)]),
  );
}

/** Far more than a network reads: the published ones have 190. */
const MAX_TENSORS = 4096;
const MAX_TENSOR_NAME_CHARACTERS = 200;
const MAX_TENSOR_DIMS = 8;
/** Of one dimension, of which the published networks have at most 25,088: a graph has a part for each million or so. */
const MAX_TENSOR_SIZE = 2 ** 20;

function asTensors(value: unknown): NonNullable<ModelDescription['tensors']> {
  const entries = Object.entries(asRecord(value, 'tensors'));
  if (entries.length > MAX_TENSORS) throw invalid('tensors', `a list of at most ${MAX_TENSORS}`);
  return Object.fromEntries(
    entries.map(([name, dims]) => {
      const isList = Array.isArray(dims) && dims.length <= MAX_TENSOR_DIMS;
      if (!isList || name.length > MAX_TENSOR_NAME_CHARACTERS) throw invalid('tensors', 'shapes by name');
      return [name, dims.map((dim: unknown) => asCount(dim, 'tensors', MAX_TENSOR_SIZE))];
    }),
  );
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

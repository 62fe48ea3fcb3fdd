import * as v from 'valibot';
import { DetectorError } from '../../utils/domain/errors.ts';
import { showForeign } from '../checkpoint/read/foreign-text.ts';
import { GRAPH_DEVICES, WEIGHT_DTYPES } from '../../utils/domain/model.ts';
import type { Detector, NetworkFacts } from './detector.ts';
import type { DetectorRegistry } from './registry.ts';

/** Name of the file that makes a folder a model. It is written last. */
export const MODEL_DESCRIPTION_NAME = 'model.json';
/**
 * Far above any network's size, since the reader of the file allocates that much: 67 MB for a picture of this side. The
 * published networks have 224 pixels, and 12544 values of noise.
 */
export const MAX_IMAGE_SIZE = 4096;
const MAX_INPUT_SIZE = 2 ** 22;
/** The file's own layout. */
const FORMAT_VERSION = 1;

const text = v.string('a text');
const sha256 = v.pipe(text, v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal'));

export const modelFileSchema = v.object(
  {
    /** A plain file name: a description must not reach outside its folder. */
    path: v.pipe(text, v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, 'the plain name of a file')),
    byteLength: count(),
    sha256,
  },
  whenWrong,
);
export type ModelFile = Readonly<v.InferOutput<typeof modelFileSchema>>;

/** Far more tensors than a network reads: the published networks have 190. */
const MAX_TENSORS = 4096;
const MAX_TENSOR_NAME_CHARACTERS = 200;
const MAX_TENSOR_DIMS = 8;
/**
 * The largest dimension of a tensor. The published networks have at most 25,088; a graph has one part for about each
 * million.
 */
const MAX_TENSOR_SIZE = 2 ** 20;

const descriptionFields = {
  dtype: oneOf(WEIGHT_DTYPES),
  device: oneOf(GRAPH_DEVICES),
  imageSize: count(MAX_IMAGE_SIZE),
  /** The checkpoint; sha256 is of the whole file, null where only parts of it were read. */
  source: v.object(
    {
      name: text,
      byteLength: count(),
      sha256: v.nullable(sha256),
      /** The registry's pinned address that the checkpoint was fetched from; `etag` is null where the server hides it. */
      download: v.exactOptional(v.object({ url: text, revision: text, etag: v.nullable(text) }, whenWrong)),
    },
    whenWrong,
  ),
  graph: modelFileSchema,
  shards: v.pipe(v.array(modelFileSchema, 'a list'), v.readonly()),
  /**
   * Names and shapes of the checkpoint's tensors from which the graph was built, so that it can be built again. Missing
   * in descriptions of earlier versions.
   */
  tensors: v.exactOptional(tensorsSchema()),
};

/** The content of `model.json`: a converted network, its checkpoint, and its files. */
export type ModelDescription = NetworkFacts &
  Readonly<v.InferOutput<v.ObjectSchema<typeof descriptionFields, undefined>>> & {
    readonly formatVersion: typeof FORMAT_VERSION;
    /**
     * The detector's id, and its version of the graph. Files without an id were written before there was a second
     * detector.
     */
    readonly detector: string;
    readonly graphVersion: number;
    /** A stand-in with made-up weights, which only the demo and tests make: its scores mean nothing. */
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
  const written = parse(v.record(v.string(), v.unknown(), 'an object'), parseJson(text));
  // A description without a detector's id is of the detector that was the only one then.
  const fields =
    written.detector === undefined ? (registry.unnamed?.upgradeDescription?.(written) ?? written) : written;
  assertVersion(fields, 'formatVersion', FORMAT_VERSION);
  const ids = parse(v.object({ detector: oneOf(registry.detectors.map(({ id }) => id)) }), fields);
  const detector = registry.get(ids.detector);
  assertVersion(fields, 'graphVersion', detector.graphVersion);
  const { network } = parse(v.object({ network: oneOf(detector.networks.map(({ id }) => id)) }), fields);
  const inputNames = detector.networks.find(({ id }) => id === network)?.extraInputs ?? [];
  const extraInputs = v.pipe(
    v.record(v.string(), v.unknown(), 'an object'),
    v.check(
      (sizes) => Object.keys(sizes).every((name) => inputNames.includes(name)),
      `a size for each of [${inputNames.join(', ')}]`,
    ),
    v.object(Object.fromEntries(inputNames.map((name) => [name, count(MAX_INPUT_SIZE)])), whenWrong),
  );
  return describeModel(detector, {
    network,
    ...parse(v.object({ ...descriptionFields, extraInputs }, whenWrong), fields),
    ...(fields.isDemo === true && { isDemo: true }),
  });
}

/**
 * Checks that a description of the network can be read again.
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

/** @throws DetectorError `model-invalid` with the name of the first wrong field */
function parse<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  const name = v.getDotPath(issue) ?? 'the content';
  throw new DetectorError('model-invalid', `${MODEL_DESCRIPTION_NAME}: ${name} is not ${issue.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DetectorError('model-invalid', `${MODEL_DESCRIPTION_NAME} is not JSON`, { cause });
  }
}

function assertVersion(
  fields: Readonly<Record<string, unknown>>,
  name: 'formatVersion' | 'graphVersion',
  current: number,
): void {
  if (fields[name] === current) return;
  const found = showForeign(JSON.stringify(fields[name] ?? null));
  throw new DetectorError(
    'model-invalid',
    `${MODEL_DESCRIPTION_NAME} has ${name} ${found}, this TrueFrame reads ${current}: convert the checkpoint again`,
  );
}

function count(largest = Number.MAX_SAFE_INTEGER) {
  const isCount = (value: unknown): boolean =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= largest;
  return v.custom<number>(isCount, `a count up to ${largest}`);
}

function tensorsSchema() {
  const dims = v.pipe(v.array(count(MAX_TENSOR_SIZE)), v.maxLength(MAX_TENSOR_DIMS), v.readonly());
  const isShapes = (value: unknown): boolean => {
    const { success, output } = v.safeParse(v.record(v.string(), dims), value);
    if (!success) return false;
    const names = Object.keys(output);
    return names.length <= MAX_TENSORS && names.every((name) => name.length <= MAX_TENSOR_NAME_CHARACTERS);
  };
  return v.custom<Readonly<Record<string, readonly number[]>>>(isShapes, 'shapes by name');
}

/** The end of a message that begins with the name of a field. The field is missing or no object. */
function whenWrong({ expected }: v.ObjectIssue): string {
  return expected === 'Object' ? 'an object' : 'there';
}

function oneOf<const T extends readonly string[]>(choices: T) {
  return v.picklist(choices, `one of ${choices.join(', ')}`);
}

import { Builder, ByteBuffer } from 'flatbuffers';
import { DetectorError } from '../../utils/domain/errors.ts';

/**
 * MediaPipe's older packages ship their TFLite face models without the metadata that the Tasks API insists on
 * ("Input tensor has type float32: it requires specifying NormalizationOptions metadata"). This module adds it.
 *
 * Schemas: tensorflow/lite/schema/schema.fbs (`Model`, identifier TFL3) and
 * tflite-support metadata_schema.fbs (`ModelMetadata`, identifier M001). Field numbers below are theirs.
 */

const MODEL_IDENTIFIER = 'TFL3';
const METADATA_IDENTIFIER = 'M001';
/** The name under which the Tasks API looks for its `ModelMetadata` among `Model.metadata`. */
const METADATA_NAME = 'TFLITE_METADATA';

/** Field numbers of the table `Model`. */
const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadataBuffer: 5,
  metadata: 6,
  signatureDefs: 7,
  fieldCount: 8,
} as const;

/** Weights in a TFLite file are aligned to 16 bytes, so the bytes in front of them must be a multiple of it. */
const TFLITE_ALIGNMENT_BYTES = 16;
/** A face model has some hundred buffers (one for each tensor); a count above this is a broken file. */
const MAX_VECTOR_LENGTH = 65_536;

/** Bytes become `(byte - mean) / std`: -1…1, as in the training of MediaPipe's face detectors. */
const FACE_DETECTION_NORMALIZATION = { mean: 127.5, std: 127.5 };

/**
 * Returns a TFLite model with `TFLITE_METADATA` that declares its first input an RGB image normalised by
 * `normalization`. The given bytes are found unchanged at the end of the result: a new root table in front of
 * them points into them, which is possible because every FlatBuffers offset points forward.
 *
 * @throws DetectorError `model-invalid` when the bytes are no TFLite model, or already carry such metadata.
 */
export function addNormalizationMetadata(
  tflite: Uint8Array,
  normalization = FACE_DETECTION_NORMALIZATION,
): Uint8Array<ArrayBuffer> {
  const model = openModel(tflite);
  const buffers = model.tables(MODEL.buffers);
  const metadata = model.tables(MODEL.metadata);

  const builder = new Builder(4096);
  builder.prep(TFLITE_ALIGNMENT_BYTES, 0);
  // Builder offsets count from the end of the built bytes. The old bytes follow directly, so the byte p of the old
  // bytes has the offset -p.
  const inOldBytes = (position: number): number => -position;

  const metadataBytes = builder.createByteVector(buildModelMetadata(normalization));
  const metadataBuffer = createTable(builder, 3, { 0: metadataBytes });

  const name = builder.createString(METADATA_NAME);
  builder.startObject(2);
  builder.addFieldOffset(0, name, 0);
  builder.addFieldInt32(1, buffers.length, 0);
  const metadataEntry = builder.endObject();

  const newBuffers = createTableVector(builder, [...buffers.map(inOldBytes), metadataBuffer]);
  const newMetadata = createTableVector(builder, [...metadata.map(inOldBytes), metadataEntry]);

  builder.startObject(MODEL.fieldCount);
  builder.addFieldInt32(MODEL.version, model.version, 0);
  for (const field of [
    MODEL.operatorCodes,
    MODEL.subgraphs,
    MODEL.description,
    MODEL.metadataBuffer,
    MODEL.signatureDefs,
  ]) {
    const target = model.target(field);
    if (target !== undefined) builder.addFieldOffset(field, inOldBytes(target), 0);
  }
  builder.addFieldOffset(MODEL.buffers, newBuffers, 0);
  builder.addFieldOffset(MODEL.metadata, newMetadata, 0);
  builder.finish(builder.endObject(), MODEL_IDENTIFIER);

  const head = builder.asUint8Array();
  const result = new Uint8Array(head.byteLength + tflite.byteLength);
  result.set(head);
  result.set(tflite, head.byteLength);
  return result;
}

type OpenModel = {
  readonly version: number;
  /** The position of the table or vector that an offset field points at; undefined where the field is absent. */
  readonly target: (field: number) => number | undefined;
  /** Byte positions of the tables in a vector field; empty where the field is absent. */
  readonly tables: (field: number) => number[];
};

function openModel(tflite: Uint8Array): OpenModel {
  const bytes = new ByteBuffer(tflite);
  if (tflite.byteLength < 8 || !bytes.__has_identifier(MODEL_IDENTIFIER)) {
    throw new DetectorError(
      'model-invalid',
      `not a TFLite model: identifier ${MODEL_IDENTIFIER} not found at byte 4`,
    );
  }
  const checked = (position: number): number => {
    if (position < 0 || position + 4 > tflite.byteLength) {
      throw new DetectorError(
        'model-invalid',
        `TFLite offset points at byte ${position} of ${tflite.byteLength} bytes`,
      );
    }
    return position;
  };
  const indirect = (position: number): number => checked(position + bytes.readUint32(checked(position)));

  const root = indirect(0);
  checked(root - bytes.readInt32(root));
  // A field's place in the vtable: two 16-bit sizes come first.
  const fieldPosition = (field: number): number | undefined => {
    const offset = bytes.__offset(root, 4 + 2 * field);
    return offset === 0 ? undefined : checked(root + offset);
  };
  const target = (field: number): number | undefined => {
    const position = fieldPosition(field);
    return position === undefined ? undefined : indirect(position);
  };
  const tables = (field: number): number[] => {
    const vector = target(field);
    if (vector === undefined) return [];
    const length = bytes.readUint32(vector);
    if (length > MAX_VECTOR_LENGTH) {
      throw new DetectorError(
        'model-invalid',
        `TFLite vector at byte ${vector} has ${length} entries, limit ${MAX_VECTOR_LENGTH}`,
      );
    }
    return Array.from({ length }, (_, index) => indirect(vector + 4 + 4 * index));
  };

  for (const entry of tables(MODEL.metadata)) {
    const offset = bytes.__offset(entry, 4);
    if (offset !== 0 && bytes.__string(entry + offset) === METADATA_NAME) {
      throw new DetectorError('model-invalid', `TFLite model already has ${METADATA_NAME}`);
    }
  }
  const versionPosition = fieldPosition(MODEL.version);
  return { version: versionPosition === undefined ? 0 : bytes.readInt32(versionPosition), target, tables };
}

/** `ModelMetadata` with one subgraph whose first input is an RGB image with `NormalizationOptions`. */
function buildModelMetadata({ mean, std }: typeof FACE_DETECTION_NORMALIZATION): Uint8Array {
  const CONTENT_IMAGE_PROPERTIES = 2;
  const PROCESS_NORMALIZATION_OPTIONS = 1;
  const COLOR_SPACE_RGB = 1;
  const builder = new Builder(256);
  const means = createFloatVector(builder, [mean]);
  const stds = createFloatVector(builder, [std]);
  const normalization = createTable(builder, 2, { 0: means, 1: stds });
  const processUnit = createTable(builder, 2, { 1: normalization }, PROCESS_NORMALIZATION_OPTIONS);
  const processUnits = createTableVector(builder, [processUnit]);
  const imageProperties = createTable(builder, 2, {}, COLOR_SPACE_RGB);
  const content = createTable(builder, 3, { 1: imageProperties }, CONTENT_IMAGE_PROPERTIES);
  // TensorMetadata: content is field 3, process_units field 4.
  const tensor = createTable(builder, 7, { 3: content, 4: processUnits });
  const inputTensors = createTableVector(builder, [tensor]);
  // SubGraphMetadata: input_tensor_metadata is field 2.
  const subgraph = createTable(builder, 7, { 2: inputTensors });
  const subgraphs = createTableVector(builder, [subgraph]);
  // ModelMetadata: subgraph_metadata is field 3.
  builder.finish(createTable(builder, 8, { 3: subgraphs }), METADATA_IDENTIFIER);
  return builder.asUint8Array();
}

/** A table with offsets by field number, and an 8-bit number in field 0 where one is given. */
function createTable(
  builder: Builder,
  fieldCount: number,
  offsets: Readonly<Record<number, number>>,
  firstField?: number,
): number {
  builder.startObject(fieldCount);
  if (firstField !== undefined) builder.addFieldInt8(0, firstField, 0);
  for (const [field, offset] of Object.entries(offsets)) builder.addFieldOffset(Number(field), offset, 0);
  return builder.endObject();
}

function createTableVector(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

function createFloatVector(builder: Builder, values: readonly number[]): number {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addFloat32(value);
  return builder.endVector();
}

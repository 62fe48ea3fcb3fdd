import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ByteBuffer } from 'flatbuffers';
import { beforeAll, describe, expect, test } from 'vitest';
import { addNormalizationMetadata } from '../../../../models/face/tflite-metadata.ts';
import { isDetectorError } from '../../../../utils/domain/errors.ts';

// That MediaPipe takes the result is shown in the browser: test/browser/face-detector.test.ts.

const FACE_MODEL = createRequire(import.meta.url).resolve(
  '@mediapipe/face_detection/face_detection_full_range_sparse.tflite',
);

let original: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  original = new Uint8Array(await readFile(FACE_MODEL));
});

describe('addNormalizationMetadata', () => {
  test('leaves the original bytes as they are, at an offset that keeps 16-byte alignment', () => {
    const result = addNormalizationMetadata(original);
    const head = result.byteLength - original.byteLength;
    expect(head % 16).toBe(0);
    expect(Buffer.from(result.subarray(head)).equals(Buffer.from(original))).toBe(true);
  });

  test('adds one buffer and one metadata entry and keeps all the others', () => {
    const before = openTable(new ByteBuffer(original));
    const after = openTable(new ByteBuffer(addNormalizationMetadata(original)));
    expect(after.vector(4)).toHaveLength(before.vector(4).length + 1);
    expect(after.vector(6)).toHaveLength(before.vector(6).length + 1);
    expect(after.vector(1)).toHaveLength(before.vector(1).length);
    expect(after.vector(2)).toHaveLength(before.vector(2).length);
    const entry = after.vector(6).at(-1)!;
    expect(entry.text(0)).toBe('TFLITE_METADATA');
    expect(entry.int32(1)).toBe(before.vector(4).length);
  });

  test('finds every tensor’s weights at the same bytes as before', () => {
    const weights = (tflite: Uint8Array): string[] =>
      openTable(new ByteBuffer(tflite))
        .vector(4)
        .map((buffer) => Buffer.from(buffer.bytes(0)).toString('base64'));
    const before = weights(original);
    expect(before.some((data) => data.length > 1000)).toBe(true);
    expect(weights(addNormalizationMetadata(original)).slice(0, before.length)).toEqual(before);
  });

  test('declares an RGB image with the mean and the deviation that were given', () => {
    const model = openTable(new ByteBuffer(addNormalizationMetadata(original, { mean: 10.5, std: 3.25 })));
    const metadata = model.vector(4).at(-1)!.bytes(0);
    const buffer = new ByteBuffer(metadata);
    expect(buffer.getBufferIdentifier()).toBe('M001');
    const input = openTable(buffer).vector(3)[0]!.vector(2)[0]!;
    const content = input.table(3);
    expect(content.int8(0)).toBe(2); // ImageProperties
    expect(content.table(1).int8(0)).toBe(1); // RGB
    const unit = input.vector(4)[0]!;
    expect(unit.int8(0)).toBe(1); // NormalizationOptions
    expect(unit.table(1).floats(0)).toEqual([10.5]);
    expect(unit.table(1).floats(1)).toEqual([3.25]);
  });

  test('refuses a model that already has the metadata', () => {
    expect(() => addNormalizationMetadata(addNormalizationMetadata(original))).toThrow(
      'already has TFLITE_METADATA',
    );
  });

  test.each([0, 4, 7, 8, 20, 100])('refuses the first %i bytes of a model', (byteLength) => {
    expect(codeOf(() => addNormalizationMetadata(original.subarray(0, byteLength)))).toBe('model-invalid');
  });

  test('refuses other files', () => {
    expect(codeOf(() => addNormalizationMetadata(new Uint8Array(4096).fill(0x41)))).toBe('model-invalid');
  });

  test('answers any damage to the root with a named error or a result, in bounded time', () => {
    const root = new ByteBuffer(original).readUint32(0);
    const outcomes = new Set<string>();
    for (let position = Math.max(8, root - 32); position < root + 32; position++) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = original.slice();
        damaged[position] = value;
        outcomes.add(codeOf(() => addNormalizationMetadata(damaged)));
      }
    }
    expect([...outcomes].toSorted()).toEqual(['model-invalid', 'ok']);
  });
});

function codeOf(call: () => void): string {
  try {
    call();
    return 'ok';
  } catch (error) {
    if (isDetectorError(error)) return error.code;
    throw error;
  }
}

type OpenTable = {
  readonly int8: (field: number) => number;
  readonly int32: (field: number) => number;
  readonly text: (field: number) => string;
  readonly table: (field: number) => OpenTable;
  readonly vector: (field: number) => OpenTable[];
  readonly floats: (field: number) => number[];
  readonly bytes: (field: number) => Uint8Array;
};

/** Reads a FlatBuffers table by field number, without the code under test. */
function openTable(buffer: ByteBuffer, position = buffer.readUint32(0)): OpenTable {
  const at = (field: number): number => {
    const offset = buffer.__offset(position, 4 + 2 * field);
    return offset === 0 ? 0 : position + offset;
  };
  const elements = <T>(field: number, read: (start: number, index: number) => T): T[] => {
    const place = at(field);
    if (place === 0) return [];
    const start = buffer.__vector(place);
    return Array.from({ length: buffer.__vector_len(place) }, (_, index) => read(start, index));
  };
  return {
    int8: (field) => buffer.readInt8(at(field)),
    int32: (field) => buffer.readInt32(at(field)),
    text: (field) => String(buffer.__string(at(field))),
    table: (field) => openTable(buffer, buffer.__indirect(at(field))),
    vector: (field) => elements(field, (start, i) => openTable(buffer, buffer.__indirect(start + 4 * i))),
    floats: (field) => elements(field, (start, i) => buffer.readFloat32(start + 4 * i)),
    bytes: (field) => {
      const place = at(field);
      if (place === 0) return new Uint8Array();
      const start = buffer.__vector(place);
      return buffer.bytes().subarray(start, start + buffer.__vector_len(place));
    },
  };
}

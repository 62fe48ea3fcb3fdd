import { describe, expect, it } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { type Checkpoint, openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { MARK, PROTO_2, STOP, TUPLE, assemble } from '../../../../fixtures/checkpoints/hand-pickles.ts';
import {
  countingFloats,
  orderedDict,
  sampleStateDict,
  tensorOf,
} from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import { legacyCheckpointBytes } from '../../../../fixtures/checkpoints/torch-writer.ts';

async function open(content: Uint8Array | string): Promise<Checkpoint> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return await openCheckpoint(createBytesSource(bytes, 'test.pth'));
}

function replaced(
  bytes: Uint8Array,
  from: readonly number[],
  to: readonly number[],
): Uint8Array<ArrayBuffer> {
  const offset = Buffer.from(bytes).indexOf(Buffer.from(from));
  if (offset < 0) throw new Error('not in the file');
  const copy = new Uint8Array(bytes);
  copy.set(to, offset);
  return copy;
}

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];

describe('a legacy checkpoint', () => {
  const LEGACY = legacyCheckpointBytes(sampleStateDict());

  it('is told from a zip and opened', async () => {
    const checkpoint = await open(LEGACY);
    expect(checkpoint.format).toBe('legacy');
    expect(checkpoint.stateDict().size).toBe(6);
  });

  it('is read with pickles longer than the first part of the file that is tried', async () => {
    const storage = countingFloats(4);
    const many = Object.fromEntries(
      Array.from({ length: 6000 }, (_, index) => [`some.module.${index}.weight`, tensorOf(storage, [4])]),
    );
    const bytes = legacyCheckpointBytes(orderedDict(many));
    expect(bytes.byteLength).toBeGreaterThan(300_000);
    const checkpoint = await open(bytes);
    expect(checkpoint.tensors.size).toBe(6000);
    const last = [...checkpoint.tensors.values()].at(-1);
    if (last === undefined) throw new Error('no tensor');
    expect([...(await checkpoint.readFloat32(last))]).toEqual([0, 1, 2, 3]);
  });

  it.each([0, 15, 21])('has no room for a long pickle before the object, at %i', async (offset) => {
    const endless = assemble(PROTO_2, MARK, new Uint8Array(50_000).fill(0x4e), TUPLE, STOP);
    const bytes = Buffer.concat([LEGACY.subarray(0, offset), endless, LEGACY.subarray(offset)]);
    await expect(open(bytes)).rejects.toMatchObject({ code: 'checkpoint-too-large' });
  });

  it('is malformed wherever it is cut', async () => {
    for (let length = 1; length < LEGACY.length; length += 5) {
      await expect(open(LEGACY.slice(0, length))).rejects.toMatchObject({ code: 'checkpoint-malformed' });
    }
    await expect(open(LEGACY.slice(0, -1))).rejects.toThrow(
      /expected \d+ bytes, found \d+; the file is cut off/,
    );
  });

  it.each<[string, string, RegExp, Uint8Array]>([
    [
      'another magic number',
      'checkpoint-malformed',
      /expected the magic number/,
      replaced(LEGACY, [0x6c, 0xfc], [0x6d]),
    ],
    [
      'another protocol',
      'checkpoint-unsupported',
      /expected protocol 1001, found 1000/,
      replaced(LEGACY, [0x4d, 0xe9, 0x03], [0x4d, 0xe8]),
    ],
    [
      'big-endian weights',
      'checkpoint-unsupported',
      /big-endian/,
      replaced(
        LEGACY,
        [...ascii('little_endian'), 0x71, 2, 0x88],
        [...ascii('little_endian'), 0x71, 2, 0x89],
      ),
    ],
    [
      'a storage of another length',
      'checkpoint-malformed',
      /expected 24 elements, found 25/,
      replaced(LEGACY, [24, 0, 0, 0, 0, 0, 0, 0], [25]),
    ],
    [
      'a view of a storage',
      'checkpoint-unsupported',
      /a view of another storage/,
      replaced(LEGACY, [0x4b, 24, 0x4e, 0x74], [0x4b, 24, 0x89]),
    ],
    [
      'a list with another key',
      'checkpoint-malformed',
      /the list of storages has "9"/,
      replaced(
        LEGACY,
        [0x5d, 0x71, 0, 0x28, 0x58, 1, 0, 0, 0, 0x30],
        [0x5d, 0x71, 0, 0x28, 0x58, 1, 0, 0, 0, 0x39],
      ),
    ],
    [
      'a list with one key twice',
      'checkpoint-malformed',
      /the list of storages has "0"/,
      replaced(LEGACY, [0x71, 1, 0x58, 1, 0, 0, 0, 0x31], [0x71, 1, 0x58, 1, 0, 0, 0, 0x30]),
    ],
  ])('is a clear error: %s', async (_what, code, message, bytes) => {
    const promise = open(bytes);
    await expect(promise).rejects.toMatchObject({ code });
    await expect(promise).rejects.toThrow(message);
  });
});

describe('a legacy checkpoint as other picklers write it', () => {
  const LEGACY = legacyCheckpointBytes(sampleStateDict());
  const PREAMBLE_BYTES = 21;
  const rest = LEGACY.subarray(PREAMBLE_BYTES);

  it('may begin in protocol 0 or 1', async () => {
    const bytes = Buffer.concat([assemble('L119547037146038801333356L\n.', 'M', 0xe9, 0x03, '.'), rest]);
    expect((await open(bytes)).stateDict().size).toBe(6);
  });

  it('may begin in protocol 4, in frames', async () => {
    const magic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
    const frame = [0x95, magic.length, 0, 0, 0, 0, 0, 0, 0];
    const bytes = Buffer.concat([assemble([0x80, 4], frame, magic, [0x80, 4], 'M', 0xe9, 0x03, '.'), rest]);
    expect((await open(bytes)).stateDict().size).toBe(6);
  });

  it('says that it has no checksums, and how many bytes follow it', async () => {
    expect((await open(LEGACY)).remarks).toEqual([{ kind: 'no-checksums' }]);
    expect((await open(Buffer.concat([LEGACY, Buffer.from('\n\n')]))).remarks).toEqual([
      { kind: 'no-checksums' },
      { kind: 'bytes-after-end', byteLength: 2 },
    ]);
  });
});

/** Bytes at a place, in a file of zeros. */
function at(offset: number, bytes: string | readonly number[]): Uint8Array {
  const file = new Uint8Array(600);
  file.set(typeof bytes === 'string' ? ascii(bytes) : bytes, offset);
  return file;
}

describe('a file of another format', () => {
  it.each<[string, RegExp, Uint8Array | string]>([
    ['gzip', /compressed with gzip: unpack it first/, at(0, [0x1f, 0x8b, 8])],
    ['bzip2', /compressed with bzip2/, at(0, 'BZh91AY&SY')],
    ['xz', /compressed with xz/, at(0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
    ['Zstandard', /Zstandard/, at(0, [0x28, 0xb5, 0x2f, 0xfd])],
    ['LZ4', /LZ4/, at(0, [0x04, 0x22, 0x4d, 0x18])],
    ['7z', /a 7z archive/, at(0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c])],
    ['RAR', /a RAR archive/, at(0, 'Rar!\u001a\u0007')],
    ['tar, as PyTorch before 0.1.11 wrote', /a tar archive.*PyTorch before 0\.1\.11/, at(257, 'ustar')],
    ['ONNX', /an ONNX model/, at(0, [0x08, 0x09, 0x12, 0x07, ...ascii('pytorch')])],
    ['HDF5', /an HDF5 file, as Keras writes/, at(0, [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['GGUF', /a GGUF file/, at(0, 'GGUF\u0003')],
    ['TFLite', /a TensorFlow Lite model/, at(4, 'TFL3')],
    ['npy', /an array of numpy/, at(0, [0x93, ...ascii('NUMPY'), 1])],
    ['a video', /a video/, at(4, 'ftypisom')],
  ])('is known by its name: %s', async (_what, message, content) => {
    const promise = open(content);
    await expect(promise).rejects.toMatchObject({ code: 'checkpoint-unsupported', isPassing: false });
    await expect(promise).rejects.toThrow(message);
  });

  it.each<[string, RegExp, string]>([
    ['the index of a file in parts', /only the index/, '{"metadata": {}, "weight_map": {"a": "b"}}'],
    ['OpenVINO', /OpenVINO/, '<?xml version="1.0"?>\n<net name="x">'],
  ])('is told from other text: %s', async (_what, message, content) => {
    await expect(open(content)).rejects.toThrow(message);
  });

  it('is a plain pickle, however long', async () => {
    const plain = assemble(PROTO_2, MARK, new Uint8Array(5000).fill(0x4e), TUPLE, STOP);
    await expect(open(plain)).rejects.toThrow(/not PyTorch's: it was not written by torch\.save/);
  });
});

describe('a file that is no checkpoint', () => {
  it.each<[string, RegExp, string | Uint8Array]>([
    ['empty', /the file is empty; download it again/, ''],
    [
      'a Git LFS pointer',
      /Git LFS pointer, not the file: download the file itself/,
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    ],
    ['a web page', /a web page, not the file/, '<!DOCTYPE html>\n<html>'],
    ['an error in XML', /a web page, not the file/, '<?xml version="1.0"?><Error/>'],
    ['text', /a text file, not a PyTorch checkpoint; it begins with "Entry not found"/, 'Entry not found'],
    [
      'a picture',
      /expected a zip .* found 89 50 4e 47/,
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ],
    ['another pickle', /a pickle, but not PyTorch's/, Uint8Array.of(0x80, 2, 0x4e, 0x2e)],
    ['an empty zip', /without data.pkl/, Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18))],
  ])('is named: %s', async (_what, message, content) => {
    const promise = open(content);
    await expect(promise).rejects.toMatchObject({ code: 'checkpoint-malformed', isPassing: false });
    await expect(promise).rejects.toThrow(message);
  });
});

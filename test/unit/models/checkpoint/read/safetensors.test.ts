import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { float32Bytes } from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import { safetensorsBytes } from '../../../../fixtures/checkpoints/safetensors-writer.ts';
import { sharedPath } from '../../../../support/shared-folder.ts';

const folder = sharedPath('golden/safetensors', 'the safetensors files written by hand');

async function open(bytes: Uint8Array, name = 'test.safetensors'): Promise<Checkpoint> {
  return await openCheckpoint(createBytesSource(bytes, name));
}

const A = float32Bytes(1, -2, 3, 4);
const B = Uint8Array.of(0x80, 0x3f, 0, 0xc0);
const HEADER = {
  __metadata__: { format: 'pt' },
  'fc.weight': { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
  'fc.bias': { dtype: 'BF16', shape: [2], data_offsets: [16, 20] },
};
const DATA = Buffer.concat([A, B]);

describe('a safetensors file', () => {
  it('is read under any name, with the keys that PyTorch has', async () => {
    for (const name of ['x.safetensors', 'x.pth', 'x']) {
      const checkpoint = await open(safetensorsBytes(HEADER, DATA), name);
      expect(checkpoint.format).toBe('safetensors');
      expect(checkpoint.remarks).toEqual([{ kind: 'no-checksums' }]);
      const stateDict = checkpoint.stateDict();
      expect([...stateDict.keys()]).toEqual(['fc.weight', 'fc.bias']);
      expect([...(await checkpoint.readFloat32(stateDict.get('fc.weight')!))]).toEqual([1, -2, 3, 4]);
      expect([...(await checkpoint.readFloat32(stateDict.get('fc.bias')!))]).toEqual([1, -2]);
      const rows: number[] = [];
      for await (const { values } of checkpoint.streamFloat32(stateDict.get('fc.weight')!, 1)) {
        rows.push(...values);
      }
      expect(rows).toEqual([1, -2, 3, 4]);
    }
  });

  it('keeps a tensor of a dtype that is not read as a name', async () => {
    const header = { a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] } };
    const checkpoint = await open(safetensorsBytes(header, new Uint8Array(4)));
    expect(checkpoint.tensors.size).toBe(0);
    expect(checkpoint.stateDicts()[0]?.unread).toEqual(new Map([['a', 'a tensor of F8_E4M3']]));
  });

  it('keeps __proto__ and constructor as keys', async () => {
    const text =
      '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"constructor":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}';
    const checkpoint = await open(safetensorsBytes(text, new Uint8Array(2)));
    expect([...checkpoint.tensors.keys()]).toEqual(['__proto__', 'constructor']);
  });

  const with_ = (change: Partial<typeof HEADER> | Readonly<Record<string, unknown>>): Uint8Array =>
    safetensorsBytes({ ...HEADER, ...change }, DATA);
  const bias = (change: Readonly<Record<string, unknown>>): Uint8Array =>
    with_({ 'fc.bias': { ...HEADER['fc.bias'], ...change } });
  it.each<[string, RegExp, Uint8Array]>([
    [
      'a header without end',
      /expected a header of \d+ bytes, found/,
      safetensorsBytes(HEADER, DATA).subarray(0, 100),
    ],
    ['seven bytes', /expected the header's length, found 7 bytes/, new Uint8Array(7)],
    ['a header that is no JSON', /the header is not JSON/, safetensorsBytes('{"a":', DATA)],
    ['a list as header', /does not begin with \{/, safetensorsBytes('[1,2]   ', DATA)],
    ['a header with a space before it', /does not begin with \{/, safetensorsBytes(' {}', new Uint8Array(0))],
    ['metadata that is no text', /__metadata__ is no object of texts/, with_({ __metadata__: { a: 1 } })],
    ['a tensor that is no object', /"x" is no object/, with_({ x: 5 })],
    ['an unknown dtype', /"fc\.bias": expected a dtype of the format, found "F31"/, bias({ dtype: 'F31' })],
    ['a negative size', /the shape is no list of counts/, bias({ shape: [-2] })],
    ['a fraction as size', /the shape is no list of counts/, bias({ shape: [2.5] })],
    ['three offsets', /data_offsets are no two counts/, bias({ data_offsets: [16, 18, 20] })],
    ['offsets the wrong way round', /found data_offsets \[20, 16\]/, bias({ data_offsets: [20, 16] })],
    ['another size than its bytes', /expected 6 bytes for BF16 \[3\]/, bias({ shape: [3] })],
    [
      'more elements than can be counted',
      /more elements than can be counted/,
      bias({ shape: [2 ** 40, 2 ** 40] }),
    ],
    [
      'bytes that two tensors share',
      /expected it to begin at 16 of the data, found 12/,
      bias({ data_offsets: [12, 16] }),
    ],
    [
      'a gap',
      /expected it to begin at 16 of the data, found 20/,
      safetensorsBytes(
        { ...HEADER, 'fc.bias': { ...HEADER['fc.bias'], data_offsets: [20, 24] } },
        new Uint8Array(24),
      ),
    ],
    [
      'bytes that are missing',
      /expected 20 bytes of tensors, found 19; the file is cut off/,
      safetensorsBytes(HEADER, DATA.subarray(1)),
    ],
    [
      'bytes after the last tensor',
      /1 bytes follow the last tensor: something was appended/,
      safetensorsBytes(HEADER, Buffer.concat([DATA, Buffer.from('\n')])),
    ],
  ])('is malformed with %s', async (_what, message, bytes) => {
    const promise = open(bytes);
    await expect(promise).rejects.toMatchObject({ code: 'checkpoint-malformed', isPassing: false });
    await expect(promise).rejects.toThrow(message);
  });

  it('reserves nothing for a header of 2^63 bytes, or one above the limit', async () => {
    for (const length of [2n ** 63n, 10n ** 8n]) {
      const bytes = safetensorsBytes(HEADER, DATA);
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      await expect(open(bytes)).rejects.toMatchObject({ code: 'checkpoint-too-large' });
    }
  });

  it('is malformed or unchanged in its weights wherever it is cut', async () => {
    const bytes = safetensorsBytes(HEADER, DATA);
    for (let length = 0; length < bytes.length; length++) {
      await expect(open(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'checkpoint-malformed' });
    }
  });
});

type ExpectedTensor = {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly sha256_f32le: string;
};
type ExpectedFile = { readonly tensors?: string; readonly error?: string };
type Expected = { readonly files: Readonly<Record<string, ExpectedFile>> } & Readonly<
  Record<string, Readonly<Record<string, ExpectedTensor>>>
>;

describe.skipIf(folder === undefined)('the files written by hand', () => {
  const expected = folder
    ? (JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected)
    : ({ files: {} } as unknown as Expected);
  const read = async (name: string): Promise<Checkpoint> =>
    await open(readFileSync(join(folder!, name)), name);

  it.each(Object.entries(expected.files).filter(([, { error }]) => error === undefined))(
    '%s reads as its JSON says',
    async (name, { tensors = '' }) => {
      const checkpoint = await read(name);
      const want = expected[tensors]!;
      expect([...checkpoint.tensors.keys()].sort()).toEqual(Object.keys(want).sort());
      for (const [key, info] of checkpoint.tensors) {
        const values = await checkpoint.readFloat32(info);
        expect(info.shape).toEqual(want[key]!.shape);
        expect([...values]).toEqual(want[key]!.values.map(Math.fround));
        const sha256 = createHash('sha256').update(
          new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        );
        expect(sha256.digest('hex').slice(0, 60)).toBe(want[key]!.sha256_f32le.slice(0, 60));
      }
    },
  );

  it.each(Object.entries(expected.files).filter(([, { error }]) => error !== undefined))(
    '%s is refused',
    async (name) => {
      const refused = expect.stringMatching(/^checkpoint-(malformed|too-large)$/) as string;
      await expect(read(name)).rejects.toMatchObject({ code: refused });
    },
  );
});

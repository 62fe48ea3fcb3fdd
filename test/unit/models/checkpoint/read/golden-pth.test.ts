import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  type PickleValue,
  openCheckpoint,
} from '../../../../../models/checkpoint/read/checkpoint.ts';
import { createNodeFileSource } from '../../../../../entrypoints/cli/node-file-source.ts';
import { sharedPath } from '../../../../support/shared-folder.ts';

/** Files written by torch.save and by hand, beside the project; expected.json describes their content. */
const folder = sharedPath('golden/pth', 'the checkpoints written by PyTorch');

type ExpectedTensor = {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly storage_offset: number;
  readonly hex_le: string;
  /** Numbers; text for a number that JSON does not have. */
  readonly as_f32?: readonly (number | string)[];
};
type ExpectedFile = {
  readonly expect: string;
  readonly tensors?: Readonly<Record<string, ExpectedTensor>>;
  readonly ref?: string;
  readonly other?: Readonly<Record<string, unknown>>;
};
type Expected = {
  readonly valid: Readonly<Record<string, ExpectedFile>>;
  readonly invalid: Readonly<Record<string, ExpectedFile>>;
};

const expected: Expected = folder
  ? (JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected)
  : { valid: {}, invalid: {} };
const here = new Set(folder ? readdirSync(folder) : []);
const validNames = Object.keys(expected.valid).filter((name) => here.has(name));
const invalidNames = Object.keys(expected.invalid).filter((name) => here.has(name));

async function withFile<T>(name: string, use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const source = await createNodeFileSource(join(folder!, name));
  try {
    return await use(await openCheckpoint(source));
  } finally {
    await source.close();
  }
}

/** What JSON cannot say is said in words. */
function numberOf(value: number | string): number {
  if (typeof value === 'number') return Math.fround(value);
  const words: Readonly<Record<string, number>> = {
    '-0': -0,
    nan: Number.NaN,
    inf: Infinity,
    '-inf': -Infinity,
  };
  const number = words[value.toLowerCase()];
  return Math.fround(number ?? Number(value));
}

function follow(root: PickleValue, path: string): unknown {
  let value: unknown = root;
  for (const part of path.split('/')) {
    if (value instanceof Map) value = value.has(part) ? value.get(part) : value.get(Number(part));
    else if (Array.isArray(value)) value = (value as readonly unknown[])[Number(part)];
    else throw new Error(`nothing at ${path}`);
  }
  return value;
}

describe.skipIf(folder === undefined)('files that PyTorch wrote', () => {
  it('are here', () => {
    expect(validNames.length).toBeGreaterThan(8);
    expect(invalidNames.length).toBeGreaterThan(30);
  });

  it.each(validNames)('%s reads as its JSON says', async (name) => {
    const file = expected.valid[name];
    const tensors = file?.tensors ?? expected.valid[file?.ref ?? '']?.tensors ?? {};
    await withFile(name, async (checkpoint) => {
      expect([...checkpoint.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
      for (const [path, info] of checkpoint.tensors) {
        const want = tensors[path];
        expect({
          dtype: info.dtype,
          shape: info.shape,
          stride: info.strides,
          storage_offset: info.storageOffset,
        }).toEqual({
          dtype: want?.dtype,
          shape: want?.shape,
          stride: want?.stride,
          storage_offset: want?.storage_offset,
        });
        expect(Buffer.from(await checkpoint.readTensor(info)).toString('hex'), path).toBe(want?.hex_le);
        if (want?.as_f32 !== undefined) {
          expect([...(await checkpoint.readFloat32(info))], path).toEqual(want.as_f32.map(numberOf));
        }
      }
      for (const [path, value] of Object.entries(file?.other ?? {})) {
        expect(follow(checkpoint.root, path), path).toEqual(value);
      }
    });
  });

  it.each(invalidNames)('%s is refused quickly, in a sentence that names what is wrong', async (name) => {
    // Of the processor, so that a busy machine does not fail it.
    const started = process.cpuUsage();
    const readAll = async (): Promise<void> => {
      await withFile(name, async (checkpoint) => {
        for (const info of checkpoint.tensors.values()) await checkpoint.readTensor(info);
      });
    };
    if (name === 'bad_pickle_billion_laughs.pth') {
      // Sixty tuples that hold each other are harmless to this reader.
      await readAll();
    } else {
      const promise = readAll();
      await expect(promise).rejects.toMatchObject({ name: 'DetectorError', isPassing: false });
      if (name.startsWith('evil_')) {
        await expect(promise).rejects.toMatchObject({ code: 'checkpoint-refused' });
        await expect(promise).rejects.toThrow(/asks for \S+.*nothing was executed/);
      }
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000);
  });

  it('execute nothing', () => {
    // Every evil file would make this file.
    expect(existsSync(join(tmpdir(), 'pwned_by_pth'))).toBe(false);
  });
});

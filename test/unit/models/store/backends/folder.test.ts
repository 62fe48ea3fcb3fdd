import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createModelFolderWriter,
  readModelDescription,
} from '../../../../../models/store/backends/folder.ts';
import { GENCONVIT } from '../../../../../models/detectors/genconvit/genconvit.ts';
import { REGISTRY } from '../../../../../models/detectors/registry.ts';
import { describeModel } from '../../../../../models/detectors/model-description.ts';
import type { ModelDescription, ModelFile } from '../../../../../models/detectors/model-description.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueframe-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function file(path: string, text: string): ModelFile {
  return { path, byteLength: text.length, sha256: createHash('sha256').update(text).digest('hex') };
}

function describeTexts(graph: string, shards: readonly string[]): ModelDescription {
  return describeModel(GENCONVIT, {
    network: 'ed',
    dtype: 'fp32',
    device: 'wasm',
    imageSize: 224,
    extraInputs: {},
    source: { name: 'a.pth', byteLength: 1, sha256: null },
    graph: file('model.onnx', graph),
    shards: shards.map((text, index) => file(`model.data${index}`, text)),
  });
}

async function begin(
  graph: string,
  shards: readonly string[],
): Promise<{ readonly finish: () => Promise<void>; readonly discard: () => Promise<void> }> {
  const writer = await createModelFolderWriter(folder, REGISTRY);
  for (const { path, text } of [
    ...shards.map((text, index) => ({ path: `model.data${index}`, text })),
    { path: 'model.onnx', text: graph },
  ]) {
    const opened = await writer.openFile(path);
    await opened.write(new TextEncoder().encode(text));
    await opened.close();
  }
  return { finish: () => writer.commit(describeTexts(graph, shards)), discard: writer.discard };
}

describe("a model's folder", () => {
  it('holds the model that was finished last, when two were written at once', async () => {
    const first = await begin('first', ['aaa', 'b']);
    const second = await begin('second', ['cc']);
    await first.finish();
    await second.finish();
    await first.discard();
    const description = await readModelDescription(folder, REGISTRY);
    expect(description).toEqual(describeTexts('second', ['cc']));
    expect(readdirSync(folder).sort()).toEqual(['model.data0', 'model.json', 'model.onnx']);
  });

  it('keeps a model while another one is given up', async () => {
    const first = await begin('first', ['aaa']);
    const second = await begin('second', ['cc', 'd']);
    await first.finish();
    await second.discard();
    expect(await readModelDescription(folder, REGISTRY)).toEqual(describeTexts('first', ['aaa']));
  });

  it('loses what a killed process left behind, and nothing that is being written', async () => {
    // No process has the largest number that Linux can give.
    for (const name of [
      'model.data0.4194304-1.partial',
      `model.data0.${process.pid}-999.partial`,
      'mine.partial',
    ]) {
      writeFileSync(join(folder, name), 'x');
    }
    await (await begin('graph', [])).finish();
    expect(readdirSync(folder).sort()).toEqual([
      'mine.partial',
      `model.data0.${process.pid}-999.partial`,
      'model.json',
      'model.onnx',
    ]);
  });

  it.each(['model.onnx', 'model.data0', 'model.json'])(
    'is not written over %s of something else',
    async (name) => {
      writeFileSync(join(folder, name), '{"graph": 5}');
      await expect(createModelFolderWriter(folder, REGISTRY)).rejects.toMatchObject({
        code: 'options-invalid',
      });
      expect(readFileSync(join(folder, name), 'utf8')).toBe('{"graph": 5}');
    },
  );

  it('is not finished over what came into the folder meanwhile', async () => {
    const { finish, discard } = await begin('graph', ['a']);
    writeFileSync(join(folder, 'model.onnx'), 'mine');
    await expect(finish()).rejects.toThrow(/model\.onnx is of no model that TrueFrame made/);
    await discard();
    expect(readdirSync(folder)).toEqual(['model.onnx']);
    expect(readFileSync(join(folder, 'model.onnx'), 'utf8')).toBe('mine');
  });

  it('keeps what only looks like a file that was being written', async () => {
    // A process with this number never existed: Linux has at most 2^22.
    const foreign = 'thesis.9999999-1.partial';
    writeFileSync(join(folder, foreign), 'mine');
    writeFileSync(join(folder, 'model.data0.9999999-1.partial'), 'left behind');
    const { finish } = await begin('graph', ['a']);
    await finish();
    expect(readdirSync(folder).sort()).toEqual(['model.data0', 'model.json', 'model.onnx', foreign].sort());
  });
});

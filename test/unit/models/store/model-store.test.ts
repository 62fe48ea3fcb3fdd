import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { GENCONVIT } from '../../../../models/detectors/genconvit/genconvit.ts';
import { describeModel } from '../../../../models/detectors/model-description.ts';
import type { ModelDescription, ModelFile } from '../../../../models/detectors/model-description.ts';
import { createRegistry } from '../../../../models/detectors/registry.ts';
import type { StoreFolder } from '../../../../models/store/backend.ts';
import {
  createModelWriter,
  listModels,
  openModel,
  purgeDeletedModels,
  restoreModel,
  setModelAside,
  verifyModel,
} from '../../../../models/store/model-store.ts';
import type { ModelStore, ModelWriter } from '../../../../models/store/model-store.ts';
import type { InstalledModel } from '../../../../utils/domain/model.ts';
import { createMemoryBackend } from '../../../support/memory-backend.ts';

const TEXTS = { 'model.onnx': 'graph', 'model.data0': 'first shard', 'model.data1': 'second' } as const;

function createStore(roomByteLength?: number): ModelStore {
  return {
    backend: createMemoryBackend(roomByteLength),
    registry: createRegistry([GENCONVIT]),
    readSelfTests: () => Promise.resolve(new Map()),
  };
}

function fileOf(path: keyof typeof TEXTS): ModelFile {
  const text = TEXTS[path];
  return { path, byteLength: text.length, sha256: createHash('sha256').update(text).digest('hex') };
}

const DESCRIPTION: ModelDescription = describeModel(GENCONVIT, {
  network: 'ed',
  dtype: 'fp32',
  device: 'wasm',
  imageSize: 224,
  extraInputs: {},
  source: { name: 'a.pth', byteLength: 1, sha256: null },
  graph: fileOf('model.onnx'),
  shards: [fileOf('model.data0'), fileOf('model.data1')],
});

async function writeFiles(writer: ModelWriter): Promise<void> {
  for (const [path, text] of Object.entries(TEXTS)) {
    const file = await writer.openFile(path, text.length);
    await file.write(new TextEncoder().encode(text));
    await file.close();
  }
}

async function install(store: ModelStore): Promise<InstalledModel> {
  const writer = await createModelWriter(store);
  await writeFiles(writer);
  return await writer.commit(DESCRIPTION);
}

async function onlyFolder(store: ModelStore): Promise<StoreFolder> {
  const folders = await store.backend.listFolders();
  expect(folders).toHaveLength(1);
  return folders[0]!;
}

test('files are a model once they are committed, and not before', async () => {
  const store = createStore();
  const writer = await createModelWriter(store);
  await writeFiles(writer);
  expect(await listModels(store)).toEqual([]);
  const installed = await writer.commit(DESCRIPTION);
  expect(installed).toMatchObject({ networks: ['ed'], state: 'ready', problem: null });
  expect(await listModels(store)).toEqual([installed]);
  await writer.discard();
  const { detector, description, files } = await openModel(store, installed.modelId);
  expect([detector, description]).toEqual([GENCONVIT, DESCRIPTION]);
  expect(new TextDecoder().decode(files.graph)).toBe('graph');
  expect(files.externalData.map(({ path }) => path)).toEqual(['model.data0', 'model.data1']);
});

test('a write that was given up leaves nothing, and a model of before stays', async () => {
  const store = createStore();
  const installed = await install(store);
  const writer = await createModelWriter(store);
  await writeFiles(writer);
  await writer.discard();
  await onlyFolder(store);
  expect(await listModels(store)).toEqual([installed]);
});

test('a file that does not fit is refused, and nothing of the model stays', async () => {
  const store = createStore(8);
  const writer = await createModelWriter(store);
  await expect(writeFiles(writer)).rejects.toMatchObject({ code: 'storage-full' });
  await writer.discard();
  expect(await store.backend.listFolders()).toEqual([]);
});

test('an older copy of the same model goes only after the new one is whole', async () => {
  const store = createStore();
  const { modelId } = await install(store);
  const older = await onlyFolder(store);
  const writer = await createModelWriter(store);
  await writeFiles(writer);
  expect((await openModel(store, modelId)).description).toEqual(DESCRIPTION);
  expect((await writer.commit(DESCRIPTION)).modelId).toBe(modelId);
  const left = await onlyFolder(store);
  expect([left.name, left.name === older.name]).toEqual([writer.folder.name, false]);
});

test('a missing, a short and a damaged file are named', async () => {
  const store = createStore();
  const { modelId } = await install(store);
  const folder = await onlyFolder(store);
  await folder.remove('model.data0');
  expect(await listModels(store)).toMatchObject([{ state: 'invalid', problem: 'model.data0 is missing' }]);
  await expect(openModel(store, modelId)).rejects.toThrow(/model\.data0 is missing/);
  await folder.replace('model.data0', 'short');
  expect(await listModels(store)).toMatchObject([{ problem: 'model.data0 has 5 bytes, expected 11' }]);
  await folder.replace('model.data0', 'first shar_');
  // Its length is right, so only the checksum tells.
  expect(await listModels(store)).toMatchObject([{ state: 'ready' }]);
  const { state, problem } = await verifyModel(store, modelId);
  expect([state, problem]).toEqual([
    'invalid',
    expect.stringMatching(/^model\.data0 is damaged: its SHA-256 is/),
  ]);
  await expect(openModel(store, modelId)).rejects.toMatchObject({ code: 'model-invalid' });
});

test('a model that was set aside comes back, until its room is given back', async () => {
  const store = createStore();
  const { modelId } = await install(store);
  await setModelAside(store, modelId);
  expect(await listModels(store)).toEqual([]);
  await restoreModel(store, modelId);
  expect(await listModels(store)).toMatchObject([{ modelId, state: 'ready' }]);
  await setModelAside(store, modelId);
  await purgeDeletedModels(store);
  expect(await store.backend.listFolders()).toEqual([]);
});

test('a description of before there were several detectors is read; one of another graph version is no model', async () => {
  const store = createStore();
  const installed = await install(store);
  const folder = await onlyFolder(store);
  const { detector: _detector, extraInputs: _extraInputs, ...fields } = DESCRIPTION;
  await folder.replace('model.json', JSON.stringify({ ...fields, latentSize: null }));
  expect(await listModels(store)).toMatchObject([{ modelId: installed.modelId, detectorId: 'genconvit' }]);
  await folder.replace('model.json', JSON.stringify({ ...DESCRIPTION, graphVersion: 9999 }));
  expect(await listModels(store)).toEqual([]);
});

test('only what is known to be the published weights is not foreign', async () => {
  const { published } = GENCONVIT;
  const shardSha256 = { 'fp32-wasm': DESCRIPTION.shards.map(({ sha256 }) => sha256) };
  const checkpoints = published!.checkpoints.map((checkpoint) => ({ ...checkpoint, shardSha256 }));
  const knowing = createRegistry([{ ...GENCONVIT, published: { ...published!, checkpoints } }]);
  const of = async (source: Partial<ModelDescription['source']>, registry = createRegistry([GENCONVIT])) => {
    const store = { ...createStore(), registry };
    const writer = await createModelWriter(store);
    await writeFiles(writer);
    const { provenance, isForeign } = await writer.commit({
      ...DESCRIPTION,
      source: { ...DESCRIPTION.source, ...source },
    });
    return { provenance, isForeign };
  };
  const { sha256, url, revision } = published!.checkpoints[0]!;
  const own = { isForeign: undefined };
  expect(await of({ sha256 })).toEqual({ provenance: 'published-file', ...own });
  expect(await of({ download: { url, revision, etag: null } })).toEqual({
    provenance: 'published-download',
    ...own,
  });
  expect(await of({}, knowing)).toEqual({ provenance: 'published-folder', ...own });
  expect(await of({ sha256: '0'.repeat(64) })).toEqual({ provenance: 'other-file', isForeign: true });
  // The name that the folder gives its checkpoint does not count.
  expect(await of({ name: 'genconvit_ed_inference.pth' })).toEqual({
    provenance: 'converted-folder',
    isForeign: true,
  });
});

test('an abort while the checksums are computed changes nothing', async () => {
  const store = createStore();
  const installed = await install(store);
  const signal = AbortSignal.abort();
  await expect(verifyModel(store, installed.modelId, undefined, signal)).rejects.toThrow(/abort/i);
  expect(await listModels(store)).toEqual([installed]);
});

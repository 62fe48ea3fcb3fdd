import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ByteSource } from '../../models/checkpoint/read/byte-source.ts';
import { createModelFolderWriter, sha256InNode } from '../../models/store/backends/folder.ts';
import { createNodeFileSource } from '../../entrypoints/cli/node-file-source.ts';
import { convertCheckpoint } from '../../models/detectors/conversion.ts';
import { MODEL_DESCRIPTION_NAME, parseModelDescription } from '../../models/detectors/model-description.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';

const MODELS_FOLDER = resolve(import.meta.dirname, '../../.output/demo/models');

/** As the options page converts: half the size of fp32, the same scores to three digits. */
const CONVERSION = { detector: null, network: null, dtype: 'fp16', device: 'wasm' } as const;

export type ChosenModel = { readonly folder: string; readonly isDemo: boolean; readonly origin: string };

/**
 * The network of the demo: the named checkpoint, else the last one that an earlier run converted, else a stand-in with
 * made-up weights.
 * @param standIn asks for a stand-in of that size, even if there is a converted network; `published` gives real
 *   timings
 */
export async function chooseModel(
  options: { readonly checkpoint: string | undefined; readonly standIn: 'tiny' | 'published' | null },
  log: (line: string) => void,
): Promise<ChosenModel> {
  if (options.checkpoint !== undefined) return convertOnce(options.checkpoint, log);
  const converted = options.standIn === null ? await newestConverted() : undefined;
  if (converted !== undefined) {
    log(`Using ${converted.origin}, which an earlier run converted into ${converted.folder}`);
    return converted;
  }
  const sizes = options.standIn ?? 'tiny';
  log(`No checkpoint: making a stand-in network with made-up weights (${sizes})`);
  return { folder: await makeDemoModel({ sizes }), isDemo: true, origin: `made-up weights (${sizes})` };
}

/** Converts a checkpoint, or finds the result of an earlier run with the same bytes. */
async function convertOnce(checkpoint: string, log: (line: string) => void): Promise<ChosenModel> {
  log(`Reading ${checkpoint}`);
  const source = await createNodeFileSource(checkpoint);
  try {
    return await convertSource(source, log);
  } finally {
    await source.close();
  }
}

async function convertSource(source: ByteSource, log: (line: string) => void): Promise<ChosenModel> {
  const sha256 = await sha256InNode(source);
  const conversion = createHash('sha256')
    .update(JSON.stringify([REGISTRY.detectors.map(({ graphVersion }) => graphVersion), CONVERSION]))
    .digest('hex');
  const folder = resolve(MODELS_FOLDER, `${sha256.slice(0, 16)}-${conversion.slice(0, 8)}`);
  const found = await readIfModel(folder);
  if (found !== undefined) return found;
  const writer = await createModelFolderWriter(folder, REGISTRY);
  try {
    let shownTenths = -1;
    const description = await convertCheckpoint(
      source,
      { ...CONVERSION, registry: REGISTRY },
      writer.openFile,
      (progress) => {
        const tenths = Math.floor((10 * progress.doneByteLength) / progress.totalByteLength);
        if (tenths !== shownTenths) log(`Converting ${progress.network}: ${String(tenths * 10)} of 100`);
        shownTenths = tenths;
      },
    );
    await writer.commit({ ...description, source: { ...description.source, sha256 } });
  } finally {
    await writer.discard();
  }
  return (await readIfModel(folder)) ?? Promise.reject(new Error(`${folder} holds no model`));
}

async function newestConverted(): Promise<ChosenModel | undefined> {
  const names = await readdir(MODELS_FOLDER).catch(() => []);
  const folders = names.map((name) => resolve(MODELS_FOLDER, name));
  const times = await Promise.all(folders.map(async (folder) => (await stat(folder)).mtimeMs));
  const byTime = folders.toSorted((a, b) => times[folders.indexOf(b)]! - times[folders.indexOf(a)]!);
  for (const folder of byTime) {
    const model = await readIfModel(folder);
    if (model !== undefined) return model;
  }
  return undefined;
}

/** Undefined for a folder whose conversion was interrupted, or that another version converted. */
async function readIfModel(folder: string): Promise<ChosenModel | undefined> {
  const text = await readFile(resolve(folder, MODEL_DESCRIPTION_NAME), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { source } = parseModelDescription(text, REGISTRY);
    return { folder, isDemo: false, origin: source.name };
  } catch {
    return undefined;
  }
}

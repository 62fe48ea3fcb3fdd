import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from '../../checkpoint/read/byte-source.ts';
import { READ_BLOCK_BYTES } from '../../checkpoint/read/limits.ts';
import {
  formatModelDescription,
  MODEL_DESCRIPTION_NAME,
  parseModelDescription,
} from '../../detectors/model-description.ts';
import type { ModelDescription } from '../../detectors/model-description.ts';
import { rebuildGraph } from '../../detectors/model-graph.ts';
import type { DetectorRegistry } from '../../detectors/registry.ts';
import type { ShardWriter } from '../../onnx/external-data.ts';
import type { ModelFiles } from '../../runtime/session.ts';
import { parseFields } from '../backend.ts';
import { filesOf, openModelFile, OWN_NAME } from '../model-store.ts';

/** A file of ours that is being written, with the process that writes it: two may write into one folder. */
const PARTIAL_NAME = /^model\.(?:onnx|json|data\d+)\.(\d{1,10})-\d+\.partial$/;
let writerCount = 0;

/**
 * A model's folder while it is written. A model that was there before stays whole until `commit`.
 * @param directory made if it does not exist
 * @throws DetectorError `options-invalid` where a model would replace files in it that are of no model of ours
 */
export async function createModelFolderWriter(directory: string, registry: DetectorRegistry) {
  // The first folder that was made; undefined if the folder existed before.
  const firstMade = await mkdir(directory, { recursive: true });
  let isCommitted = false;
  const written = new Set<string>();
  const suffix = `.${process.pid}-${++writerCount}.partial`;
  const partialPath = (path: string): string => join(directory, path + suffix);
  if (firstMade === undefined) {
    await assertNothingForeign(directory);
    await removeAbandoned(directory);
  }

  /** Removes the written files, and the folder if it was made for them. */
  async function discard(): Promise<void> {
    for (const path of written) await rm(partialPath(path), { force: true });
    written.clear();
    if (firstMade === undefined || isCommitted) return;
    // The folders up to the first one that was made for this model.
    const outermost = resolve(firstMade);
    for (let made = resolve(directory); made.length >= outermost.length; made = dirname(made)) {
      try {
        await rmdir(made);
      } catch (error) {
        // Another program has put a file into the folder meanwhile.
        if (hasCode(error, 'ENOTEMPTY')) return;
        throw error;
      }
    }
  }

  return {
    openFile: async (path: string): Promise<ShardWriter> => {
      written.add(path);
      const file = await open(partialPath(path), 'wx');
      return {
        write: async (bytes) => {
          // One write call may take fewer bytes than it was given.
          for (let done = 0; done < bytes.byteLength;) {
            done += (await file.write(bytes, done)).bytesWritten;
          }
        },
        close: async () => {
          await file.sync();
          await file.close();
        },
        abort: async () => {
          await file.close();
        },
      };
    },
    /** Gives the files their names, removes those of a former model, and writes `model.json` last. */
    commit: async (description: ModelDescription): Promise<void> => {
      const former = await readFormerDescription(directory, registry);
      // The files that came into the folder while the model was made.
      await assertNothingForeign(directory);
      await rm(join(directory, MODEL_DESCRIPTION_NAME), { force: true });
      for (const path of written) await rename(partialPath(path), join(directory, path));
      for (const file of former === null ? [] : filesOf(former)) {
        if (!written.has(file.path) && OWN_NAME.test(file.path)) {
          await rm(join(directory, file.path), { force: true });
        }
      }
      const text = formatModelDescription(description);
      await writeFile(partialPath(MODEL_DESCRIPTION_NAME), text);
      await rename(partialPath(MODEL_DESCRIPTION_NAME), join(directory, MODEL_DESCRIPTION_NAME));
      written.clear();
      isCommitted = true;
    },
    discard,
  };
}

/**
 * Throws if files of another kind have names that a model takes: a graph of the user's own, another program's
 * description.
 */
async function assertNothingForeign(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter(
    (name) => OWN_NAME.test(name) || name === MODEL_DESCRIPTION_NAME,
  );
  const own = names.includes(MODEL_DESCRIPTION_NAME) ? await readFormerNames(directory) : [];
  const foreign = names.find((name) => !own.includes(name));
  if (foreign === undefined) return;
  throw new DetectorError(
    'options-invalid',
    `${join(directory, foreign)} is of no model that TrueFrame made: choose another folder, or move it away`,
  );
}

/** The files that a `model.json` of any version of ours names, and itself; none where it is not ours. */
async function readFormerNames(directory: string): Promise<readonly string[]> {
  const text = await readFile(join(directory, MODEL_DESCRIPTION_NAME), 'utf8');
  const fields = parseFields(text);
  const files = [fields?.graph, ...(Array.isArray(fields?.shards) ? (fields.shards as unknown[]) : [])];
  const paths = files.map((file) =>
    typeof file === 'object' && file !== null && 'path' in file ? file.path : undefined,
  );
  if (typeof fields?.formatVersion !== 'number' || !paths.every((path) => typeof path === 'string')) {
    return [];
  }
  return [MODEL_DESCRIPTION_NAME, ...paths];
}

/** Removes the files of killed processes. Those of a checkpoint can have gigabytes. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const processId = PARTIAL_NAME.exec(name)?.[1];
    if (processId !== undefined && !isRunning(Number(processId))) {
      await rm(join(directory, name), { force: true });
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    // Signal 0 only asks whether the process exists.
    return process.kill(processId, 0);
  } catch (error) {
    // EPERM: another user's process.
    return !hasCode(error, 'ESRCH');
  }
}

async function readFormerDescription(
  directory: string,
  registry: DetectorRegistry,
): Promise<ModelDescription | null> {
  try {
    return parseModelDescription(await readFile(join(directory, MODEL_DESCRIPTION_NAME), 'utf8'), registry);
  } catch (error) {
    // There is no model, or one of another version whose files are unknown: nothing is removed.
    if (error instanceof DetectorError || hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * The description of the model in a folder. The model's files are not examined.
 * @throws DetectorError `model-invalid` where there is no `model.json`, or none that this version reads
 */
export async function readModelDescription(
  directory: string,
  registry: DetectorRegistry,
): Promise<ModelDescription> {
  const text = await (await readIfThere(directory, MODEL_DESCRIPTION_NAME))?.text();
  if (text === undefined) {
    throw new DetectorError(
      'model-invalid',
      `${directory} holds no ${MODEL_DESCRIPTION_NAME}: make a model with npm run convert`,
    );
  }
  return parseModelDescription(text, registry);
}

/**
 * Reads a converted model and checks every byte against its `model.json`. The graph is built here from the description:
 * the folder's own graph is only compared with it.
 * @throws DetectorError `model-invalid` when a file is missing, has another size or another sha256, and for another
 *   graph
 */
export async function readModelFolder(
  directory: string,
  registry: DetectorRegistry,
): Promise<{ readonly description: ModelDescription; readonly files: ModelFiles }> {
  const description = await readModelDescription(directory, registry);
  const checked: { path: string; data: Uint8Array }[] = [];
  const folder = { read: (path: string) => readIfThere(directory, path) };
  for (const file of filesOf(description)) {
    const opened = await openModelFile(folder, file).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DetectorError('model-invalid', `${directory}: ${reason}`, { cause });
    });
    const data = new Uint8Array(await opened.arrayBuffer());
    // Node's own SHA-256 is several times as fast as WebAssembly's, and a model has up to a gigabyte.
    if (createHash('sha256').update(data).digest('hex') !== file.sha256) {
      const reason = `the bytes of ${file.path} are not those of its sha256`;
      throw new DetectorError('model-invalid', `${directory}: ${reason}`);
    }
    checked.push({ path: file.path, data });
  }
  const graph = await rebuildGraph(description, registry);
  return { description, files: { graph, externalData: checked.slice(1) } };
}

async function readIfThere(directory: string, path: string): Promise<File | null> {
  try {
    return new File([await readFile(join(directory, path))], path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Lower-case hexadecimal SHA-256 of a whole source by Node's own hash. */
export async function sha256InNode(source: ByteSource, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < source.byteLength; offset += READ_BLOCK_BYTES) {
    const byteLength = Math.min(READ_BLOCK_BYTES, source.byteLength - offset);
    hash.update(await source.read(offset, byteLength, signal));
  }
  return hash.digest('hex');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DetectorError } from '../../../utils/domain/errors.ts';
import {
  formatModelDescription,
  MODEL_DESCRIPTION_NAME,
  parseModelDescription,
} from '../../detectors/model-description.ts';
import type { ModelDescription } from '../../detectors/model-description.ts';
import type { DetectorRegistry } from '../../detectors/registry.ts';
import type { ShardWriter } from '../../onnx/external-data.ts';
import type { ModelFiles } from '../../runtime/session.ts';
import { filesOf, openModelFile, OWN_NAME } from '../model-store.ts';

/** Ends the name of a file that is being written, with the process that writes it: two may write into one folder. */
const PARTIAL_NAME = /\.(\d{1,10})-\d+\.partial$/;
let writerCount = 0;

/**
 * A model's folder while it is written. A model that was there before stays whole until `commit`.
 * @param directory made if it does not exist
 */
export async function createModelFolderWriter(directory: string, registry: DetectorRegistry) {
  // Undefined where the folder was there before.
  const firstMade = await mkdir(directory, { recursive: true });
  let isCommitted = false;
  const written = new Set<string>();
  const suffix = `.${process.pid}-${++writerCount}.partial`;
  const partialPath = (path: string): string => join(directory, path + suffix);
  if (firstMade === undefined) await removeAbandoned(directory);

  /** Removes the written files, and the folder if it was made for them. */
  async function discard(): Promise<void> {
    for (const path of written) await rm(partialPath(path), { force: true });
    written.clear();
    if (firstMade === undefined || isCommitted) return;
    // Up to the first folder that was made for this model.
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
      const file = await open(partialPath(path), 'w');
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

/** Removes the files of killed processes; a checkpoint's can be gigabytes. */
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
    // No model, or one of another version whose files are unknown: nothing is removed.
    if (error instanceof DetectorError || hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * Reads a converted model and checks every byte against its `model.json`.
 * @throws DetectorError `model-invalid` when a file is missing, has another size or another sha256
 */
export async function readModelFolder(
  directory: string,
  registry: DetectorRegistry,
): Promise<{ readonly description: ModelDescription; readonly files: ModelFiles }> {
  const text = await (await readIfThere(directory, MODEL_DESCRIPTION_NAME))?.text();
  if (text === undefined) {
    throw new DetectorError(
      'model-invalid',
      `${directory} holds no ${MODEL_DESCRIPTION_NAME}: make a model with npm run convert`,
    );
  }
  const description = parseModelDescription(text, registry);
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
  const [graph, ...shards] = checked;
  return { description, files: { graph: graph!.data, externalData: shards } };
}

async function readIfThere(directory: string, path: string): Promise<File | null> {
  try {
    return new File([await readFile(join(directory, path))], path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Lower-case hexadecimal SHA-256 of a whole file, read in a stream. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 2 ** 20, signal })) {
    hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

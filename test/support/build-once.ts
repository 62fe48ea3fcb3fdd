import { createHash } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '../..');

/** A bundle made from files of this repository. */
export type BundleRecipe = {
  /** Absolute path of the folder that `build` fills. */
  readonly folder: string;
  /** A file that each build writes anew, relative to the folder. */
  readonly marker: string;
  /** Paths of files and folders that the bundle is made from, relative to the repository's root. */
  readonly inputs: readonly string[];
  readonly build: () => Promise<void>;
};

/** The packages and compilers of every bundle. */
const COMMON_INPUTS = ['package-lock.json', 'tsconfig.json', 'test/support/build-once.ts'] as const;

/**
 * Builds a bundle unless it was built from the same content before. A stamp beside the folder holds the hash of the
 * inputs and the time of the build, so that a build by another program is noticed too.
 */
export async function buildOnce({ folder, marker, inputs, build }: BundleRecipe): Promise<void> {
  const hash = await hashOf([...COMMON_INPUTS, ...inputs]);
  const stampFile = `${folder}.stamp`;
  const stamp = (): string => `${hash} ${String(modifiedAt(resolve(folder, marker)))}\n`;
  const found = await readFile(stampFile, 'utf8').catch(() => null);
  if (found === stamp()) return;
  const startedAt = performance.now();
  await build();
  await writeFile(stampFile, stamp());
  const seconds = (performance.now() - startedAt) / 1000;
  process.stderr.write(`built ${relative(REPOSITORY, folder)} in ${seconds.toFixed(1)} s\n`);
}

/** Milliseconds since 1970; 0 where there is no such file. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A hash of the names and contents of all files, in a fixed order. */
async function hashOf(inputs: readonly string[]): Promise<string> {
  const files = globSync(
    inputs.flatMap((input) => [input, `${input}/**/*`]),
    { cwd: REPOSITORY },
  ).filter((path) => statSync(resolve(REPOSITORY, path)).isFile());
  const hash = createHash('sha256');
  for (const path of new Set(files.toSorted())) {
    hash.update(`${path}\n`).update(await readFile(resolve(REPOSITORY, path)));
  }
  return hash.digest('hex');
}

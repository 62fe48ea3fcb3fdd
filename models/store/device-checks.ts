import { parseFields, readSmallFile } from './backend.ts';
import { openOriginFolder } from './backends/opfs.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/**
 * The result of a model's self-test, once for each adapter, model and browser version. It is kept in the origin private
 * file system, which is the only storage of the engine's Worker.
 */
export type DeviceCheck = SelfTest & { readonly modelId: string };

const FILE_NAME = 'device-checks.json';
/** Each check has some hundred bytes. */
const MAX_BYTE_LENGTH = 2 ** 18;
/** A driver may be updated unnoticed, so after a month the self-test is repeated. */
const VALID_MILLISECONDS = 30 * 24 * 3600 * 1000;
/** The most results that are kept: a few models on a few adapters. The oldest are dropped. */
const MAX_KEPT_CHECKS = 32;

/** The stored result for `key`; null where there is none or it is a month old. */
export async function readDeviceCheck(key: string, now: number): Promise<DeviceCheck | null> {
  const check = (await readChecks())[key];
  return check !== undefined && now - check.testedAt < VALID_MILLISECONDS ? check : null;
}

/** The latest self-test of each model on any device. */
export async function readSelfTests(): Promise<ReadonlyMap<string, SelfTest>> {
  const byAge = Object.values(await readChecks()).toSorted((a, b) => a.testedAt - b.testedAt);
  return new Map(byAge.map(({ modelId, ...test }) => [modelId, test]));
}

/** Stores a result. */
export async function writeDeviceCheck(key: string, check: DeviceCheck): Promise<void> {
  const checks = Object.entries({ ...(await readChecks()), [key]: check })
    .toSorted(([, a], [, b]) => b.testedAt - a.testedAt)
    .slice(0, MAX_KEPT_CHECKS);
  const text = JSON.stringify(Object.fromEntries(checks));
  await (await openOriginFolder()).replace(FILE_NAME, text);
}

async function readChecks(): Promise<Readonly<Record<string, DeviceCheck>>> {
  const file = await readSmallFile(await openOriginFolder(), FILE_NAME, MAX_BYTE_LENGTH);
  const checks = file === null ? {} : (parseFields(file.text) ?? {});
  // Results in an earlier version's form are left out, so that those self-tests are repeated.
  return Object.fromEntries(Object.entries(checks).filter(isCurrent));
}

function isCurrent(entry: [string, unknown]): entry is [string, DeviceCheck] {
  const { modelId, testedAt, wasm, webgpu } = (entry[1] ?? {}) as Partial<DeviceCheck>;
  return modelId !== undefined && testedAt !== undefined && wasm !== undefined && webgpu !== undefined;
}

import { parseFields, readSmallFile } from './backend.ts';
import { openOriginFolder } from './backends/opfs.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/**
 * What the self-test of a model said, once for each adapter, model and browser version. Kept beside the models, in the
 * origin private file system: the Worker that makes it has no other storage.
 */
export type DeviceCheck = SelfTest & { readonly modelId: string };

const FILE_NAME = 'device-checks.json';
/** Each check has some hundred bytes. */
const MAX_BYTE_LENGTH = 2 ** 18;
/** A driver is updated without a word: after a month the question is asked again. */
const VALID_MILLISECONDS = 30 * 24 * 3600 * 1000;
/** A few models on a few adapters; the oldest go first. */
const MAX_KEPT_CHECKS = 32;

/** The answer that is remembered for `key`, or null where there is none or it is a month old. */
export async function readDeviceCheck(key: string, now: number): Promise<DeviceCheck | null> {
  const check = (await readChecks())[key];
  return check !== undefined && now - check.testedAt < VALID_MILLISECONDS ? check : null;
}

/** The latest self-test of each model, whatever it ran on. */
export async function readSelfTests(): Promise<ReadonlyMap<string, SelfTest>> {
  const byAge = Object.values(await readChecks()).toSorted((a, b) => a.testedAt - b.testedAt);
  return new Map(byAge.map(({ modelId, ...test }) => [modelId, test]));
}

/** Remembers an answer. */
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
  // An earlier version kept another shape: what it said is asked for again.
  return Object.fromEntries(Object.entries(checks).filter(isCurrent));
}

function isCurrent(entry: [string, unknown]): entry is [string, DeviceCheck] {
  const { modelId, testedAt, wasm, webgpu } = (entry[1] ?? {}) as Partial<DeviceCheck>;
  return modelId !== undefined && testedAt !== undefined && wasm !== undefined && webgpu !== undefined;
}

import type { SelfTest } from '../../utils/protocol.ts';

/**
 * What the self-test of a model said, once for each adapter, model and browser version. Kept beside the models, in the
 * origin private file system: the Worker that makes it has no other storage.
 */
export type DeviceCheck = SelfTest & { readonly modelId: string };

const FILE_NAME = 'device-checks.json';
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
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(FILE_NAME, { create: true });
  // Written to a file of its own that takes the old one's place at `close`.
  const writable = await handle.createWritable();
  await writable.write(JSON.stringify(Object.fromEntries(checks)));
  await writable.close();
}

async function readChecks(): Promise<Readonly<Record<string, DeviceCheck>>> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(FILE_NAME, { create: true });
  const text = await (await handle.getFile()).text();
  try {
    const checks = text === '' ? {} : (JSON.parse(text) as Record<string, Partial<DeviceCheck>>);
    // An earlier version kept another shape: what it said is asked for again.
    return Object.fromEntries(Object.entries(checks).filter(isCurrent));
  } catch (error) {
    // Our own file, so only a broken disk comes here: nothing is remembered, and the check is made again.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isCurrent(entry: [string, Partial<DeviceCheck>]): entry is [string, DeviceCheck] {
  const [, { modelId, testedAt, wasm, webgpu }] = entry;
  return modelId !== undefined && testedAt !== undefined && wasm !== undefined && webgpu !== undefined;
}

/**
 * Two hundred checks in a row, by all three ways, and a third as many that are cancelled: `npm run bench:leaks`. Prints
 * one line of JSON: the memory of the extension's process, of the browser's GPU process and of the page after the first
 * ten checks and at the end, with garbage collected. Fails if it has grown by more than a tenth.
 */
import { startWorld } from '../support/world.ts';
import { runChecks, type Holdings } from '../support/repeated-checks.ts';
import { buildExtension } from '../support/extension.ts';
import { collectGarbage } from './collect-garbage.ts';
import { usageOf } from './memory.ts';

/**
 * The host keeps the details of the last four checks. As after the first ten, two of these are of the element, and one
 * of each other way.
 */
const CHECKS = 202;
const FIRST = 10;
const MAX_GROWTH = 1.1;

await buildExtension();
const world = await startWorld();
try {
  const measure = async (): Promise<
    Holdings & { readonly residentBytes: number; readonly gpuBytes: number }
  > => {
    await collectGarbage(world.driver.extension.context);
    // Taken before the holdings, since a heap snapshot leaves memory behind.
    const { residentBytes } = await usageOf('--extension-process');
    const { residentBytes: gpuBytes } = await usageOf('--type=gpu-process');
    return { ...(await checks.holdings()), residentBytes, gpuBytes };
  };
  const checks = await runChecks(world);
  await checks.run(FIRST);
  const first = await measure();
  const startedAt = performance.now();
  await checks.run(CHECKS - FIRST, (done) =>
    process.stderr.write(`\r${String(done + FIRST)} of ${String(CHECKS)}`),
  );
  const last = await measure();
  process.stderr.write('\n');
  const growth = Object.fromEntries(
    (Object.keys(last) as (keyof typeof last)[]).map((name) => [
      name,
      first[name] === 0 ? null : Math.round((100 * last[name]) / first[name]) / 100,
    ]),
  );
  console.log(
    JSON.stringify({
      checks: CHECKS,
      ways: checks.waysSeen(),
      cancelled: checks.cancelled(),
      first,
      last,
      growth,
      secondsACheck: Math.round((performance.now() - startedAt) / (CHECKS - FIRST)) / 1000,
    }),
  );
  if (Object.values(growth).some((factor) => factor !== null && factor > MAX_GROWTH)) process.exitCode = 1;
  await checks.close();
} finally {
  await world.close();
}

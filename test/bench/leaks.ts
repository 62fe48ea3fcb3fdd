/**
 * Two hundred checks in a row, by all three ways: `npm run bench:leaks`. Prints one line of JSON: what the extension's
 * process and the page hold after the first ten and at the end. Fails where it is more than a tenth more.
 */
import { startWorld } from '../e2e/world.ts';
import { runChecks, type Holdings } from '../e2e/repeated-checks.ts';
import { buildExtension } from '../e2e/site/extension.ts';
import { watchMemory } from './memory.ts';

const CHECKS = 200;
const FIRST = 10;
const MAX_GROWTH = 1.1;

await buildExtension();
const world = await startWorld();
try {
  const measure = async (): Promise<Holdings & { readonly residentBytes: number | null }> => ({
    ...(await checks.holdings()),
    residentBytes: (await watchMemory()()).extensionBytes,
  });
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
    Object.entries(last).map(([name, value]) => [
      name,
      value === null || first[name as keyof typeof first] === 0
        ? null
        : Math.round((100 * value) / first[name as keyof typeof first]!) / 100,
    ]),
  );
  console.log(
    JSON.stringify({
      checks: CHECKS,
      ways: checks.waysSeen(),
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

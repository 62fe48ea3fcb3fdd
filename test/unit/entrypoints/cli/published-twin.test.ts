import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED } from '../../../fixtures/checkpoints/network-keys.ts';
import { writeTwin } from '../../../fixtures/checkpoints/write-twin.ts';
import { GOLDEN_SEED, goldenImages } from '../../models/detectors/genconvit/golden-network.ts';

const COMMANDS = new URL('../../../../entrypoints/cli/', import.meta.url).pathname;
const OWN_IMAGE = new URL('../../../fixtures/golden/6_synthetic.png', import.meta.url).pathname;
/** As in parity.ts: ten times what was seen. */
const MAX_LOGIT_ERROR = 5e-5;
const run = promisify(execFile);

describe("the published ED file's twin, 238 MB, through both commands", () => {
  const folder = mkdtempSync(join(tmpdir(), 'trueframe-twin-'));
  beforeAll(() => {
    writeTwin({ network: 'ed', sizes: PUBLISHED, seed: GOLDEN_SEED, path: join(folder, 'ed.pth') });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(['wasm', 'webgpu'])(
    "gives the original's logits in its %s form",
    async (device) => {
      const model = join(folder, device);
      const checkpoint = join(folder, 'ed.pth');
      await run(process.execPath, [
        ...[join(COMMANDS, 'convert.ts'), '--checkpoint', checkpoint],
        ...['--device', device, '--out', model],
      ]);
      const { stdout } = await run(process.execPath, [
        ...[join(COMMANDS, 'score.ts'), '--model', model, '--json', OWN_IMAGE],
      ]);
      const { images } = JSON.parse(stdout) as { images: [{ logits: { ed: [number, number] } }] };
      const expected = goldenImages().at(-1)!.logits.ed;
      images[0].logits.ed.forEach((logit, place) => {
        expect(Math.abs(logit - expected[place]!)).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
      });
    },
    180_000,
  );
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { judgeFaces, readModels } from '../../../../entrypoints/cli/judge-faces.ts';
import type { ModelFolder } from '../../../../entrypoints/cli/judge-faces.ts';
import { DEFAULT_NOISE } from '../../../../models/detectors/detector.ts';
import { modelIdOf } from '../../../../models/store/model-store.ts';
import type { ScanReport } from '../../../../utils/domain/report.ts';
import { makeBundle, pictureOf, reportOn } from '../../../fixtures/bundles/make-bundle.ts';
import { makeDemoModel } from '../../../fixtures/networks/demo-model.ts';
import { ED_MODEL, verdictOf } from '../../../fixtures/scans/scans.ts';

// Each launch loads a network.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const COMMAND = new URL('../../../../entrypoints/cli/verify.ts', import.meta.url).pathname;
const PICTURES = [pictureOf(1, 64), pictureOf(2, 64), pictureOf(3, 64)];

let folder: string;
let path: string;
let modelFolder: string;
let modelId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trueframe-verify-'));
  modelFolder = await makeDemoModel();
  const [model] = await readModels([modelFolder]);
  modelId = await modelIdOf(model!.description);
  path = join(folder, 'evidence.zip');
  writeFileSync(path, await makeBundle({ pictures: PICTURES, report: await judgedReport(model!) }));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A report with the scores that the model gives, as a scan makes it. */
async function judgedReport(model: ModelFolder): Promise<ScanReport> {
  const { detector } = model;
  const faces = { count: PICTURES.length, read: (index: number) => PICTURES[index]!, noise: DEFAULT_NOISE };
  const rows = await judgeFaces(model, faces, new AbortController().signal);
  const report = await reportOn(PICTURES);
  const { score } = detector.score(rows);
  return {
    ...report,
    verdict: { ...verdictOf(0.8), score, people: [] } as ScanReport['verdict'],
    frameScores: report.frameScores.map((face, index) => ({
      ...face,
      score: detector.score([rows[index]!]).score,
      networkScores: { ed: detector.fakeProbability(rows[index]!) },
    })),
    used: { ...report.used, model: { ...ED_MODEL, modelId, device: 'wasm' } },
  };
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function verify(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('npm run verify says of a whole bundle that nothing was changed, and gets the same scores bit for bit', async () => {
  const { code, stdout, stderr } = await verify(path, '--model', modelFolder);
  expect(stderr).toBe('');
  expect(stdout).toContain('nothing was changed');
  expect(stdout).toMatch(/^key {8}([0-9a-f]{4} ){15}[0-9a-f]{4}$/m);
  expect(stdout).toContain('3 of 3 judged faces are in the bundle');
  expect(stdout).toContain('scores     the same, bit for bit; 3 faces');
  expect(stdout).not.toContain('ANOTHER MODEL');
  expect(code).toBe(0);
});

test('npm run verify says that another network gives other scores', async () => {
  const other = await makeDemoModel({ seed: 99 });
  const { code, stdout } = await verify(path, '--model', other);
  expect(stdout).toContain('nothing was changed');
  expect(stdout).toContain('OTHER SCORES');
  expect(stdout).toContain(`ANOTHER MODEL: ${modelId} then`);
  expect(code).toBe(1);
});

test('npm run verify names a file with a flipped bit, and ends with exit code 1', async () => {
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('IDAT') + 10]! ^= 1;
  const flipped = join(folder, 'flipped.zip');
  writeFileSync(flipped, bytes);
  const { code, stdout } = await verify(flipped);
  expect(stdout).toContain('PROBLEM    crops/001-frame-0000-person-1.png: its bytes are damaged');
  expect(code).toBe(1);
});

test.each([
  ['a file that is no archive', () => COMMAND, 1, /bundle-malformed/],
  ['a file that is not there', () => join(folder, 'none.zip'), 1, /source-refused/],
  ['no file', () => '--model', 2, /npm run verify/],
])('npm run verify with %s says what is wrong in one line', async (_what, makePath, exitCode, words) => {
  const { code, stderr } = await verify(makePath());
  expect(stderr).toMatch(words);
  expect(code).toBe(exitCode);
});

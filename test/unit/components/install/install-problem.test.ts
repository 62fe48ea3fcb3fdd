import { expect, test } from 'vitest';
import { explainInstallProblem } from '../../../../components/install/install-failure.tsx';

const FILE_CODES = [
  'checkpoint-malformed',
  'checkpoint-unsupported',
  'checkpoint-refused',
  'checkpoint-too-large',
  'network-mismatch',
  'model-invalid',
  'storage-full',
  'source-failed',
  'options-invalid',
  'internal',
] as const;

const DOWNLOAD_CODES = [
  'download-blocked',
  'source-changed',
  'source-refused',
  'source-failed',
  'storage-full',
  'checkpoint-malformed',
  'runtime-failed',
  'unreachable',
  'internal',
] as const;

test.each([
  ['disk', FILE_CODES],
  ['publisher', DOWNLOAD_CODES],
] as const)('has words of its own for each thing that the user can change, from the %s', (from, codes) => {
  const problems = codes.map((code) => explainInstallProblem(code, from));
  expect(new Set(problems.map(({ title }) => title)).size).toBe(codes.length);
  expect(new Set(problems.map(({ remedy }) => remedy)).size).toBe(codes.length);
});

test('asks for the browser’s permission only where the browser hides the answer', () => {
  for (const code of DOWNLOAD_CODES) {
    const { action } = explainInstallProblem(code, 'publisher');
    expect(action).toBe(code === 'download-blocked' ? 'allow' : 'again');
  }
  expect(explainInstallProblem('download-blocked', 'publisher').title).toBe(
    'Your browser needs your permission to read the file from huggingface.co',
  );
});

test('offers to try a file of the disk again only by choosing it', () => {
  for (const code of FILE_CODES) expect(explainInstallProblem(code, 'disk').action).toBe('none');
});

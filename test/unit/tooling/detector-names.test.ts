import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const DETECTORS = 'models/detectors/';

/** Names that only a detector's own folder may contain. */
const NAMES: ReadonlySet<string> = new Set(['ed', 'vae', 'genconvit']);

/** The detector of values that earlier versions stored without a name. */
const ALLOWED: readonly string[] = ['components/install/model-label.ts'];

/**
 * The words of a text in lower case. Identifiers are split: `readVaeSides`, `VAE_AIM` and `vae-graph` contain a name.
 */
function wordsOf(text: string): readonly string[] {
  // The signature's name is one word with its number.
  const apart = text
    .replaceAll(/genconvit/gi, ' genconvit ')
    .replaceAll('Ed25519', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2');
  return apart.toLowerCase().match(/[a-z]+/g) ?? [];
}

function namesIn(path: string): readonly string[] {
  return wordsOf(readFileSync(resolve(ROOT, path), 'utf8')).filter((word) => NAMES.has(word));
}

const FILES = globSync('{entrypoints,components,models,utils}/**/*.{ts,tsx,css,html}', { cwd: ROOT });

test.each(['const vaeGraph', 'NETWORKS.ed', '`ed-fp16`', 'FULL_GENCONVIT', 'GenConViT', 'the VAE’s'])(
  'finds the name in %s',
  (text) => {
    expect(wordsOf(text).some((word) => NAMES.has(word))).toBe(true);
  },
);

test('finds none in words that only end or begin alike', () => {
  expect(wordsOf('needed edge reduced edited').some((word) => NAMES.has(word))).toBe(false);
});

test('outside models/detectors no file names a network or a detector, but for the name of what earlier versions stored', () => {
  const others = FILES.filter((path) => !path.startsWith(DETECTORS) && !ALLOWED.includes(path));
  expect(others.length).toBeGreaterThan(200);
  expect(others.flatMap((path) => namesIn(path).map((name) => `${path}: ${name}`))).toEqual([]);
});

test('every file that is allowed to still needs it', () => {
  expect(ALLOWED.filter((path) => namesIn(path).length === 0)).toEqual([]);
});

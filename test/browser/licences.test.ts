import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOTICES_NAME, packageOf } from '../../wxt.licences.ts';
import { REPOSITORY } from '../support/build-once.ts';
import { EXTENSION_FOLDER } from '../support/extension.ts';

const notices = readFileSync(join(EXTENSION_FOLDER, NOTICES_NAME), 'utf8');
/** A package's name, version and licence between two rules, then the text. */
const sections = new Map(
  [...notices.matchAll(/^={79}\n(\S+) (\S+) \((.+)\)\n={79}\n\n([\s\S]*?)(?=\n={79}\n|$(?![\s\S]))/gm)].map(
    ([, name = '', version = '', licence = '', text = '']) => [name, { version, licence, text }],
  ),
);

/** A sentence that only the whole text of a licence has. */
const SENTENCES: Readonly<Record<string, readonly RegExp[]>> = {
  MIT: [/Permission is hereby granted, free of charge/, /THE SOFTWARE IS PROVIDED "AS IS"/, /Copyright/i],
  ISC: [/Permission to use, copy, modify, and\/or distribute/, /Copyright/],
  'Apache-2.0': [
    /TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION/,
    /END OF TERMS AND CONDITIONS/,
  ],
  // Any later version: the text is that of version 3, TrueFrame's own.
  'GPL-2.0-or-later': [
    /FFmpeg developers/,
    /GNU GENERAL PUBLIC LICENSE\s+Version 3/,
    /END OF TERMS AND CONDITIONS/,
  ],
  'MPL-2.0': [/Mozilla Public License Version 2\.0/i, /10\. Versions of the License/],
};

/** Packages that sources of the extension import for more than types. */
function importedPackages(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'cli' ? [] : importedPackages(path);
    if (!/\.tsx?$/.test(entry.name)) return [];
    const imports = readFileSync(path, 'utf8').matchAll(
      /^(?:import|export) (?!type )[^;]*?from '([^.#'][^']*)';/gm,
    );
    return [...imports].map(([, from = '']) => packageOf(`/node_modules/${from}/`)!);
  });
}

describe('the built extension', () => {
  it('holds the whole licence of everything that it was bundled with', () => {
    expect(sections.size).toBeGreaterThan(10);
    for (const [name, { licence, text }] of sections) {
      for (const sentence of SENTENCES[licence] ?? [/no such licence was expected/]) {
        expect(text, name).toMatch(sentence);
      }
    }
  });

  it('names each package that its sources import or that is copied into it, in the installed version', () => {
    const imported = ['entrypoints', 'components', 'models', 'utils'].flatMap((folder) =>
      importedPackages(resolve(REPOSITORY, folder)),
    );
    // Node's own modules are the command line's, and flatbuffers writes a model's metadata when the extension is built.
    const expected = new Set(imported.filter((name) => !name.startsWith('node:') && name !== 'flatbuffers'));
    expect(expected.size).toBeGreaterThan(6);
    for (const name of [
      ...expected,
      'onnxruntime-web',
      '@mediapipe/tasks-vision',
      '@mediapipe/face_detection',
      '@ffmpeg/core',
    ]) {
      const { version } = JSON.parse(
        readFileSync(resolve(REPOSITORY, 'node_modules', name, 'package.json'), 'utf8'),
      ) as { readonly version: string };
      expect(sections.get(name)?.version, name).toBe(version);
    }
  });
});

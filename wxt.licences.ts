import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** What the extension's folder calls its list of other people's work. */
export const NOTICES_NAME = 'THIRD-PARTY-LICENCES.txt';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;
const RULE = '='.repeat(79);

const mit = (copyright: string): string => `MIT License

${copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;

const MICROSOFT = mit('Copyright (c) Microsoft Corporation');
const ONNX_RUNTIME = `${MICROSOFT}
The WebAssembly files of ONNX Runtime contain further works; their notices are in
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt
`;
/** Its terms allow the extension's own licence, GPL version 3, whose text follows it. */
const FFMPEG = `FFmpeg 5.1.4, Copyright (c) 2000-2023 the FFmpeg developers, as WebAssembly by ffmpeg.wasm (Jerome Wu and
contributors). Built with x264, x265, libvpx, LAME, Theora, Vorbis, Opus, zlib, libwebp, FreeType, FriBidi, HarfBuzz,
libass and zimg. This build as a whole is under the GNU General Public License, version 2 or, at your option, any later
version; TrueFrame gives it to you under version 3. Its sources and the recipe of this build are in
https://github.com/ffmpegwasm/ffmpeg.wasm (tag v12.15) and the repositories that its Dockerfile names.
`;
const WXT = mit('Copyright (c) 2023 Aaron');

/** Packages that leave the text of their licence to their repository: as it is there, or a package that has the same text. */
const MISSING_TEXTS: Readonly<
  Record<string, { readonly text: string } | { readonly copyright: string; readonly sameAs: string }>
> = {
  'onnxruntime-web': { text: ONNX_RUNTIME },
  'onnxruntime-common': { text: MICROSOFT },
  '@ffmpeg/core': { copyright: FFMPEG, sameAs: '../LICENSE' },
  wxt: { text: WXT },
  '@wxt-dev/i18n': { text: WXT },
  '@wxt-dev/browser': { text: WXT },
  '@wxt-dev/storage': { text: WXT },
  '@wxt-dev/webextension-polyfill': { text: WXT },
  '@mediapipe/tasks-vision': {
    copyright: 'Copyright The MediaPipe Authors',
    sameAs: 'typescript/LICENSE.txt',
  },
  '@mediapipe/face_detection': {
    copyright: 'Copyright The MediaPipe Authors',
    sameAs: 'typescript/LICENSE.txt',
  },
};

/**
 * Remembers from which packages code comes into the bundles. Workers are bundles of their own, with plugins of their own:
 * both get it.
 */
export function collectPackages(packages: Set<string>): Plugin {
  return {
    name: 'collect-packages',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        for (const id of Object.keys(output.modules)) {
          const name = packageOf(id);
          if (name !== null) packages.add(name);
        }
      }
    },
  };
}

/** The package that a module's file lies in; null for our own. */
export function packageOf(id: string): string | null {
  // Vite writes a helper of its own into bundles that load others.
  if (id.startsWith('\0vite/')) return 'vite';
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'))?.[1] ?? null;
}

/**
 * The notices that the licences ask for: each package with its version and the whole text of its licence.
 * @throws Error for a package without a text: one has to be found before it may be shipped
 */
export async function formatNotices(root: string, packages: Iterable<string>): Promise<string> {
  const parts = ['TrueFrame contains the works that follow, under their own licences.\n'];
  for (const name of [...new Set(packages)].sort()) {
    const { version, license, folder } = await describePackage(root, name);
    const text = await licenceText(root, name, folder);
    parts.push(`${RULE}\n${name} ${version} (${license})\n${RULE}\n\n${text.trim()}\n`);
  }
  return parts.join('\n');
}

async function describePackage(
  root: string,
  name: string,
): Promise<{ readonly version: string; readonly license: string; readonly folder: string }> {
  const folder = await findPackage(root, name);
  const { version, license } = JSON.parse(await readFile(resolve(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license: string;
  };
  return { version, license, folder };
}

/** Most lie at the top; others below the package that alone needs them, whose own path leads there. */
async function findPackage(root: string, name: string): Promise<string> {
  const top = resolve(root, 'node_modules', name);
  const isThere = await readdir(top).then(
    () => true,
    () => false,
  );
  if (isThere) return top;
  const entry = createRequire(resolve(root, 'node_modules/wxt/package.json')).resolve(name);
  let folder = dirname(entry);
  while (basename(dirname(folder)) !== 'node_modules' && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

async function licenceText(root: string, name: string, folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  if (files.length > 0) {
    const texts = await Promise.all(files.map((file) => readFile(resolve(folder, file), 'utf8')));
    // Vite lists what its own program contains; its helper in a bundle is of itself.
    return texts.map((text) => text.split('\n# Licenses of bundled dependencies')[0]!.trim()).join('\n\n');
  }
  const known = MISSING_TEXTS[name];
  if (known === undefined) throw new Error(`${name} has no text of its licence: add it to wxt.licences.ts`);
  if ('text' in known) return known.text;
  const text = await readFile(resolve(root, 'node_modules', known.sameAs), 'utf8');
  return `${known.copyright}\n\n${text}`;
}

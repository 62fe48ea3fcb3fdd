import { readdir, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { EXTENSION_FOLDER, TEST_EXTENSION_FOLDER } from '../support/extension.ts';

type Manifest = {
  readonly permissions: string[];
  readonly host_permissions?: string[];
  readonly optional_host_permissions?: string[];
  readonly content_scripts?: unknown[];
  readonly minimum_chrome_version: string;
  readonly message_serialization: string;
  readonly content_security_policy: { readonly extension_pages: string };
  readonly icons: Record<string, string>;
  readonly action: { readonly default_icon: Record<string, string> };
};

let manifest: Manifest;

beforeAll(async () => {
  manifest = JSON.parse(await readFile(resolve(EXTENSION_FOLDER, 'manifest.json'), 'utf8')) as Manifest;
}, 120_000);

test('asks for seven permissions at install, for no host, and puts no script on any page', () => {
  expect(manifest.permissions.toSorted()).toEqual([
    'activeTab',
    'contextMenus',
    'declarativeNetRequestWithHostAccess',
    'offscreen',
    'scripting',
    'storage',
    'unlimitedStorage',
  ]);
  expect(manifest.host_permissions ?? []).toEqual([]);
  expect(manifest.content_scripts ?? []).toEqual([]);
});

test('can ask for any host at a click, and for nothing else', () => {
  expect(manifest.optional_host_permissions).toEqual(['*://*/*']);
  expect(manifest).not.toHaveProperty('optional_permissions');
});

test('can reach nobody but the model’s publisher, and play videos by their addresses', () => {
  const directives = new Map(
    manifest.content_security_policy.extension_pages
      .split(';')
      .map((directive) => directive.trim().split(' '))
      .filter(([name]) => name !== '')
      .map(([name, ...sources]) => [name, sources]),
  );
  expect(directives.get('connect-src')).toEqual([
    "'self'",
    'https://huggingface.co',
    'https://*.hf.co',
    'https://*.xethub.hf.co',
  ]);
  expect(directives.get('default-src')).toEqual(["'none'"]);
  expect(directives.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
  // A `<video>` gets what it plays and tells no script of it, unless the file's server or the user allows that.
  expect(directives.get('media-src')).toEqual(["'self'", 'blob:', 'https:', 'http:']);
  const others = [...directives]
    .filter(([name]) => name !== 'connect-src' && name !== 'media-src')
    .flatMap(([, sources]) => sources);
  expect(others.filter((source) => source.includes('http') || source.includes('*'))).toEqual([]);
});

async function scriptsThatSay(folder: string, words: string): Promise<readonly string[]> {
  const scripts = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.js'));
  const texts = await Promise.all(scripts.map((file) => readFile(resolve(folder, file), 'utf8')));
  return scripts.filter((_file, index) => texts[index]!.includes(words));
}

test('knows of no other publisher than the registry’s, which only a test build can be told', async () => {
  expect(await scriptsThatSay(EXTENSION_FOLDER, 'test-publisher.json')).toEqual([]);
  // That nothing was found means something only if it would be found.
  expect(await scriptsThatSay(TEST_EXTENSION_FOLDER, 'test-publisher.json')).toHaveLength(1);
});

test('pauses automatic checks while the machine is busy, which only a test build leaves out', async () => {
  // As the bundler writes true and false.
  expect(await scriptsThatSay(EXTENSION_FOLDER, 'pausesWhileBusy:!0')).toHaveLength(1);
  expect(await scriptsThatSay(EXTENSION_FOLDER, 'pausesWhileBusy:!1')).toEqual([]);
  expect(await scriptsThatSay(TEST_EXTENSION_FOLDER, 'pausesWhileBusy:!1')).toHaveLength(1);
});

test('keeps typed arrays in messages', () => {
  expect(manifest.message_serialization).toBe('structured_clone');
  expect(Number(manifest.minimum_chrome_version)).toBeGreaterThanOrEqual(148);
});

test('ships every icon in the size that it declares', async () => {
  const declared = [...Object.entries(manifest.icons), ...Object.entries(manifest.action.default_icon)];
  expect(Object.keys(manifest.icons)).toEqual(['16', '32', '48', '128']);
  for (const [size, path] of declared) {
    const png = await readFile(resolve(EXTENSION_FOLDER, path));
    // PNG (W3C), 11.2.1: IHDR is the first chunk; width and height follow its 16-byte head.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Number(size), Number(size)]);
  }
});

test('ships each WASM binary exactly once', async () => {
  const files = (await readdir(EXTENSION_FOLDER, { recursive: true })).filter((file) =>
    file.endsWith('.wasm'),
  );
  expect(files.toSorted()).toEqual([
    'ffmpeg/ffmpeg-core.wasm',
    'mediapipe/vision_wasm_module_internal.wasm',
    'ort/ort-wasm-simd-threaded.asyncify.wasm',
    'ort/ort-wasm-simd-threaded.jspi.wasm',
  ]);
  for (const file of files) {
    expect((await stat(resolve(EXTENSION_FOLDER, file))).size).toBeGreaterThan(1_000_000);
  }
});

test('the content script is at most 25 kB gzipped', async () => {
  const script = await readFile(resolve(EXTENSION_FOLDER, 'content-scripts/content.js'));
  expect(gzipSync(script, { level: 9 }).byteLength).toBeLessThanOrEqual(25_000);
});

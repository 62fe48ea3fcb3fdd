import type { OrtModule } from './session.ts';

/**
 * ONNX Runtime Web for a page or module Worker of our own. Both builds run `webgpu` and `wasm`; the JSPI one is
 * smaller and streams external data from a Blob, but needs JavaScript Promise Integration.
 * (https://github.com/WebAssembly/js-promise-integration)
 *
 * The bundler must set the condition `onnxruntime-web-use-extern-wasm`, and the package must hold the builds'
 * `.mjs` and `.wasm` files under `/ort/`. The default import of onnxruntime-web is not taken: it is the older
 * JSEP build.
 */
export async function loadOrtForBrowser(): Promise<OrtModule> {
  const ort: OrtModule =
    'Suspending' in WebAssembly
      ? await import('onnxruntime-web/jspi')
      : await import('onnxruntime-web/webgpu');
  // import.meta.url can't be used: the extension's bundler replaces it with the page's own address.
  ort.env.wasm.wasmPaths = new URL('/ort/', self.location.origin).href;
  return ort;
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createFfmpegRunner } from '../../models/frames/ffmpeg/ffmpeg-runner.ts';
import type { FfmpegCore, RunFfmpeg } from '../../models/frames/ffmpeg/ffmpeg-runner.ts';

/** A part of a file, like a Worker's Blob, whose bytes can be read synchronously. */
class SyncBlob {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get size(): number {
    return this.#bytes.length;
  }
  slice(from: number, to: number): SyncBlob {
    return new SyncBlob(this.#bytes.subarray(from, to));
  }
  copy(): ArrayBuffer {
    return new Uint8Array(this.#bytes).buffer;
  }
}

/**
 * FFmpeg over these bytes in Node, with the functions of a Worker that its program needs.
 * @param onRead called with the size of each range that is read
 */
export function ffmpegInNode(
  bytes: Uint8Array,
  onRead: (byteLength: number) => void = () => undefined,
): RunFfmpeg {
  Object.assign(globalThis, {
    self: { location: { href: '' } },
    FileReaderSync: class {
      readAsArrayBuffer(blob: SyncBlob): ArrayBuffer {
        onRead(blob.size);
        return blob.copy();
      }
    },
  });
  return createFfmpegRunner(startCore, new SyncBlob(bytes) as unknown as Blob);
}

const resolve = createRequire(import.meta.url).resolve;
let compiled: Promise<WebAssembly.Module> | undefined;

async function startCore(): Promise<FfmpegCore> {
  // The package's other entry is for `require`, and its folder does not say that it contains modules.
  const folder = new URL('../esm/', pathToFileURL(resolve('@ffmpeg/core')));
  compiled ??= readFile(new URL('ffmpeg-core.wasm', folder)).then((wasm) => WebAssembly.compile(wasm));
  const module = await compiled;
  const { default: createCore } = (await import(new URL('ffmpeg-core.js', folder).href)) as {
    default: (options: object) => Promise<FfmpegCore>;
  };
  return createCore({
    instantiateWasm: (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) => {
      void WebAssembly.instantiate(module, imports).then(receive);
      return {};
    },
  });
}

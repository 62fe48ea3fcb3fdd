import { Transform } from 'node:stream';
import { ServeError } from './serve-error.ts';

export function tooLarge(maxBytes: number): ServeError {
  return new ServeError(413, 'too-large', `the video has more than ${maxBytes} bytes`);
}

/** Passes bytes on. @throws ServeError 413 in the stream at the first byte beyond the limit */
export function limitBytes(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        done(tooLarge(maxBytes));
      } else {
        done(null, chunk);
      }
    },
  });
}

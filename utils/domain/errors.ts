/**
 * The failures of TrueFrame's own code. A permanent failure (the file is wrong) differs from a passing one (the network was
 * away): only a passing failure is worth another try.
 */
export type DetectorErrorCode =
  // The bytes are not what their format says. Trying again reads the same bytes.
  | 'checkpoint-malformed'
  // A well-formed checkpoint that this reader does not take (big endian, encrypted, unknown dtype).
  | 'checkpoint-unsupported'
  // A pickle that names a function outside the allow-list. It is never executed.
  | 'checkpoint-refused'
  // A stated limit was exceeded before anything was allocated.
  | 'checkpoint-too-large'
  // The checkpoint is readable, but is not the network that was asked for.
  | 'network-mismatch'
  // Our own graph does not type-check: a bug in a builder, or sizes that do not fit together.
  | 'graph-invalid'
  // A combination of options that has no meaning (int4 on WASM, ...).
  | 'options-invalid'
  // A converted model's folder is incomplete or its bytes are not those of its model.json.
  | 'model-invalid'
  // The disk or the browser's quota has no room for the model. Trying again needs space first.
  | 'storage-full'
  // A file of results that an evaluation can't read.
  | 'results-invalid'
  // An image that cannot be read, or has another size than the network's.
  | 'image-invalid'
  // An evidence bundle that is no readable archive, or a part of it without the content that its name promises.
  | 'bundle-malformed'
  // An evidence bundle beyond a stated limit; nothing in it was unpacked.
  | 'bundle-too-large'
  // The byte source failed (disk, network). Trying again can help.
  | 'source-failed'
  // The byte source refuses these bytes (no such file, no ranges, another file). Another try gets the same answer.
  | 'source-refused'
  // The file is encrypted, and only its player has the key.
  | 'source-protected'
  // The address has another file than the one that was begun or is pinned, so the fetched bytes are of no use.
  | 'source-changed'
  // The browser hides the answer of another origin from the extension until the user allows it.
  | 'download-blocked'
  // ONNX Runtime could not create or run a session.
  | 'runtime-failed'
  // The engine's Worker was ended, with all of its scans. The user can start the scan again.
  | 'engine-ended'
  // The browser lets no extension into this page (its own pages, the web store), or not without a click. With the
  // parameter `place`: `frame` where the video is in a frame of another site, else `page`.
  | 'page-refused'
  // A content script sent a message that is not of its schema.
  | 'request-invalid'
  // The administrator of this computer has forbidden it.
  | 'set-by-administrator'
  // A later version of the extension wrote the database; this one does not know its form.
  | 'database-newer'
  // The context that answers this message does not exist (closed, crashed, updated).
  | 'unreachable'
  // A bug.
  | 'internal';

const PASSING: ReadonlySet<DetectorErrorCode> = new Set([
  'source-failed',
  'runtime-failed',
  'engine-ended',
  'unreachable',
]);

/** The values for the sentence that a page makes of an error's code. */
export type ErrorParams = Readonly<Record<string, string | number | boolean>>;

/**
 * An expected failure with a code that callers switch on. The message is for diagnostics; texts for the user are made of code
 * and parameters. Aborts are never wrapped: they stay `AbortError`.
 */
export class DetectorError extends Error {
  override readonly name = 'DetectorError';
  readonly code: DetectorErrorCode;
  readonly params: ErrorParams;
  /**
   * For a passing failure: how long the other side asked us to wait, in milliseconds; null where it asked for nothing.
   */
  readonly retryAfterMilliseconds: number | null;

  constructor(
    code: DetectorErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly params?: ErrorParams;
      readonly retryAfterMilliseconds?: number | null;
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.params = options.params ?? {};
    this.retryAfterMilliseconds = options.retryAfterMilliseconds ?? null;
  }

  /** Whether the same call can succeed later with the same input. */
  get isPassing(): boolean {
    return PASSING.has(this.code);
  }
}

/** Narrows an unknown caught value to a {@link DetectorError}, optionally of one code. */
export function isDetectorError(error: unknown, code?: DetectorErrorCode): error is DetectorError {
  return error instanceof DetectorError && (code === undefined || error.code === code);
}

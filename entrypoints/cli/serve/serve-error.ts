/** A request that is refused or has failed. Its code and message are the answer. */
export class ServeError extends Error {
  override readonly name = 'ServeError';
  readonly statusCode: number;
  readonly code: string;
  /** Seconds after which the same request may succeed; null where it never does. */
  readonly retryAfterSeconds: number | null;

  constructor(
    statusCode: number,
    code: string,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

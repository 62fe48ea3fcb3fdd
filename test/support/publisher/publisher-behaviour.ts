import type { FileContent } from './publisher-files.ts';

/** How many answers have a fault. */
export type FaultCount = number | 'always';

/** How the publisher behaves. All counts start anew when a fault is set. */
export type Behaviour = {
  /**
   * `open`: as the real publisher, which exposes ETag and Content-Range, but not Retry-After. `unexposed`: reads across
   * origins are allowed, but no header is exposed; Content-Length is still readable. `refused`: no read across origins
   * is allowed.
   */
  readonly cors: 'open' | 'unexposed' | 'refused';
  /** `absent`: neither ETag nor X-Linked-ETag is sent. */
  readonly etag: 'exposed' | 'absent';
  /** Whether the CDN answers a request for a range with 200 and the whole file. */
  readonly ignoreRange: boolean;
  /** How long a signed address holds, in milliseconds. */
  readonly linkLifetimeMilliseconds: number;
  /** The next `count` GET and HEAD requests to `on` get this status. */
  readonly failNext: {
    readonly status: 403 | 416 | 429 | 500 | 502 | 503;
    readonly count: FaultCount;
    readonly on: 'hub' | 'cdn';
    readonly retryAfterSeconds?: number;
  } | null;
  /**
   * The next `count` bodies that are longer than `afterByteLength` end there: Content-Length says the whole, and the
   * connection is closed.
   */
  readonly cutShort: { readonly count: FaultCount; readonly afterByteLength: number } | null;
  /**
   * The next `count` bodies that are longer than `afterByteLength` stop there, with the connection left open. Null:
   * not even the status is sent.
   */
  readonly stall: { readonly count: FaultCount; readonly afterByteLength: number | null } | null;
  /** The lowest bit of the byte at `offset` of the file is wrong in the next `count` answers that hold that byte. */
  readonly flipByte: {
    readonly count: FaultCount;
    readonly offset: number;
    /** Only in this file; otherwise in any. */
    readonly path?: string;
  } | null;
  /** Another file, with another ETag, lies at a path of `files`. The same content again has another ETag too. */
  readonly changedFile: { readonly path: string; readonly content: FileContent } | null;
  /** The rate of all bodies of the CDN together. */
  readonly bytesPerSecond: number | null;
  /** Whether every connection is closed without an answer, as when the network is lost. */
  readonly refuseConnections: boolean;
};

export type CountedFault = 'failNext' | 'cutShort' | 'stall' | 'flipByte';

const NORMAL: Behaviour = {
  cors: 'open',
  etag: 'exposed',
  ignoreRange: false,
  // The real publisher's addresses hold for an hour. Here, a client that keeps one for too long is noticed at once, and
  // one on a busy machine is not.
  linkLifetimeMilliseconds: 5_000,
  failNext: null,
  cutShort: null,
  stall: null,
  flipByte: null,
  changedFile: null,
  bytesPerSecond: null,
  refuseConnections: false,
};

export type BehaviourState = {
  readonly current: () => Behaviour;
  /**
   * Changes the behaviour.
   * @throws TypeError, RangeError for a value that is no behaviour; nothing is changed then
   */
  readonly change: (change: Partial<Behaviour>) => void;
  /** The fault, if it is due now and `applies`; it is counted then. */
  readonly take: <Name extends CountedFault>(
    name: Name,
    applies: (fault: NonNullable<Behaviour[Name]>) => boolean,
  ) => NonNullable<Behaviour[Name]> | null;
};

export function createBehaviourState(): BehaviourState {
  let behaviour = NORMAL;
  const takenCounts: Record<CountedFault, number> = { failNext: 0, cutShort: 0, stall: 0, flipByte: 0 };
  return {
    current: () => behaviour,
    change: (change) => {
      assertBehaviour(change);
      behaviour = { ...behaviour, ...change };
      for (const name of ['failNext', 'cutShort', 'stall', 'flipByte'] as const) {
        if (name in change) takenCounts[name] = 0;
      }
    },
    take: (name, applies) => {
      const fault = behaviour[name];
      if (fault === null || !applies(fault)) return null;
      if (fault.count !== 'always' && takenCounts[name] >= fault.count) return null;
      takenCounts[name] += 1;
      return fault;
    },
  };
}

const FAILURE_STATUSES: readonly number[] = [403, 416, 429, 500, 502, 503];

/** A misspelt behaviour would make a test that cannot fail. */
function assertBehaviour(change: Partial<Behaviour>): void {
  for (const [name, value] of Object.entries(change)) {
    if (!(name in NORMAL)) throw new TypeError(`${name} is no behaviour of the publisher`);
    // The compiler sees to it under exactOptionalPropertyTypes; a plain script has no compiler.
    if ((value as unknown) === undefined) throw new TypeError(`${name} is undefined; leave it out`);
  }
  const { cors, etag, linkLifetimeMilliseconds, failNext, cutShort, stall, flipByte, bytesPerSecond } =
    change;
  assertOneOf('cors', cors, ['open', 'unexposed', 'refused']);
  assertOneOf('etag', etag, ['exposed', 'absent']);
  assertWhole('linkLifetimeMilliseconds', linkLifetimeMilliseconds, 1);
  assertWhole('bytesPerSecond', bytesPerSecond, 1);
  for (const [name, fault] of Object.entries({ failNext, cutShort, stall, flipByte })) {
    if (fault && fault.count !== 'always') assertWhole(`${name}.count`, fault.count, 1);
  }
  if (failNext) {
    assertOneOf('failNext.status', failNext.status, FAILURE_STATUSES);
    assertOneOf('failNext.on', failNext.on, ['hub', 'cdn']);
    assertWhole('failNext.retryAfterSeconds', failNext.retryAfterSeconds, 0);
  }
  assertWhole('cutShort.afterByteLength', cutShort?.afterByteLength, 0);
  assertWhole('stall.afterByteLength', stall?.afterByteLength, 0);
  assertWhole('flipByte.offset', flipByte?.offset, 0);
}

function assertOneOf<Value>(name: string, value: Value | undefined, allowed: readonly Value[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw new TypeError(`expected ${name} to be one of ${allowed.join(', ')}, found ${String(value)}`);
  }
}

function assertWhole(name: string, value: number | null | undefined, least: number): void {
  if (value !== undefined && value !== null && (!Number.isSafeInteger(value) || value < least)) {
    throw new RangeError(`expected ${name} to be a whole number from ${least} on, found ${value}`);
  }
}

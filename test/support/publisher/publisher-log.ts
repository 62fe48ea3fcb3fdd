import type { CountedFault } from './publisher-behaviour.ts';

/** One request and its result. It changes until the answer has been sent. */
export type ServedRequest = {
  readonly host: 'hub' | 'cdn';
  readonly method: string;
  /** The address's path, without its query. On both hosts it is the path of the file. */
  readonly path: string;
  /** The requested range, `bytes=first-last`; null without Range, and for a Range in another form. */
  readonly range: { readonly first: number; readonly last: number } | null;
  /** Null: there was no answer so far, or never. */
  readonly status: number | null;
  /** The faults that this request met. A test of recovery checks that there were faults to recover from. */
  readonly faults: readonly CountedFault[];
  /** Bytes of the file's content that were sent. */
  readonly sentByteLength: number;
  /** Milliseconds since the epoch. */
  readonly startedAtMilliseconds: number;
  /** How many requests were open when this one came, this one included. */
  readonly openRequests: number;
};

/** The facts about one request that are reported to the log. */
export type RequestNotes = {
  readonly answered: (status: number) => void;
  readonly met: (fault: CountedFault) => void;
  readonly sent: (byteLength: number) => void;
  /** The whole answer is on its way, or the connection is closed. Only the first call counts. */
  readonly finished: () => void;
};

export type RequestLog = {
  /** The requests, in the order in which they came. */
  readonly entries: readonly ServedRequest[];
  readonly open: (
    host: 'hub' | 'cdn',
    method: string,
    path: string,
    range: string | undefined,
  ) => RequestNotes;
  readonly clear: () => void;
  readonly sentByteLength: () => number;
  readonly maxOpenRequests: () => number;
};

export function createRequestLog(): RequestLog {
  const entries: ServedRequest[] = [];
  let sentByteLength = 0;
  let openRequests = 0;
  let maxOpenRequests = 0;
  return {
    entries,
    open: (host, method, path, rangeHeader) => {
      openRequests += 1;
      maxOpenRequests = Math.max(maxOpenRequests, openRequests);
      const asked = /^bytes=(\d+)-(\d+)$/.exec(rangeHeader ?? '');
      const entry = {
        host,
        method,
        path,
        range: asked && { first: Number(asked[1]), last: Number(asked[2]) },
        status: null as number | null,
        faults: [] as CountedFault[],
        sentByteLength: 0,
        startedAtMilliseconds: Date.now(),
        openRequests,
      };
      entries.push(entry);
      let isOpen = true;
      return {
        answered: (status) => {
          entry.status = status;
        },
        met: (fault) => entry.faults.push(fault),
        sent: (byteLength) => {
          entry.sentByteLength += byteLength;
          sentByteLength += byteLength;
        },
        finished: () => {
          if (isOpen) openRequests -= 1;
          isOpen = false;
        },
      };
    },
    clear: () => {
      entries.length = 0;
      sentByteLength = 0;
      maxOpenRequests = openRequests;
    },
    sentByteLength: () => sentByteLength,
    maxOpenRequests: () => maxOpenRequests,
  };
}

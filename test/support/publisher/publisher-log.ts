import type { CountedFault } from './publisher-behaviour.ts';

/** One request and what became of it. Changes until the answer has been sent. */
export type ServedRequest = {
  readonly host: 'hub' | 'cdn';
  readonly method: string;
  /** Of the address, without its query: on both hosts the path of the file. */
  readonly path: string;
  /** As it was asked for by `bytes=first-last`; null without Range, and for one in another form. */
  readonly range: { readonly first: number; readonly last: number } | null;
  /** Null: nothing was answered, so far or at all. */
  readonly status: number | null;
  /** Which faults this request met. A test of recovery looks whether there was anything to recover from. */
  readonly faults: readonly CountedFault[];
  /** Of the file's content. */
  readonly sentByteLength: number;
  /** Since the epoch. */
  readonly startedAtMilliseconds: number;
  /** How many requests were open when this one came, with it. */
  readonly openRequests: number;
};

/** What is told to the log about one request. */
export type RequestNotes = {
  readonly answered: (status: number) => void;
  readonly met: (fault: CountedFault) => void;
  readonly sent: (byteLength: number) => void;
  /** The whole answer is on its way, or the connection is closed. Only the first call counts. */
  readonly finished: () => void;
};

export type RequestLog = {
  /** In the order in which the requests came. */
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

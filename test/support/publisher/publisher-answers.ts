import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { BehaviourState } from './publisher-behaviour.ts';
import { sendBody } from './publisher-body.ts';
import type { Body, Throttle } from './publisher-body.ts';
import { openFile } from './publisher-files.ts';
import type { PublishedFile } from './publisher-files.ts';
import type { RequestNotes } from './publisher-log.ts';
import type { LinkSigner } from './signed-links.ts';

/** One request and the way to answer it. */
export type Exchange = {
  readonly host: 'hub' | 'cdn';
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly notes: RequestNotes;
  /** Aborted when the connection is closed, by either side. */
  readonly closed: AbortSignal;
};

export type AnswerDeps = {
  readonly originOf: (host: 'hub' | 'cdn') => string;
  readonly behaviour: BehaviourState;
  readonly links: LinkSigner;
  readonly throttle: Throttle;
  /** The file at this path as it is now. */
  readonly find: (path: string) => PublishedFile | undefined;
  /** Whether any file lies at this revision. The revision is the part of a path before the file's name. */
  readonly hasRevision: (prefix: string) => boolean;
};

type Headers = Readonly<Record<string, string | number>>;

/** The headers that the publisher exposes. Retry-After is not among them. */
const EXPOSED_BY_HUB =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,' +
  'X-Linked-Size,X-Linked-ETag,X-Xet-Hash';
const EXPOSED_BY_CDN = 'Accept-Ranges,Content-Length,Content-Range,ETag';

/** Answers as the publisher does, or as the present behaviour says. */
export async function answer(exchange: Exchange, deps: AnswerDeps): Promise<void> {
  const { host, request, path } = exchange;
  if (request.method === 'OPTIONS') {
    // A request with one explicit range needs no preflight (Fetch, CORS-safelisted request-header). A client that
    // causes a preflight gets nothing.
    reply(exchange, 403, {}, 'no preflight is answered');
    return;
  }
  const cors = corsHeaders(exchange, deps);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    reply(exchange, 405, { ...cors, allow: 'GET, HEAD' });
    return;
  }
  const file = deps.find(path);
  const failure = deps.behaviour.take('failNext', ({ on }) => on === host);
  if (failure !== null) {
    exchange.notes.met('failNext');
    const { status, retryAfterSeconds } = failure;
    reply(exchange, status, {
      ...cors,
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': retryAfterSeconds }),
      ...(status === 416 ? { 'content-range': `bytes */${file?.byteLength ?? '*'}` } : {}),
    });
    return;
  }
  if (host === 'hub') answerAsHub(exchange, file, cors, deps);
  else await answerAsCdn(exchange, file, cors, deps);
}

function answerAsHub(
  exchange: Exchange,
  file: PublishedFile | undefined,
  cors: Headers,
  deps: AnswerDeps,
): void {
  const { path, request } = exchange;
  const [prefix = '', revision = ''] = /^.*?\/resolve\/([^/]+)\//.exec(path) ?? [];
  if (file === undefined) {
    const [code, message] = deps.hasRevision(prefix)
      ? ['EntryNotFound', 'Entry not found']
      : ['RevisionNotFound', `Invalid rev id: ${revision}`];
    reply(exchange, 404, { ...cors, 'x-error-code': code, 'x-error-message': message }, message);
    return;
  }
  const { etag, linkLifetimeMilliseconds } = deps.behaviour.current();
  const link = deps.links.sign(path, request.headers.range, Date.now() + linkLifetimeMilliseconds);
  reply(
    exchange,
    302,
    {
      ...cors,
      location: `${deps.originOf('cdn')}${link}`,
      'accept-ranges': 'bytes',
      'x-repo-commit': revision,
      'x-linked-size': file.byteLength,
      ...(etag === 'absent' ? {} : { 'x-linked-etag': file.etag }),
    },
    'Found. Redirecting.',
  );
}

async function answerAsCdn(
  exchange: Exchange,
  file: PublishedFile | undefined,
  cors: Headers,
  deps: AnswerDeps,
): Promise<void> {
  const { path, query, request } = exchange;
  const { range } = request.headers;
  const link = deps.links.check(path, query, range);
  if (link === 'forged') {
    reply(exchange, 403, cors, 'The signature does not match the request');
    return;
  }
  if (link === 'expired') {
    reply(exchange, 403, cors, 'Request has expired');
    return;
  }
  if (file === undefined) {
    reply(exchange, 404, cors);
    return;
  }
  const { etag, ignoreRange } = deps.behaviour.current();
  const headers = {
    ...cors,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    ...(etag === 'absent' ? {} : { etag: file.etag }),
  };
  // Range means nothing to HEAD (RFC 9110, 14.2).
  const part = request.method === 'HEAD' || ignoreRange ? 'whole' : partOf(range, file.byteLength);
  if (part === 'unsatisfiable') {
    reply(exchange, 416, { ...headers, 'content-range': `bytes */${file.byteLength}` });
    return;
  }
  if (part === 'whole') {
    const whole = { offset: 0, byteLength: file.byteLength };
    await sendPart(exchange, file, whole, 200, { ...headers, 'content-length': file.byteLength }, deps);
    return;
  }
  await sendPart(
    exchange,
    file,
    part,
    206,
    {
      ...headers,
      'content-length': part.byteLength,
      'content-range': `bytes ${part.offset}-${part.offset + part.byteLength - 1}/${file.byteLength}`,
    },
    deps,
  );
}

type Part = Pick<Body, 'offset' | 'byteLength'>;

/** The range of a Range header (RFC 9110, 14.1.2 and 14.2). Any header that is not one range of bytes is ignored. */
function partOf(range: string | undefined, fileByteLength: number): Part | 'whole' | 'unsatisfiable' {
  const [asked, firstDigits = '', lastDigits = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (asked === undefined || (firstDigits === '' && lastDigits === '')) return 'whole';
  if (firstDigits === '') {
    const byteLength = Math.min(Number(lastDigits), fileByteLength);
    return byteLength === 0 ? 'unsatisfiable' : { offset: fileByteLength - byteLength, byteLength };
  }
  const first = Number(firstDigits);
  const last = lastDigits === '' ? Infinity : Number(lastDigits);
  if (last < first) return 'whole';
  if (first >= fileByteLength) return 'unsatisfiable';
  return { offset: first, byteLength: Math.min(last, fileByteLength - 1) - first + 1 };
}

async function sendPart(
  exchange: Exchange,
  file: PublishedFile,
  part: Part,
  status: 200 | 206,
  headers: Headers,
  { behaviour, throttle }: AnswerDeps,
): Promise<void> {
  const { request, response, path, notes, closed } = exchange;
  if (request.method === 'HEAD') {
    notes.answered(status);
    notes.finished();
    response.writeHead(status, headers).end();
    return;
  }
  if (behaviour.take('stall', ({ afterByteLength }) => afterByteLength === null) !== null) {
    notes.met('stall');
    return;
  }
  const broken = takeBreak(part.byteLength, behaviour);
  const flip = behaviour.take(
    'flipByte',
    ({ offset, path: flippedPath = path }) =>
      flippedPath === path && offset >= part.offset && offset < part.offset + part.byteLength,
  );
  if (broken !== null) notes.met(broken.how === 'cut' ? 'cutShort' : 'stall');
  if (flip !== null) notes.met('flipByte');
  notes.answered(status);
  response.writeHead(status, headers);
  const opened = await openFile(file);
  try {
    const body = { ...part, flippedOffset: flip?.offset ?? null, broken };
    await sendBody(
      response,
      opened,
      body,
      throttle,
      (byteLength, isLast) => {
        notes.sent(byteLength);
        if (isLast) notes.finished();
      },
      closed,
    );
  } finally {
    await opened.close();
  }
}

function takeBreak(byteLength: number, behaviour: BehaviourState): Body['broken'] {
  const cut = behaviour.take('cutShort', ({ afterByteLength }) => byteLength > afterByteLength);
  if (cut !== null) return { how: 'cut', afterByteLength: cut.afterByteLength };
  const stall = behaviour.take('stall', ({ afterByteLength }) => byteLength > (afterByteLength ?? Infinity));
  return stall === null ? null : { how: 'stalled', afterByteLength: stall.afterByteLength ?? 0 };
}

function corsHeaders({ host, request }: Exchange, { behaviour, originOf }: AnswerDeps): Headers {
  const { cors } = behaviour.current();
  if (cors === 'refused') return {};
  const allowed: Headers =
    host === 'cdn'
      ? { 'access-control-allow-origin': '*' }
      : { 'access-control-allow-origin': request.headers.origin ?? originOf('hub'), vary: 'Origin' };
  if (cors === 'unexposed') return allowed;
  const exposed = host === 'cdn' ? EXPOSED_BY_CDN : EXPOSED_BY_HUB;
  return { ...allowed, 'access-control-expose-headers': exposed };
}

/** A short answer, without bytes of a file. */
function reply(
  { request, response, notes }: Exchange,
  status: number,
  headers: Headers,
  text = STATUS_CODES[status] ?? '',
): void {
  notes.answered(status);
  notes.finished();
  response
    .writeHead(status, {
      ...headers,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    .end(request.method === 'HEAD' ? undefined : text);
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBlobSource } from '../../../../../models/checkpoint/read/blob-source.ts';
import type { ByteSource } from '../../../../../models/checkpoint/read/byte-source.ts';
import { openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import { createHttpSource } from '../../../../../models/checkpoint/read/http-source.ts';
import type { HttpSource, HttpSourceOptions } from '../../../../../models/checkpoint/read/http-source.ts';
import { createNodeFileSource } from '../../../../../entrypoints/cli/node-file-source.ts';
import { sampleStateDict } from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import { checkpointBytes } from '../../../../fixtures/checkpoints/torch-writer.ts';

const CONTENT = checkpointBytes(sampleStateDict());

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueframe-sources-'));
  await writeFile(join(folder, 'a.pth'), CONTENT);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A server on the loopback interface that answers one range as `behave` says. */
const server = createServer((request, response) => {
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const part = CONTENT.slice(Number(first), Number(last) + 1);
  const range = `bytes ${first}-${last}/${CONTENT.length}`;
  switch (request.url) {
    case '/good':
      response.writeHead(206, { 'content-range': range }).end(part);
      return;
    case '/bare':
      response.writeHead(206).end(part);
      return;
    case '/whole':
      response.writeHead(200).end(CONTENT);
      return;
    case '/other-range':
      response.writeHead(206, { 'content-range': `bytes 0-1/${CONTENT.length}` }).end(part);
      return;
    case '/other-file':
      response.writeHead(206, { 'content-range': `bytes ${first}-${last}/99` }).end(part);
      return;
    case '/short':
      response.writeHead(206).end(part.slice(1));
      return;
    case '/long':
      response.writeHead(206).end(Buffer.concat([part, part]));
      return;
    case '/broken':
      response.writeHead(206, { 'content-length': part.length });
      response.write(part.slice(1));
      setTimeout(() => response.destroy(), 20);
      return;
    case '/silent':
      return;
    default:
      response.writeHead(Number(request.url?.slice(1))).end();
  }
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function at(path: string): ByteSource {
  const { port } = server.address() as AddressInfo;
  return createHttpSource({ url: `http://127.0.0.1:${port}/${path}`, byteLength: CONTENT.length });
}

describe('every source', () => {
  it.each<[string, () => Promise<ByteSource & { close?: () => Promise<void> }>]>([
    ['a Blob', () => Promise.resolve(createBlobSource(new Blob([CONTENT]), 'a.pth'))],
    ['a file', () => createNodeFileSource(join(folder, 'a.pth'))],
    ['HTTP', () => Promise.resolve(at('good'))],
    ['HTTP without a readable Content-Range', () => Promise.resolve(at('bare'))],
  ])('gives exactly the bytes, fails beyond the end and stops when aborted: %s', async (_name, create) => {
    const source = await create();
    expect(source.byteLength).toBe(CONTENT.length);
    expect(await source.read(10, 20)).toEqual(CONTENT.slice(10, 30));
    expect(await source.read(5, 0)).toHaveLength(0);
    expect((await openCheckpoint(source)).tensors.size).toBe(6);
    await expect(source.read(CONTENT.length - 1, 2)).rejects.toMatchObject({
      code: 'source-failed',
      isPassing: true,
    });
    await expect(source.read(0, 1, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await source.close?.();
  });

  it('hands over bytes that can be changed without changing the source', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const source = createBlobSource(new Blob([bytes]), 'test');
    (await source.read(0, 3)).fill(0);
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe('a file', () => {
  it('that is not there is no passing failure', async () => {
    await expect(createNodeFileSource(join(folder, 'none.pth'))).rejects.toMatchObject({
      code: 'source-refused',
      isPassing: false,
    });
  });
});

describe('an HTTP source', () => {
  it.each<[string, string, RegExp]>([
    ['whole', 'source-refused', /ignores Range/],
    ['404', 'source-refused', /status 404 for bytes=10-29/],
    ['416', 'source-changed', /the file there ends before bytes=10-29/],
    ['429', 'source-failed', /status 429/],
    ['503', 'source-failed', /status 503/],
    ['other-range', 'source-refused', /expected Content-Range bytes 10-29/],
    ['other-file', 'source-changed', /found bytes 10-29\/99/],
    ['short', 'source-failed', /expected 20 bytes for bytes=10-29, found 19/],
    ['long', 'source-failed', /expected 20 bytes for bytes=10-29, found more/],
    ['broken', 'source-failed', /the connection broke after 19 bytes/],
  ])('tells what can be tried again from what cannot: /%s', async (path, code, message) => {
    const promise = at(path).read(10, 20);
    await expect(promise).rejects.toMatchObject({ code });
    await expect(promise).rejects.toThrow(message);
  });

  it('fails passingly when nobody answers', async () => {
    const source = createHttpSource({
      url: 'http://127.0.0.1:1/x',
      byteLength: 10,
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'source-failed' });
  });

  it('takes a silence in the middle for a broken answer', async () => {
    const { port } = server.address() as AddressInfo;
    const source = createHttpSource({
      url: `http://127.0.0.1:${port}/silent`,
      byteLength: CONTENT.length,
      stallMilliseconds: 50,
    });
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: 'source-failed' });
    await expect(source.read(0, 10)).rejects.toThrow(/no byte of bytes=0-9 for 50 ms/);
  });

  const answering = (...answers: readonly Response[]): typeof fetch => {
    let count = 0;
    return () => Promise.resolve(answers[Math.min(count++, answers.length - 1)]!.clone());
  };
  const part = (headers: Record<string, string>): Response => new Response('x', { status: 206, headers });
  const sourceWith = (answers: typeof fetch, more: Partial<HttpSourceOptions> = {}): HttpSource =>
    createHttpSource({ url: 'http://127.0.0.1:1/x', byteLength: 10, fetch: answers, ...more });

  it('remembers the ETag, and refuses another one', async () => {
    const source = sourceWith(answering(part({ etag: '"a"' }), part({}), part({ etag: '"b"' })));
    expect(source.etag()).toBeNull();
    await source.read(0, 1);
    await source.read(1, 1);
    expect(source.etag()).toBe('"a"');
    await expect(source.read(2, 1)).rejects.toMatchObject({ code: 'source-changed' });
    const later = sourceWith(answering(part({ etag: '"b"' })), { etag: source.etag() });
    await expect(later.read(0, 1)).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('refuses an answer that contradicts an expected header, and takes one that does not name it', async () => {
    const expectedHeaders = { 'x-repo-commit': 'abc' };
    await sourceWith(answering(part({})), { expectedHeaders }).read(0, 1);
    await sourceWith(answering(part({ 'x-repo-commit': 'abc' })), { expectedHeaders }).read(0, 1);
    const other = sourceWith(answering(part({ 'x-repo-commit': 'def' })), { expectedHeaders });
    await expect(other.read(0, 1)).rejects.toMatchObject({ code: 'source-changed' });
  });

  it.each([
    ['12', 12_000],
    ['0', 0],
    ['999999', 86_400_000],
    ['soon', null],
  ])('reads a Retry-After of %s', async (text, milliseconds) => {
    const busy = new Response(null, { status: 429, headers: { 'retry-after': text } });
    await expect(sourceWith(answering(busy)).read(0, 1)).rejects.toMatchObject({
      code: 'source-failed',
      retryAfterMilliseconds: milliseconds,
    });
  });

  it('reads a Retry-After that is a date', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const busy = new Response(null, { status: 503, headers: { 'retry-after': date } });
    const error: unknown = await sourceWith(answering(busy))
      .read(0, 1)
      .catch((reason: unknown) => reason);
    const { retryAfterMilliseconds } = error as { readonly retryAfterMilliseconds: number };
    expect(retryAfterMilliseconds).toBeGreaterThan(50_000);
    expect(retryAfterMilliseconds).toBeLessThanOrEqual(60_000);
  });

  it('is blocked only where nothing was ever answered, more than once, and not where the network was just away', async () => {
    let failures = Infinity;
    let askedCount = 0;
    const source = sourceWith(
      () => (failures-- > 0 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(part({}))),
      {
        isBlocked: () => {
          askedCount += 1;
          return Promise.resolve(true);
        },
      },
    );
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'source-failed' });
    expect(askedCount).toBe(0);
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'download-blocked' });
    expect(askedCount).toBe(1);
    // Back in the moment in which that was asked.
    failures = 1;
    expect(await source.read(0, 1)).toHaveLength(1);
    failures = Infinity;
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'source-failed' });
  });

  it('goes on behind what a connection brought before it broke, unless it brings next to nothing', async () => {
    const whole = 1_000_000;
    const breaking = (afterByteLength: number): { fetch: typeof fetch; starts: number[] } => {
      const starts: number[] = [];
      return {
        starts,
        fetch: (_url, init) => {
          const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(
            (init!.headers as Record<string, string>).Range!,
          )!;
          const length = Number(last) - Number(first) + 1;
          starts.push(Number(first));
          let isSent = false;
          const body = new ReadableStream<Uint8Array>(
            {
              pull: (controller) => {
                if (isSent) {
                  controller.error(new TypeError('network error'));
                  return;
                }
                isSent = true;
                controller.enqueue(new Uint8Array(Math.min(length, afterByteLength)).fill(starts.length));
                if (length <= afterByteLength) controller.close();
              },
            },
            { highWaterMark: 0 },
          );
          return Promise.resolve(new Response(body, { status: 206 }));
        },
      };
    };
    const broken = breaking(300_000);
    const bytes = await sourceWith(broken.fetch, { byteLength: whole }).read(0, whole);
    expect(broken.starts).toEqual([0, 300_000, 600_000, 900_000]);
    expect([bytes[0], bytes[300_000], bytes[999_999]]).toEqual([1, 2, 4]);
    const hopeless = breaking(1000);
    await expect(sourceWith(hopeless.fetch, { byteLength: whole }).read(0, whole)).rejects.toMatchObject({
      code: 'source-failed',
    });
    expect(hopeless.starts).toEqual([0]);
  });

  it('sends no cookies, no referrer, and nothing but the range', async () => {
    const requests: RequestInit[] = [];
    await sourceWith((_url, init) => {
      requests.push(init!);
      return Promise.resolve(part({}));
    }).read(3, 1);
    expect(requests).toMatchObject([
      {
        headers: { Range: 'bytes=3-3' },
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
      },
    ]);
    expect(Object.keys(requests[0]!.headers!)).toEqual(['Range']);
  });

  it('ends the request when it is aborted', async () => {
    const controller = new AbortController();
    const promise = at('silent').read(0, 10, controller.signal);
    setTimeout(() => {
      controller.abort();
    }, 20);
    await expect(promise).rejects.toMatchObject({ name: 'AbortError' });
  });
});

import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPublisher } from '../../support/publisher/publisher.ts';
import type { Publisher } from '../../support/publisher/publisher.ts';
import type { Behaviour } from '../../support/publisher/publisher-behaviour.ts';

const REVISION = '0123456789abcdef0123456789abcdef01234567';
const SMALL = `/owner/network/resolve/${REVISION}/small.pth`;
const BIG = `/owner/network/resolve/${REVISION}/big.pth`;
/** Several chunks of the server, the last of them not full. */
const CONTENT = Uint8Array.from({ length: 300_001 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
/** As long as the published file of the VAE, so beyond 2^31. The file is sparse, so it takes no room on the disk. */
const BIG_BYTE_LENGTH = 2_782_175_601;
const BIG_END = Uint8Array.from({ length: 100 }, (_, index) => index + 1);

let folder: string;
let bigFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueframe-publisher-'));
  bigFile = join(folder, 'big.pth');
  const handle = await open(bigFile, 'w');
  await handle.write(BIG_END, 0, BIG_END.length, BIG_BYTE_LENGTH - BIG_END.length);
  await handle.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let publisher: Publisher;
beforeEach(async () => {
  publisher = await startPublisher({ files: { [SMALL]: CONTENT, [BIG]: bigFile } });
});
afterEach(async () => {
  await publisher.close();
});

type Asked = { range?: string; method?: string; path?: string; redirect?: RequestRedirect; origin?: string };

function ask({ range, method = 'GET', path = SMALL, redirect = 'follow', origin }: Asked): Promise<Response> {
  return fetch(publisher.hubOrigin + path, {
    method,
    redirect,
    headers: {
      ...(range === undefined ? {} : { range }),
      ...(origin === undefined ? {} : { origin }),
    },
  });
}

/** The signed address to which the hub redirects. */
async function linkFor(range: string): Promise<string> {
  const response = await ask({ range, redirect: 'manual' });
  await response.arrayBuffer();
  return response.headers.get('location') ?? '';
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** The body that came, and whether its end came too. */
async function readUntilBroken(response: Response): Promise<{ byteLength: number; isWhole: boolean }> {
  let byteLength = 0;
  try {
    for await (const chunk of response.body ?? []) byteLength += chunk.byteLength;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return { byteLength, isWhole: false };
  }
  return { byteLength, isWhole: true };
}

/** Resolves when no other request to the server is open. */
async function isAlone(): Promise<void> {
  const openRequests = async (): Promise<number | undefined> => {
    await bytesOf(await ask({ method: 'HEAD' }));
    return publisher.log.at(-1)?.openRequests;
  };
  await expect.poll(openRequests, { timeout: 10_000 }).toBe(1);
}

function pause(milliseconds: number): Promise<'paused'> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, 'paused'));
}

describe('the publisher as it normally is', () => {
  it('redirects every request to a signed address of another origin', async () => {
    const response = await ask({ range: 'bytes=0-9', redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(publisher.hubOrigin).toMatch(/^http:\/\/localhost:\d+$/);
    expect(publisher.cdnOrigin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(new URL(response.headers.get('location') ?? '').origin).toBe(publisher.cdnOrigin);
    expect(response.headers.get('x-repo-commit')).toBe(REVISION);
    expect(response.headers.get('x-linked-size')).toBe(String(CONTENT.length));
    expect(response.headers.get('x-linked-etag')).toMatch(/^"[0-9a-f]{64}"$/);
  });

  it.each([
    ['bytes=10-29', 10, 30],
    ['bytes=0-0', 0, 1],
    ['bytes=65000-300000', 65_000, 300_001],
    ['bytes=299999-999999', 299_999, 300_001],
    ['bytes=300000-', 300_000, 300_001],
    ['bytes=-5', 299_996, 300_001],
  ])('sends exactly the range %s', async (range, start, end) => {
    const response = await ask({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${CONTENT.length}`);
    expect(response.headers.get('content-length')).toBe(String(end - start));
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/);
    expect(await bytesOf(response)).toEqual(CONTENT.slice(start, end));
    expect(publisher.sentByteLength()).toBe(end - start);
  });

  it.each([[undefined], ['bytes=0-1,5-6'], ['bytes=9-3'], ['bytes=-'], ['lines=1-2']])(
    'sends the whole file where Range is %s',
    async (range) => {
      const response = await ask(range === undefined ? {} : { range });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-range')).toBeNull();
      expect(await bytesOf(response)).toEqual(CONTENT);
    },
  );

  it.each(['bytes=300001-300001', 'bytes=400000-', 'bytes=-0'])('has no range %s', async (range) => {
    const response = await ask({ range });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${CONTENT.length}`);
  });

  it('answers HEAD with the length of the file and no body', async () => {
    const response = await ask({ method: 'HEAD', path: BIG });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(BIG_BYTE_LENGTH));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(await bytesOf(response)).toHaveLength(0);
    expect(publisher.sentByteLength()).toBe(0);
  });

  it('holds a signed address for its one range only', async () => {
    const link = await linkFor('bytes=0-9');
    expect((await fetch(link, { headers: { range: 'bytes=0-9' } })).status).toBe(206);
    expect((await fetch(link, { headers: { range: 'bytes=0-10' } })).status).toBe(403);
    expect((await fetch(link)).status).toBe(403);
    const ofOther = link.replace(SMALL, BIG);
    expect((await fetch(ofOther, { headers: { range: 'bytes=0-9' } })).status).toBe(403);
    expect((await fetch(publisher.cdnOrigin + SMALL)).status).toBe(403);
  });

  it('lets a signed address expire', async () => {
    publisher.behave({ linkLifetimeMilliseconds: 1 });
    const link = await linkFor('bytes=0-9');
    await pause(10);
    const response = await fetch(link, { headers: { range: 'bytes=0-9' } });
    expect(response.status).toBe(403);
    expect(await response.text()).toBe('Request has expired');
  });

  it.each([
    [`/owner/network/resolve/${REVISION}/other.pth`, 'EntryNotFound'],
    ['/owner/network/resolve/main/small.pth', 'RevisionNotFound'],
    ['/%E0%A4%A', 'RevisionNotFound'],
  ])('does not know %s', async (path, code) => {
    const response = await ask({ path });
    expect(response.status).toBe(404);
    expect(response.headers.get('x-error-code')).toBe(code);
  });

  it('refuses a preflight, and remembers it', async () => {
    const response = await ask({ method: 'OPTIONS', origin: 'https://example.com' });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(publisher.log.map(({ method }) => method)).toEqual(['OPTIONS']);
  });

  it('sends a file of 2.8 GB from the disk, and stops when the client hangs up', async () => {
    const range = `bytes=${BIG_BYTE_LENGTH - BIG_END.length}-${BIG_BYTE_LENGTH - 1}`;
    expect(await bytesOf(await ask({ path: BIG, range }))).toEqual(BIG_END);
    publisher.clearLog();
    const response = await ask({ path: BIG });
    await response.body?.cancel();
    // The whole file would take seconds; the received part is what fits into the connection's buffers.
    await isAlone();
    const sentByteLength = publisher.sentByteLength();
    await pause(100);
    expect(publisher.sentByteLength()).toBe(sentByteLength);
    expect(sentByteLength).toBeLessThan(BIG_BYTE_LENGTH / 20);
  });
});

describe('the log', () => {
  it('tells every request with its range, status and bytes, and forgets them when told so', async () => {
    await bytesOf(await ask({ range: 'bytes=10-29' }));
    expect(publisher.log).toMatchObject([
      { host: 'hub', method: 'GET', path: SMALL, range: { first: 10, last: 29 }, status: 302 },
      { host: 'cdn', method: 'GET', path: SMALL, range: { first: 10, last: 29 }, status: 206, faults: [] },
    ]);
    expect(publisher.log.map(({ sentByteLength }) => sentByteLength)).toEqual([0, 20]);
    publisher.clearLog();
    expect([publisher.log.length, publisher.sentByteLength(), publisher.maxOpenRequests()]).toEqual([
      0, 0, 0,
    ]);
  });

  it('counts the requests that are open together', async () => {
    for (let asked = 0; asked < 20; asked += 1) await bytesOf(await ask({ range: 'bytes=0-200000' }));
    expect(publisher.maxOpenRequests()).toBe(1);
    publisher.behave({ stall: { count: 3, afterByteLength: 5 } });
    const responses = await Promise.all([1, 2, 3].map(() => ask({ range: 'bytes=0-99' })));
    expect(publisher.maxOpenRequests()).toBe(3);
    for (const response of responses) await response.body?.cancel();
    await isAlone();
  });
});

describe('across origins', () => {
  const origin = 'chrome-extension://abcdefghijklmnopabcdefghijklmnop';

  async function corsOf(cors: Behaviour['cors']): Promise<(string | null)[][]> {
    publisher.behave({ cors });
    const hub = await ask({ range: 'bytes=0-9', redirect: 'manual', origin });
    const cdn = await ask({ range: 'bytes=0-9', origin });
    return [hub, cdn].map(({ headers }) => [
      headers.get('access-control-allow-origin'),
      headers.get('access-control-expose-headers'),
    ]);
  }

  it('open: reads are allowed and most headers exposed, but never Retry-After', async () => {
    const [hub, cdn] = await corsOf('open');
    expect(hub).toEqual([origin, expect.stringMatching(/X-Repo-Commit.*ETag.*Content-Range.*X-Linked-Size/)]);
    expect(cdn).toEqual(['*', expect.stringMatching(/Content-Range.*ETag/)]);
    expect(String([hub, cdn])).not.toMatch(/retry-after/i);
  });

  it('unexposed: reads are allowed and nothing is exposed', async () => {
    expect(await corsOf('unexposed')).toEqual([
      [origin, null],
      ['*', null],
    ]);
  });

  it('refused: neither', async () => {
    expect(await corsOf('refused')).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('failures are as readable as answers', async () => {
    publisher.behave({ failNext: { status: 503, count: 1, on: 'cdn' } });
    const response = await ask({ range: 'bytes=0-9', origin });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([503, '*']);
  });
});

describe('on demand, the publisher', () => {
  it.each([403, 416, 429, 500, 502, 503] as const)(
    'fails with %i as often as it was told',
    async (status) => {
      for (const on of ['hub', 'cdn'] as const) {
        publisher.clearLog();
        publisher.behave({ failNext: { status, count: 2, on, retryAfterSeconds: 7 } });
        const responses = [];
        for (let asked = 0; asked < 3; asked += 1) responses.push(await ask({ range: 'bytes=0-9' }));
        expect(responses.map((response) => response.status)).toEqual([status, status, 206]);
        expect(responses.map(({ headers }) => headers.get('retry-after'))).toEqual(['7', '7', null]);
        const failed = publisher.log.filter(({ faults }) => faults.includes('failNext'));
        expect(failed.map(({ host }) => host)).toEqual([on, on]);
      }
    },
  );

  it('fails with 416 and the length of the file', async () => {
    publisher.behave({ failNext: { status: 416, count: 1, on: 'cdn' } });
    const { headers } = await ask({ range: 'bytes=0-9' });
    expect(headers.get('content-range')).toBe(`bytes */${CONTENT.length}`);
    expect(headers.get('retry-after')).toBeNull();
  });

  it('ignores Range', async () => {
    publisher.behave({ ignoreRange: true });
    const response = await ask({ range: 'bytes=10-29' });
    expect(response.status).toBe(200);
    expect(await bytesOf(response)).toEqual(CONTENT);
  });

  it.each([0, 1, 150_000])('cuts a body short after %i bytes, once', async (afterByteLength) => {
    publisher.behave({ cutShort: { count: 1, afterByteLength } });
    // As long as the body after a cut would be: it is not cut, and does not count.
    if (afterByteLength > 0) {
      const last = afterByteLength - 1;
      expect(await bytesOf(await ask({ range: `bytes=0-${last}` }))).toHaveLength(afterByteLength);
    }
    const cut = await ask({ range: 'bytes=0-199999' });
    expect([cut.status, cut.headers.get('content-length')]).toEqual([206, '200000']);
    expect(await readUntilBroken(cut)).toEqual({ byteLength: afterByteLength, isWhole: false });
    expect(publisher.log.at(-1)).toMatchObject({ faults: ['cutShort'], sentByteLength: afterByteLength });
    expect(await bytesOf(await ask({ range: 'bytes=0-199999' }))).toEqual(CONTENT.slice(0, 200_000));
  });

  it('stalls in the middle of a body, with the connection open', async () => {
    publisher.behave({ stall: { count: 1, afterByteLength: 100_000 } });
    const response = await ask({ range: 'bytes=0-199999' });
    let byteLength = 0;
    const end = readUntilBroken(
      new Response(
        response.body?.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform: (chunk, controller) => {
              byteLength += chunk.byteLength;
              controller.enqueue(chunk);
            },
          }),
        ),
      ),
    );
    await expect.poll(() => byteLength, { timeout: 10_000 }).toBe(100_000);
    expect(await Promise.race([end, pause(100)])).toBe('paused');
    expect(publisher.log.at(-1)).toMatchObject({ status: 206, faults: ['stall'], sentByteLength: 100_000 });
    expect(await bytesOf(await ask({ range: 'bytes=0-199999' }))).toHaveLength(200_000);
    await publisher.close();
    expect(await end).toEqual({ byteLength: 100_000, isWhole: false });
  });

  it('stalls with and without having sent a status', async () => {
    publisher.behave({ stall: { count: 1, afterByteLength: 0 } });
    const withStatus = await ask({ range: 'bytes=0-9' });
    expect(withStatus.status).toBe(206);
    publisher.behave({ stall: { count: 1, afterByteLength: null } });
    const silent = ask({ range: 'bytes=0-9' });
    expect(await Promise.race([silent, pause(100)])).toBe('paused');
    expect(publisher.log.at(-1)).toMatchObject({ host: 'cdn', status: null, faults: ['stall'] });
    await publisher.close();
    await expect(silent).rejects.toThrow(TypeError);
    expect(await readUntilBroken(withStatus)).toEqual({ byteLength: 0, isWhole: false });
  });

  it('flips one bit of one byte, in as many answers as it was told that hold the byte', async () => {
    publisher.behave({ flipByte: { count: 2, offset: 70_000 } });
    const expected = CONTENT.slice();
    expected[70_000]! ^= 1;
    expect(await bytesOf(await ask({ range: 'bytes=0-69999' }))).toEqual(CONTENT.slice(0, 70_000));
    expect(await bytesOf(await ask({ range: 'bytes=70001-70009' }))).toEqual(CONTENT.slice(70_001, 70_010));
    expect(await bytesOf(await ask({ range: 'bytes=70000-70000' }))).toEqual(expected.slice(70_000, 70_001));
    expect(await bytesOf(await ask({}))).toEqual(expected);
    expect(publisher.log.at(-1)?.faults).toEqual(['flipByte']);
    expect(await bytesOf(await ask({}))).toEqual(CONTENT);
  });

  it('flips always, and only in the file that was named', async () => {
    publisher.behave({ flipByte: { count: 'always', offset: 3, path: BIG } });
    for (let asked = 0; asked < 3; asked += 1) {
      expect(await bytesOf(await ask({ range: 'bytes=3-3' }))).toEqual(CONTENT.slice(3, 4));
      expect(await bytesOf(await ask({ range: 'bytes=3-3', path: BIG }))).toEqual(Uint8Array.of(1));
    }
  });

  it('publishes another file with another ETag, and the first one again', async () => {
    const first = (await ask({ method: 'HEAD' })).headers.get('etag');
    const other = CONTENT.slice(0, 1000).reverse();
    publisher.behave({ changedFile: { path: SMALL, content: other } });
    const changed = await ask({ range: 'bytes=0-9' });
    expect(changed.headers.get('content-range')).toBe('bytes 0-9/1000');
    expect(await bytesOf(changed)).toEqual(other.slice(0, 10));
    publisher.behave({ changedFile: { path: SMALL, content: CONTENT } });
    const same = (await ask({ method: 'HEAD' })).headers.get('etag');
    publisher.behave({ changedFile: null });
    expect(new Set([first, changed.headers.get('etag'), same]).size).toBe(3);
    expect((await ask({ method: 'HEAD' })).headers.get('etag')).toBe(first);
  });

  it('sends no ETag at all', async () => {
    publisher.behave({ etag: 'absent' });
    const hub = await ask({ range: 'bytes=0-9', redirect: 'manual' });
    const cdn = await ask({ range: 'bytes=0-9' });
    expect([hub.headers.get('x-linked-etag'), cdn.headers.get('etag')]).toEqual([null, null]);
  });

  it('sends all bodies together no faster than it was told, until it is told otherwise', async () => {
    publisher.behave({ bytesPerSecond: 200_000 });
    const startedAt = performance.now();
    await Promise.all(
      [0, 1].map(async (index) => bytesOf(await ask({ range: `bytes=${index}-${index + 49_999}` }))),
    );
    // 100 000 bytes take half a second, but for the first chunk of each.
    expect(performance.now() - startedAt).toBeGreaterThan(350);
    publisher.behave({ bytesPerSecond: 1 });
    const slow = bytesOf(await ask({ range: 'bytes=0-99999' }));
    await pause(50);
    expect(publisher.log.at(-1)?.sentByteLength).toBeLessThan(10);
    publisher.behave({ bytesPerSecond: null });
    expect(await slow).toEqual(CONTENT.slice(0, 100_000));
  });

  it('is gone, in the middle of a body too, and comes back', async () => {
    publisher.behave({ bytesPerSecond: 50_000 });
    const response = await ask({});
    publisher.behave({ refuseConnections: true });
    expect(await readUntilBroken(response)).toMatchObject({ isWhole: false });
    await expect(ask({})).rejects.toThrow(TypeError);
    await expect(fetch(publisher.cdnOrigin)).rejects.toThrow(TypeError);
    publisher.behave({ refuseConnections: false, bytesPerSecond: null });
    expect(await bytesOf(await ask({}))).toEqual(CONTENT);
  });

  it('behaves at its start already as it was told', async () => {
    await publisher.close();
    publisher = await startPublisher({ files: { [SMALL]: CONTENT }, behaviour: { ignoreRange: true } });
    expect((await ask({ range: 'bytes=0-9' })).status).toBe(200);
  });
});

describe('the life of the server', () => {
  it('starts again on the same ports, with the same ETag', async () => {
    const etags = [(await ask({ method: 'HEAD', path: BIG })).headers.get('etag')];
    const { hubOrigin, cdnOrigin } = publisher;
    await publisher.close();
    await publisher.close();
    await expect(ask({})).rejects.toThrow(TypeError);
    publisher = await startPublisher({
      files: { [BIG]: bigFile },
      port: Number(new URL(hubOrigin).port),
      cdnPort: Number(new URL(cdnOrigin).port),
    });
    expect([publisher.hubOrigin, publisher.cdnOrigin]).toEqual([hubOrigin, cdnOrigin]);
    etags.push((await ask({ method: 'HEAD', path: BIG })).headers.get('etag'));
    expect(etags[1]).toBe(etags[0]);
  });

  it('does not start without its files, on a path that is none, or on a port in use', async () => {
    const port = Number(new URL(publisher.hubOrigin).port);
    await expect(startPublisher({ files: { [BIG]: join(folder, 'none') } })).rejects.toThrow('ENOENT');
    await expect(startPublisher({ files: { [BIG]: folder } })).rejects.toThrow('is no file');
    await expect(startPublisher({ files: { '/small.pth': CONTENT } })).rejects.toThrow(/found \/small.pth/);
    await expect(startPublisher({ files: {}, port })).rejects.toThrow('EADDRINUSE');
  });

  it.each<[string, unknown]>([
    ['a name that is none', { stalled: null }],
    ['a value that is none', { cors: 'closed' }],
    ['a value left undefined', { ignoreRange: undefined }],
    ['a status that is not offered', { failNext: { status: 404, count: 1, on: 'hub' } }],
    ['a host that is none', { failNext: { status: 500, count: 1, on: 'hubs' } }],
    ['a count of nothing', { cutShort: { count: 0, afterByteLength: 5 } }],
    ['a length below zero', { stall: { count: 1, afterByteLength: -1 } }],
    ['an offset that is no number', { flipByte: { count: 'always', offset: NaN } }],
    ['a rate of nothing', { bytesPerSecond: 0 }],
    ['a file at no path', { changedFile: { path: '/other', content: CONTENT } }],
  ])('takes no behaviour with %s, and changes nothing then', async (_what, change) => {
    expect(() => publisher.behave({ etag: 'absent', ...(change as Partial<Behaviour>) })).toThrow(
      /expected|no behaviour|undefined|no file/,
    );
    expect((await ask({ method: 'HEAD' })).headers.get('etag')).not.toBeNull();
  });
});

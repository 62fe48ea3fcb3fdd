import { createServer as createVideoServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../../../entrypoints/cli/serve/job-stores.ts';
import { parseServeOptions } from '../../../../../entrypoints/cli/serve/options.ts';
import { createServer } from '../../../../../entrypoints/cli/serve/server.ts';
import type { ServeEngine } from '../../../../../entrypoints/cli/serve/engine.ts';
import type { ModelFolder } from '../../../../../entrypoints/cli/model-folders.ts';
import { untilAborted } from '../../../../../utils/domain/until-aborted.ts';
import { refusalOf, reportOf, verdictOf } from '../../../../fixtures/scans/scans.ts';

const VIDEO = Buffer.from('not really a video');
const MODELS = [
  { folder: '', modelId: 'ed-1', description: { network: 'ed', detector: 'genconvit', dtype: 'fp32' } },
  { folder: '', modelId: 'vae-1', description: { network: 'vae', detector: 'genconvit', dtype: 'fp32' } },
] as unknown as readonly ModelFolder[];

let folder: string;
let closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-test-'));
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
  await rm(folder, { recursive: true, force: true });
});

type Seen = {
  readonly modelIds: readonly string[];
  readonly framesAsked: number | null;
  readonly bytes: Buffer;
};

/** A server whose engine answers with a made-up report. */
async function start(
  words: readonly string[] = [],
  {
    verdict = verdictOf(0.82),
    until = Promise.resolve(),
    state = { kind: 'ready', jobs: 1, devices: [] },
  }: {
    readonly verdict?: ReturnType<typeof verdictOf>;
    readonly until?: Promise<unknown>;
    readonly state?: ReturnType<ServeEngine['state']>;
  } = {},
) {
  const options = await parseServeOptions(['--model', 'x', ...words], {});
  const seen: Seen[] = [];
  const stopping = new AbortController();
  const engine: ServeEngine = {
    state: () => state,
    waiting: () => 0,
    running: () => 0,
    restarts: () => 0,
    judge: async ({ video, stamp, settings }, { files }, signal) => {
      seen.push({ ...settings, bytes: await readFile(files[0]!) });
      await untilAborted(until, signal);
      const report = reportOf(verdict);
      return { kind: 'done', evaluated: { video, stamp, settingsKey: '', milliseconds: 1, report } };
    },
    renderReport: (_report, title) => Promise.resolve(`<p>${title}</p>`),
    close: () => Promise.resolve(),
  };
  const model = { id: 'ed-1', networks: ['ed'], dtype: 'fp32', device: 'wasm', sha256: 'a' };
  const app = await createServer({
    options,
    engine,
    models: MODELS,
    model,
    version: '1.2.3',
    jobStore: createMemoryStore(),
    folder,
    stopping: stopping.signal,
  });
  closers.push(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const predict = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${address}/predict`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { address, port: Number(new URL(address).port), predict, seen, stopping };
}

async function serveVideos(
  listener: RequestListener,
): Promise<{ url: string; server: Server; hits: () => number }> {
  let hits = 0;
  const server = createVideoServer((request, response) => {
    hits += 1;
    listener(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, hits: () => hits };
}

const locationOf = ({ headers }: Response): string => headers.get('location') ?? '';

async function readJson(url: string): Promise<unknown> {
  return await (await fetch(url)).json();
}

async function codeOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { readonly error: { readonly code: string } };
  return error.code;
}

/** Requests clean up after their answer. */
async function expectEmptyFolder(): Promise<void> {
  await expect.poll(() => readdir(folder)).toEqual([]);
}

describe('predict', () => {
  test('with file_path answers with the two keys of the original', async () => {
    const { url } = await serveVideos((_request, response) => response.end(VIDEO));
    const { predict, seen } = await start(['--allow-host', '127.0.0.1']);
    const response = await predict({ file_path: `${url}/clip.mp4` });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(answer).slice(0, 2)).toEqual(['df_probability', 'prediction']);
    expect(answer).toMatchObject({ df_probability: 0.82, prediction: 'FAKE', verdict: 'likely-manipulated' });
    expect(seen).toEqual([
      expect.objectContaining({ modelIds: ['ed-1', 'vae-1'], framesAsked: 15, bytes: VIDEO }),
    ]);
    await expectEmptyFolder();
  });

  test('takes a form, a raw body, and a path below --allow-path', async () => {
    await writeFile(join(folder, 'own.mp4'), VIDEO);
    const { address, predict, seen } = await start(['--allow-path', folder]);
    const form = new FormData();
    form.set('num_frames', '4');
    form.set('net', 'ed');
    form.set('file', new Blob([VIDEO]), 'a clip.MP4');
    expect((await fetch(`${address}/predict`, { method: 'POST', body: form })).status).toBe(200);
    const raw = await fetch(`${address}/predict?num_frames=5&net=vae`, {
      method: 'POST',
      body: VIDEO,
      headers: { 'content-type': 'video/mp4' },
    });
    expect(raw.status).toBe(200);
    expect((await predict({ file_path: join(folder, 'own.mp4'), net: 'genconvit' })).status).toBe(200);
    expect(seen.map(({ modelIds, framesAsked }) => [modelIds.join(), framesAsked])).toEqual([
      ['ed-1', 4],
      ['vae-1', 5],
      ['ed-1,vae-1', 15],
    ]);
    for (const { bytes } of seen) expect(bytes).toEqual(VIDEO);
  });

  test('says UNKNOWN of a video without a face', async () => {
    await writeFile(join(folder, 'own.mp4'), VIDEO);
    const { predict } = await start(['--allow-path', folder], { verdict: refusalOf('no-face') });
    const response = await predict({ file_path: join(folder, 'own.mp4') });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      df_probability: null,
      prediction: 'UNKNOWN',
      reason: 'no-face',
    });
  });

  test('answers 422 for a video that can’t be read', async () => {
    await writeFile(join(folder, 'own.mp4'), VIDEO);
    const { predict } = await start(['--allow-path', folder], { verdict: refusalOf('unreadable') });
    expect((await predict({ file_path: join(folder, 'own.mp4') })).status).toBe(422);
  });

  test('calls FAKE above --threshold alone', async () => {
    await writeFile(join(folder, 'own.mp4'), VIDEO);
    const { predict } = await start(['--allow-path', folder, '--threshold', '0.9']);
    const response = await predict({ file_path: join(folder, 'own.mp4') });
    expect(await response.json()).toMatchObject({ df_probability: 0.82, prediction: 'REAL' });
  });
});

describe('hostile input', () => {
  const ALLOWED = 'http://127.0.0.1/x.mp4';

  test.each([
    ['JSON that is none', '{"file_path":', 400],
    ['nothing', '', 400],
    ['a list', [], 400],
    ['no video', {}, 400],
    ['a number for the address', { file_path: 7 }, 400],
    ['a text for the frames', { file_path: ALLOWED, num_frames: 'many' }, 400],
    ['half a frame', { file_path: ALLOWED, num_frames: 1.5 }, 400],
    ['no frame', { file_path: ALLOWED, num_frames: 0 }, 400],
    ['a huge number', `{"file_path":"${ALLOWED}","num_frames":1e300}`, 400],
    ['a network that is none', { file_path: ALLOWED, net: '../ed' }, 400],
    ['a text for a switch', { file_path: ALLOWED, fp16: 'yes' }, 400],
    ['an address of 5,000 characters', { file_path: `http://a/${'a'.repeat(5000)}` }, 400],
    ['a body of 100 kB', { file_path: ALLOWED, more: 'a'.repeat(100_000) }, 413],
    ['a prototype', '{"__proto__":{"file_path":"x"}}', 400],
    ['a file address', { file_path: 'file:///etc/passwd' }, 400],
    ['another scheme', { file_path: 'ftp://example.com/a.mp4' }, 400],
    ['data', { file_path: 'data:video/mp4;base64,AAAA' }, 400],
    ['an extension’s address', { file_path: 'chrome-extension://aaaa/a.mp4' }, 400],
    ['a path', { file_path: '/etc/passwd' }, 400],
    ['a path that climbs', { file_path: '../../etc/passwd' }, 400],
    ['a name and a password', { file_path: 'http://a:b@example.com/a.mp4' }, 400],
    ['loopback', { file_path: 'http://127.0.0.1:9/a.mp4' }, 400],
    ['loopback by name', { file_path: 'http://localhost:9/a.mp4' }, 400],
    ['loopback as a number', { file_path: 'http://2130706433/a.mp4' }, 400],
    ['loopback in octal', { file_path: 'http://0177.0.0.1/a.mp4' }, 400],
    ['loopback in IPv6', { file_path: 'http://[::1]/a.mp4' }, 400],
    ['loopback of IPv4 in IPv6', { file_path: 'http://[::ffff:127.0.0.1]/a.mp4' }, 400],
    ['a cloud’s metadata', { file_path: 'http://169.254.169.254/latest/meta-data' }, 400],
    ['a private network', { file_path: 'http://10.0.0.1/a.mp4' }, 400],
  ])('%s is refused', async (_what, body, status) => {
    const { predict, seen } = await start();
    const response = await predict(body);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).not.toBe('internal');
    expect(seen).toEqual([]);
    await expectEmptyFolder();
  });

  test('a path that climbs out of --allow-path, or a link that leads out, is refused', async () => {
    await mkdir(join(folder, 'allowed'));
    await symlink('/etc/passwd', join(folder, 'allowed', 'link.mp4'));
    const { predict } = await start(['--allow-path', join(folder, 'allowed')]);
    for (const path of ['link.mp4', '../../../../etc/passwd', '.']) {
      expect((await predict({ file_path: `${folder}/allowed/${path}` })).status).toBe(400);
    }
  });

  test('another content type is refused', async () => {
    const { predict } = await start();
    expect((await predict('<a/>', { 'content-type': 'application/xml' })).status).toBe(415);
  });

  test('a page of another site, and a name that leads here, are refused', async () => {
    const { predict, address, port } = await start();
    expect((await predict({ file_path: 'x' }, { origin: 'https://evil.example' })).status).toBe(403);
    for (const host of ['evil.example', '127.evil.example', '127.0.0.1.evil.example', 'localhost.evil']) {
      const answer = await rawRequest(port, `GET /healthcheck HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(answer, host).toMatch(/^HTTP\/1.1 403/);
    }
    expect((await fetch(`${address}/healthcheck`)).status).toBe(200);
  });

  test('a flood of headers is refused', async () => {
    const { port, address } = await start();
    const flood = `GET / HTTP/1.1\r\nHost: localhost\r\n${'a: b\r\n'.repeat(10_000)}\r\n`;
    expect(await rawRequest(port, flood)).toMatch(/^HTTP\/1.1 431/);
    expect((await fetch(`${address}/healthcheck`)).status).toBe(200);
  });

  test('a form whose file has no name is taken', async () => {
    const { address, seen } = await start();
    const body = `--x\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\n${VIDEO.toString()}\r\n--x--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const response = await fetch(`${address}/predict`, { method: 'POST', body, headers });
    expect(response.status).toBe(200);
    expect(seen).toEqual([expect.objectContaining({ bytes: VIDEO })]);
  });

  test('a form without a file, and a form of a hundred fields, are refused', async () => {
    const { address } = await start();
    for (const fields of [1, 100]) {
      const form = new FormData();
      for (let index = 0; index < fields; index++) form.set(`field${index}`, 'x');
      const { status } = await fetch(`${address}/predict`, { method: 'POST', body: form });
      expect([400, 413]).toContain(status);
    }
    await expectEmptyFolder();
  });

  test('an upload beyond the limit is cut off, as a form and as a raw body', async () => {
    const { address } = await start(['--max-bytes', '1000']);
    const form = new FormData();
    form.set('file', new Blob([Buffer.alloc(5000)]), 'a.mp4');
    const asForm = await fetch(`${address}/predict`, { method: 'POST', body: form });
    expect(asForm.status).toBe(413);
    const raw = await fetch(`${address}/predict`, {
      method: 'POST',
      body: Buffer.alloc(5000),
      headers: { 'content-type': 'video/mp4' },
    });
    expect(raw.status).toBe(413);
    await expectEmptyFolder();
  });

  test('a gigabyte that is announced and cut off leaves nothing behind, and gives its place back', async () => {
    const { port, predict } = await start(['--max-waiting', '0', '--max-bytes', '2000000000']);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\nContent-Length: 1000000000\r\n\r\n',
    );
    socket.write(Buffer.alloc(100_000));
    await expect.poll(async () => (await predict({ file_path: 'x:' })).status).toBe(429);
    socket.destroy();
    await expect.poll(async () => (await predict({ file_path: 'x:' })).status).toBe(400);
    await expectEmptyFolder();
  });

  test('a slow upload ends with the request’s time', async () => {
    const { port, predict } = await start(['--max-waiting', '0', '--request-seconds', '1']);
    const answer = await rawRequest(
      port,
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: video/mp4\r\nContent-Length: 1000\r\n\r\na',
    );
    expect(answer).toMatch(/^HTTP\/1.1 (408|503)/);
    await expect.poll(async () => (await predict({ file_path: 'x:' })).status).toBe(400);
    await expectEmptyFolder();
  });

  test('200 uploads at once: some are judged, the others answered 429, and none is lost', async () => {
    const { address } = await start(['--max-waiting', '8']);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () =>
        fetch(`${address}/predict`, {
          method: 'POST',
          body: Buffer.alloc(50_000),
          headers: { 'content-type': 'video/mp4' },
        }).then(({ status, headers }) => ({ status, retryAfter: headers.get('retry-after') })),
      ),
    );
    const judged = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.length + refused.length).toBe(200);
    expect(refused.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
    await expectEmptyFolder();
  });
});

describe('a download', () => {
  const allowed = ['--allow-host', 'localhost'];

  test('does not follow a redirect to a host that is not allowed', async () => {
    const inner = await serveVideos((_request, response) => response.end(VIDEO));
    const outer = await serveVideos((_request, response) =>
      response.writeHead(302, { location: `${inner.url}/secret` }).end(),
    );
    const { predict } = await start(allowed);
    const response = await predict({ file_path: outer.url.replace('127.0.0.1', 'localhost') });
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe('address-refused');
    expect(outer.hits()).toBe(1);
    expect(inner.hits()).toBe(0);
  });

  test.each([
    ['that answers 404', (_: unknown, r: Parameters<RequestListener>[1]) => r.writeHead(404).end(), 422],
    [
      'that leads on for ever',
      (_: unknown, r: Parameters<RequestListener>[1]) => r.writeHead(302, { location: '/again' }).end(),
      422,
    ],
    [
      'that leads to a file',
      (_: unknown, r: Parameters<RequestListener>[1]) =>
        r.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      400,
    ],
    [
      'that compresses',
      (_: unknown, r: Parameters<RequestListener>[1]) =>
        r.writeHead(200, { 'content-encoding': 'gzip' }).end(VIDEO),
      422,
    ],
    [
      'that announces too much',
      (_: unknown, r: Parameters<RequestListener>[1]) =>
        r.writeHead(200, { 'content-length': '5000' }).end(Buffer.alloc(5000)),
      413,
    ],
    [
      'that sends too much',
      (_: unknown, r: Parameters<RequestListener>[1]) => {
        r.write(Buffer.alloc(900));
        r.end(Buffer.alloc(900));
      },
      413,
    ],
    [
      'that breaks off',
      (_: unknown, r: Parameters<RequestListener>[1]) => {
        r.writeHead(200, { 'content-length': '900' });
        r.write('x', () => r.destroy());
      },
      422,
    ],
    [
      'that never ends',
      (_: unknown, r: Parameters<RequestListener>[1]) => {
        r.writeHead(200);
        r.write('x');
      },
      503,
    ],
    ['that never begins', () => undefined, 503],
  ] as const)('of a server %s is refused, and leaves nothing behind', async (_what, listener, status) => {
    const { url } = await serveVideos(listener);
    const { predict } = await start([...allowed, '--max-bytes', '1000', '--request-seconds', '2']);
    const response = await predict({ file_path: url.replace('127.0.0.1', 'localhost') });
    expect(response.status).toBe(status);
    await expectEmptyFolder();
  });

  test('sends neither cookies nor credentials', async () => {
    let headers: Record<string, unknown> = {};
    const { url } = await serveVideos((request, response) => {
      headers = request.headers;
      response.end(VIDEO);
    });
    const { predict } = await start(allowed);
    await predict(
      { file_path: url.replace('127.0.0.1', 'localhost') },
      { cookie: 'a=b', authorization: 'x' },
    );
    expect(headers).not.toHaveProperty('cookie');
    expect(headers).not.toHaveProperty('authorization');
  });
});

describe('the page', () => {
  const accept = { accept: 'text/html,*/*;q=0.8' };

  test('is a form without script, whose answer is the report as a page', async () => {
    const { address } = await start();
    const page = await fetch(`${address}/`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain('action="/predict"');
    expect(text).not.toContain('<script');
    const form = new FormData();
    form.set('file', new Blob([VIDEO]), 'clip.mp4');
    const report = await fetch(`${address}/predict`, { method: 'POST', body: form, headers: accept });
    expect(report.headers.get('content-type')).toContain('text/html');
    expect(await report.text()).toBe('<p>clip.mp4</p>');
  });

  test('says what failed, with the request’s words as text', async () => {
    const { address } = await start();
    const answer = await fetch(`${address}/predict?net=${encodeURIComponent('<b>')}`, {
      method: 'POST',
      body: VIDEO,
      headers: { ...accept, 'content-type': 'video/mp4' },
    });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain('request-invalid');
    expect(text).not.toContain('<b>');
  });
});

describe('a token', () => {
  test('is asked for by everything but the healthcheck', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'secret\n');
    const { address } = await start(['--token-file', file]);
    expect((await fetch(`${address}/healthcheck`)).status).toBe(200);
    for (const path of ['/metrics', '/openapi.json', '/jobs/x', '/']) {
      expect((await fetch(`${address}${path}`)).status).toBe(401);
    }
    const wrong = { authorization: 'Bearer secre' };
    expect((await fetch(`${address}/metrics`, { headers: wrong })).status).toBe(401);
    const right = { authorization: 'Bearer secret' };
    expect((await fetch(`${address}/metrics`, { headers: right })).status).toBe(200);
  });

  test('must be there for any address but loopback', async () => {
    await expect(parseServeOptions(['--host', '0.0.0.0'], {})).rejects.toThrow('--token-file');
  });
});

test('the environment says what flags do not', async () => {
  const env = { SERVING_PORT: '80', SERVER_HOST: '127.0.0.2', MODEL_DIR: 'a:b' };
  expect(await parseServeOptions([], env)).toMatchObject({
    port: 80,
    host: '127.0.0.2',
    modelFolders: ['a', 'b'],
  });
  expect(await parseServeOptions(['--port', '81'], env)).toMatchObject({ port: 81 });
});

test('the healthcheck is that of the original, and 503 with a reason while the engine is down', async () => {
  const well = await start();
  const response = await fetch(`${well.address}/healthcheck`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    healthy: true,
    model: { id: 'ed-1', networks: ['ed'], dtype: 'fp32', device: 'wasm', sha256: 'a' },
    version: '1.2.3',
    queue: { waiting: 0, running: 0 },
  });
  const ill = await start([], { state: { kind: 'down', reason: 'no browser' } });
  const answer = await fetch(`${ill.address}/healthcheck`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ healthy: false, reason: 'no browser' });
  expect((await ill.predict({ file_path: 'x:' })).status).toBe(503);
});

test('long work is answered at once, told on, and cancelled', async () => {
  await writeFile(join(folder, 'own.mp4'), VIDEO);
  const judged = Promise.withResolvers<null>();
  const { address, predict } = await start(['--allow-path', folder], { until: judged.promise });
  const later = { prefer: 'respond-async' };
  const first = await predict({ file_path: join(folder, 'own.mp4') }, later);
  expect(first.status).toBe(202);
  const second = await predict({ file_path: join(folder, 'own.mp4') }, later);
  const cancelled = `${address}${locationOf(second)}`;
  expect((await fetch(cancelled, { method: 'DELETE' })).status).toBe(204);
  await expect.poll(() => readJson(cancelled)).toEqual({ status: 'cancelled' });
  judged.resolve(null);
  const job = `${address}${locationOf(first)}`;
  await expect
    .poll(() => readJson(job))
    .toMatchObject({
      status: 'done',
      result: { df_probability: 0.82, prediction: 'FAKE' },
    });
  expect((await fetch(`${address}/jobs/none`)).status).toBe(404);
});

test('a stop answers running requests with 503', async () => {
  await writeFile(join(folder, 'own.mp4'), VIDEO);
  const { predict, stopping, seen } = await start(['--allow-path', folder], {
    until: new Promise(() => undefined),
  });
  const running = predict({ file_path: join(folder, 'own.mp4') });
  await expect.poll(() => seen.length).toBe(1);
  stopping.abort();
  expect((await running).status).toBe(503);
});

test('metrics and the description of the API are there', async () => {
  const { address, predict } = await start();
  await predict({ file_path: 'x:' });
  const metrics = await (await fetch(`${address}/metrics`)).text();
  expect(metrics).toContain('trueframe_requests_total{route="/predict",status="400"} 1');
  expect(metrics).toContain('trueframe_engine_up 1');
  const api = (await (await fetch(`${address}/openapi.json`)).json()) as { readonly paths: object };
  expect(Object.keys(api.paths)).toContain('/predict');
});

/** @returns all that the server says until it closes, or its first answer */
async function rawRequest(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return await new Promise((resolve) => {
    let answer = '';
    socket.on('error', () => resolve(answer));
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString();
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
  });
}

import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createNodeFileSource } from '../../../../entrypoints/cli/node-file-source.ts';
import { sha256InNode } from '../../../../models/store/backends/folder.ts';
import { TINY } from '../../../fixtures/checkpoints/network-keys.ts';
import { writeTwin } from '../../../fixtures/checkpoints/write-twin.ts';

// A launch takes a second or two on an idle machine, and some tests have six launches.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const COMMANDS = new URL('../../../../entrypoints/cli/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'trueframe-commands-'));
const inFolder = (name: string): string => join(folder, name);

/** Control characters except line ends, and marks that turn the reading direction. */
const OBEYED = /[^\P{Cc}\n]|\p{Cf}/u;

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function run(command: 'convert' | 'score', args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(COMMANDS, `${command}.ts`), ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function convert(network: 'ed' | 'vae', out: string, ...more: string[]): Promise<Ended> {
  const sizes = network === 'ed' ? ['--image-size', '64'] : [];
  return run('convert', [
    '--checkpoint',
    inFolder(`${network}.pth`),
    '--out',
    inFolder(out),
    ...sizes,
    ...more,
  ]);
}

function writeImage(name: string, side: number, shade: number): string {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * shade) % 251);
  writeFileSync(inFolder(name), encode({ width: side, height: side, channels: 3, depth: 8, data }));
  return inFolder(name);
}

/** A small PNG whose header lies about its height. */
function writeHugeHeader(name: string): string {
  const path = writeImage(name, 65, 3);
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(1_000_000, 20);
  writeFileSync(path, bytes);
  return path;
}

type Report = {
  readonly images: readonly {
    readonly file: string;
    readonly logits: Record<string, number[]>;
    readonly pFake: number;
  }[];
  readonly video: { readonly score: number; readonly label: string };
};

beforeAll(async () => {
  execFileSync('mkfifo', [inFolder('pipe')]);
  for (const network of ['ed', 'vae'] as const) {
    writeTwin({ network, sizes: TINY, path: inFolder(`${network}.pth`) });
  }
  for (const [network, out] of [
    ['ed', 'ed'],
    ['vae', 'vae'],
  ] as const) {
    expect(await convert(network, out)).toMatchObject({ code: 0 });
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('npm run convert', () => {
  it('writes a description of what it read and wrote, and nothing half-finished', () => {
    expect(readdirSync(inFolder('ed')).sort()).toEqual(['model.data0', 'model.json', 'model.onnx']);
    const description = JSON.parse(readFileSync(join(inFolder('ed'), 'model.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(description).toMatchObject({
      detector: 'genconvit',
      network: 'ed',
      dtype: 'fp32',
      device: 'wasm',
      imageSize: 64,
      extraInputs: {},
      source: { name: 'ed.pth', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
    });
  });

  it('reports progress and what it read on stderr, and nothing on stdout', async () => {
    const { stdout, stderr } = await convert('vae', 'again', '--dtype', 'int8');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/vae\s+[\d.]+ MB of [\d.]+ MB {2}encoder\.mu/);
    expect(stderr).toMatch(/vae int8 for wasm: .* read [\d.]+ MB of [\d.]+ MB/);
  });

  it('keeps the model that was there when the new one fails', async () => {
    const before = readFileSync(join(inFolder('vae'), 'model.json'), 'utf8');
    writeFileSync(inFolder('broken.pth'), readFileSync(inFolder('vae.pth')));
    truncateSync(inFolder('broken.pth'), 100_000);
    const ended = await run('convert', ['--checkpoint', inFolder('broken.pth'), '--out', inFolder('vae')]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^checkpoint-malformed: /m);
    expect(readFileSync(join(inFolder('vae'), 'model.json'), 'utf8')).toBe(before);
    expect(readdirSync(inFolder('vae')).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it.each<[string, string[], number, RegExp]>([
    ['no checkpoint', ['--out', 'x'], 2, /--checkpoint FILE is missing/],
    ['an unknown option', ['--turbo'], 2, /turbo/],
    [
      'an unknown dtype',
      ['--checkpoint', 'x', '--out', 'x', '--dtype', 'int2'],
      2,
      /expected fp32, fp16, int8, int4/,
    ],
    ['a file that is not there', ['--checkpoint', '/nowhere/x.pth', '--out', inFolder('x')], 1, /nowhere/],
  ])('says what is wrong with %s', async (_what, args, code, message) => {
    const ended = await run('convert', args);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });

  it('leaves no folder behind that it made for a model that failed', async () => {
    const ended = await run('convert', [
      '--checkpoint',
      inFolder('broken.pth'),
      '--out',
      inFolder('new/inner'),
    ]);
    expect(ended.code).toBe(1);
    expect(existsSync(inFolder('new'))).toBe(false);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a folder as checkpoint',
      ['--checkpoint', folder, '--out', inFolder('x')],
      /^source-refused: .* is no file$/m,
    ],
    [
      'a pipe as checkpoint',
      ['--checkpoint', inFolder('pipe'), '--out', inFolder('x')],
      /^source-refused: .*pipe is no file$/m,
    ],
    [
      'a file as folder',
      ['--checkpoint', inFolder('ed.pth'), '--out', inFolder('ed.pth')],
      /^EEXIST: .*ed\.pth/m,
    ],
  ])('says in one line what is wrong with %s', async (_what, args, message) => {
    const ended = await run('convert', args);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses a network that the checkpoint does not hold', async () => {
    const ended = await convert('ed', 'x', '--network', 'vae');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/network-mismatch: .*missing/);
  });
});

describe('npm run convert, interrupted or in trouble', () => {
  const OPTIONS = ['--checkpoint', inFolder('ed.pth'), '--image-size', '64'];

  it.each<[string, string[], number, RegExp]>([
    [
      'an image size beyond the limit',
      ['--image-size', '8192'],
      2,
      /expected a number of pixels from 1 to 4096/,
    ],
    ['an image size in hexadecimal', ['--image-size', '0x40'], 2, /expected a number of pixels/],
    ['an option that is given twice', ['--dtype', 'fp16', '--dtype', 'fp32'], 2, /--dtype is given twice/],
    ['a folder without a name', ['--out', ''], 2, /the name of a folder is missing/],
    [
      'a form that no network has',
      ['--dtype', 'int8', '--device', 'webgpu'],
      1,
      /^options-invalid: int8 runs on WASM only/,
    ],
  ])('says what is wrong with %s, before it reads the file', async (_what, args, code, message) => {
    const out = args.includes('--out') ? [] : ['--out', inFolder('unread')];
    const ended = await run('convert', ['--checkpoint', '/nowhere/x.pth', ...out, ...args]);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(message);
    expect(existsSync(inFolder('unread'))).toBe(false);
  });

  it('takes the weights at a key, and says so where there is a choice', async () => {
    const ended = await run('convert', [...OPTIONS, '--out', inFolder('keyed'), '--key', 'no\u001b[2Jkey']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('no such network at the key "no\\u001b[2Jkey"');
  });

  it('escapes control characters of names', async () => {
    const name = 'x\u001b[2J\u009bm\u202e.pth';
    const inside = await run('convert', ['--checkpoint', inFolder(name), '--out', inFolder('x')]);
    const unknown = await run('convert', [`--${name}`]);
    for (const { stderr } of [inside, unknown]) {
      expect(stderr).toContain('\\u{1b}[2J\\u{9b}m\\u{202e}.pth');
      expect(stderr).not.toMatch(OBEYED);
    }
  });

  it('leaves a graph of the user’s own alone', async () => {
    mkdirSync(inFolder('mine'));
    writeFileSync(inFolder('mine/model.onnx'), 'mine');
    const ended = await run('convert', [...OPTIONS, '--out', inFolder('mine')]);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/model\.onnx is of no model/) as string,
    });
    expect(readdirSync(inFolder('mine'))).toEqual(['model.onnx']);
    expect(readFileSync(inFolder('mine/model.onnx'), 'utf8')).toBe('mine');
  });

  it('goes on without a stderr to report to', async () => {
    const child = spawn(process.execPath, [
      join(COMMANDS, 'convert.ts'),
      ...OPTIONS,
      '--out',
      inFolder('mute'),
    ]);
    child.stderr.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(existsSync(inFolder('mute/model.json'))).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('leaves nothing behind where there is no more room', async () => {
    // 100 blocks of a kilobyte; the shell ignores the signal that would end the program instead of the write.
    const limited = `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`;
    const ended = await new Promise<Ended>((resolve) => {
      const args = [process.execPath, join(COMMANDS, 'convert.ts'), ...OPTIONS, '--out', inFolder('full')];
      execFile('bash', ['-c', limited, ...args], (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^EFBIG: .*$/m);
    expect(existsSync(inFolder('full'))).toBe(false);
  });

  it('notes what was appended, and that there are no checksums', async () => {
    writeFileSync(
      inFolder('appended.pth'),
      Buffer.concat([readFileSync(inFolder('ed.pth')), Buffer.from('\n')]),
    );
    const ended = await run('convert', [
      '--checkpoint',
      inFolder('appended.pth'),
      '--image-size',
      '64',
      '--out',
      inFolder('a'),
    ]);
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^note: 1 bytes follow the end/m) as string,
    });
  });
});

describe('a checkpoint that changes while it is converted', () => {
  it('is not the other one that takes its name, and is refused when it is written to', async () => {
    const path = inFolder('changing.pth');
    writeFileSync(path, 'one');
    const replaced = await createNodeFileSource(path);
    writeFileSync(inFolder('other'), 'another');
    renameSync(inFolder('other'), path);
    expect(await sha256InNode(replaced)).toBe(createHash('sha256').update('one').digest('hex'));
    await replaced.close();

    const written = await createNodeFileSource(path);
    await written.assertUnchanged();
    // The new content has the same length.
    writeFileSync(path, 'rewrote');
    await expect(written.assertUnchanged()).rejects.toMatchObject({ code: 'source-changed' });
    await written.close();
  });
});

describe('npm run score', () => {
  let images: readonly string[];
  beforeAll(() => {
    images = [writeImage('a.png', 64, 7), writeImage('b.png', 64, 13)];
  });

  async function score(...args: string[]): Promise<Report> {
    const ended = await run('score', ['--json', ...args, ...images]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(ended.stdout) as Report;
  }

  it('prints exactly the agreed JSON for both networks', async () => {
    const report = await score('--model', inFolder('ed'), '--model', inFolder('vae'), '--noise', 'none');
    expect(Object.keys(report)).toEqual(['images', 'video']);
    expect(report.images.map(({ file }) => file)).toEqual(images);
    for (const image of report.images) {
      expect(Object.keys(image)).toEqual(['file', 'logits', 'pFake']);
      expect(Object.keys(image.logits)).toEqual(['ed', 'vae']);
      const sigmoids = Object.values(image.logits).map(([fake]) => 1 / (1 + Math.exp(-fake!)));
      expect(image.pFake).toBeCloseTo((sigmoids[0]! + sigmoids[1]!) / 2, 12);
    }
    // The reference's rule, written out once more: means over both networks' rows.
    const rows = report.images.flatMap(({ logits }) => Object.values(logits));
    const mean = (place: number): number =>
      rows.reduce((sum, row) => sum + 1 / (1 + Math.exp(-row[place]!)), 0) / rows.length;
    expect(report.video.label).toBe(mean(0) >= mean(1) ? 'FAKE' : 'REAL');
    expect(report.video.score).toBeCloseTo(mean(0) > mean(1) ? mean(0) : Math.abs(1 - mean(1)), 12);
  });

  it('gives the same scores for the same seed, other ones for another, in either notation', async () => {
    const model = ['--model', inFolder('vae')];
    const first = await score(...model, '--noise', 'seed:255');
    expect(await score(...model, '--noise', 'seed:0xff')).toEqual(first);
    expect(await score(...model, '--noise', 'seed:254')).not.toEqual(first);
    expect(await score(...model, '--noise', 'none')).not.toEqual(first);
    expect(await score(...model)).toEqual(await score(...model, '--noise', 'seed:0'));
  });

  it('says nothing when nobody reads its output any more', async () => {
    const child = spawn(process.execPath, [join(COMMANDS, 'score.ts'), '--help']);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
  });

  it.skipIf(!existsSync('/dev/full'))('says that its output has no room, and fails', async () => {
    const output = openSync('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      [join(COMMANDS, 'score.ts'), '--model', inFolder('ed'), images[0]!],
      {
        stdio: ['ignore', output, 'pipe'],
      },
    );
    let stderr = '';
    child.stderr!.on('data', (chunk) => (stderr += String(chunk)));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
    expect(stderr).toMatch(/^ENOSPC: .*\n$/);
    closeSync(output);
  });

  it('stops at Ctrl-C between two faces', async () => {
    const many = Array<string>(5000).fill(images[0]!);
    const child = spawn(process.execPath, [join(COMMANDS, 'score.ts'), '--model', inFolder('ed'), ...many]);
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    // Threads of the runtime are there once the model is loaded, and inference has begun or is about to.
    const threads = (): number => readdirSync(`/proc/${String(child.pid)}/task`).length;
    const before = threads();
    await vi.waitFor(() => expect(threads()).toBeGreaterThan(before + 8), { timeout: 120_000, interval: 20 });
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
    expect(stderr).toBe('\nstopped; nothing was left behind\n');
  });

  it('escapes control characters of names in text and in JSON, where the name stays the same', async () => {
    const odd = inFolder('a\u001b[2J\u009b\u202e.png');
    writeFileSync(odd, readFileSync(images[0]!));
    const text = await run('score', ['--model', inFolder('ed'), odd]);
    expect(text.stdout).toContain('a\\u{1b}[2J\\u{9b}\\u{202e}.png');
    const json = await run('score', ['--model', inFolder('ed'), '--json', odd]);
    expect(json.stdout).not.toMatch(OBEYED);
    expect((JSON.parse(json.stdout) as Report).images[0]!.file).toBe(odd);
  });

  it('finds a bad image before the first one is judged', async () => {
    const ended = await run('score', ['--model', inFolder('ed'), images[0]!, inFolder('none.png')]);
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/none\.png can't be read/) as string,
    });
  });

  it('reads as text without --json', async () => {
    const { stdout } = await run('score', ['--model', inFolder('ed'), ...images]);
    expect(stdout).toMatch(/a\.png {2}ed logits fake -?[\d.]+ real -?[\d.]+ {2}P\(fake\) 0\.\d{4}\n/);
    expect(stdout).toMatch(/^video {2}score 0\.\d{6} {2}label (FAKE|REAL)\n$/m);
  });

  it('refuses a model whose bytes have changed', async () => {
    await convert('ed', 'changed');
    const shard = join(inFolder('changed'), 'model.data0');
    const bytes = readFileSync(shard);
    bytes[1000] = bytes[1000]! ^ 1;
    writeFileSync(shard, bytes);
    const ended = await run('score', ['--model', inFolder('changed'), images[0]!]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/model-invalid: .*model\.data0 are not those of its sha256/);
  });

  it('refuses a graph that is not built from the description, though its checksum is right', async () => {
    await convert('ed', 'foreign');
    const graphPath = join(inFolder('foreign'), 'model.onnx');
    const graph = readFileSync(graphPath);
    // Another number in a name does not change what the graph computes, but it is another graph.
    graph[graph.length - 20] = graph[graph.length - 20]! ^ 1;
    writeFileSync(graphPath, graph);
    const descriptionPath = join(inFolder('foreign'), 'model.json');
    const description = JSON.parse(readFileSync(descriptionPath, 'utf8')) as { graph: { sha256: string } };
    description.graph.sha256 = createHash('sha256').update(graph).digest('hex');
    writeFileSync(descriptionPath, JSON.stringify(description));
    const ended = await run('score', ['--model', inFolder('foreign'), images[0]!]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^model-invalid: the graph is not the one that TrueFrame builds/);
  });

  it.each<[string, () => string[], number, RegExp]>([
    [
      'an image of another size',
      () => ['--model', inFolder('ed'), writeImage('c.png', 65, 3)],
      1,
      /c\.png: the network takes 64×64 pixels, found 65×65/,
    ],
    [
      'a PNG that declares a huge image',
      () => ['--model', inFolder('ed'), writeHugeHeader('d.png')],
      1,
      /too large: 65×1000000 pixels/,
    ],
    ['a folder as image', () => ['--model', inFolder('ed'), folder], 1, /is no file/],
    [
      'a PNG with a bit turned over',
      () => {
        const path = writeImage('flipped.png', 64, 5);
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1]! ^= 4;
        writeFileSync(path, bytes);
        return ['--model', inFolder('ed'), path];
      },
      1,
      /flipped\.png is no PNG image, or damaged/,
    ],
    ['a file that is no PNG', () => ['--model', inFolder('ed'), inFolder('ed.pth')], 1, /is no PNG image/],
    ['a folder without a model', () => ['--model', folder, images[0]!], 1, /holds no model\.json/],
    [
      'two models of one network',
      () => ['--model', inFolder('ed'), '--model', inFolder('ed'), images[0]!],
      2,
      /two models of the network ed/,
    ],
    [
      'noise of another kind',
      () => ['--model', inFolder('vae'), '--noise', 'seed:-1', images[0]!],
      2,
      /expected none or seed:N/,
    ],
    ['no images', () => ['--model', inFolder('ed')], 2, /no images/],
    [
      'noise for networks that take none',
      () => ['--model', inFolder('ed'), '--noise', 'none', images[0]!],
      2,
      /--noise: none of the models takes noise/,
    ],
  ])('says what is wrong with %s', async (_what, makeArgs, code, message) => {
    const ended = await run('score', makeArgs());
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });
});

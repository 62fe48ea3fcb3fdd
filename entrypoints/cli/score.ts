import { readFile, stat } from 'node:fs/promises';
import { decode } from 'fast-png';
import { DetectorError } from '../../utils/domain/errors.ts';
import { computeLogits } from '../../models/scan/compute-logits.ts';
import { DEFAULT_NOISE } from '../../models/detectors/detector.ts';
import type { Detector, LogitRow, Noise } from '../../models/detectors/detector.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { RgbImage } from '../../models/image/raster-image.ts';
import { loadOrtForNode } from '../../models/runtime/load-ort-node.ts';
import { createNetworkSession } from '../../models/runtime/session.ts';
import { parseCommandLine, runCommand, UsageError } from './command-line.ts';
import { readModelFolder } from '../../models/store/backends/folder.ts';

const NOISY_NETWORKS = REGISTRY.detectors
  .flatMap(({ networks }) => networks.filter(({ extraInputs }) => extraInputs.length > 0))
  .map(({ name }) => name);

const USAGE = `Scores face images, all read as frames of one video, as the detector's authors do.

npm run score -- --model DIR [--model DIR2] [--noise none|seed:N] [--json] IMAGE.png…

  --model  a folder made by npm run convert; give one for each network of a detector for its full score
  --noise  noise of ${NOISY_NETWORKS.join(', ')}: none (zeros) or seed:N, N from 0 to 4294967295 or in hexadecimal (seed:0)
  --json   prints one line of JSON

The images are faces of the network's size.

${REGISTRY.detectors.map(({ name, input, scoreRule }) => `${name} (${input.sidePixels}×${input.sidePixels}): ${scoreRule}`).join('\n\n')}`;

/** A video's frames; far more than a scan takes. */
const MAX_IMAGES = 10_000;
/** Far above any face crop, far below what would exhaust memory. */
const MAX_PNG_BYTE_LENGTH = 64 * 2 ** 20;
/** Of a declared side, before a decoder believes it: far above any network's input, and 67 MB at most. */
const MAX_SIDE_PIXELS = 4096;
/** PNG specification, 5.2 and 11.2.1: the signature, and the first chunk's width and height, big-endian. */
const PNG_SIGNATURE = 0x89504e470d0a1a0an;
const PNG_WIDTH_OFFSET = 16;
const PNG_HEIGHT_OFFSET = 20;
const PNG_HEAD_BYTES = 24;

type Face = { readonly file: string; readonly image: RgbImage };

type ScoredImage = {
  readonly file: string;
  readonly logits: Readonly<Record<string, LogitRow>>;
  readonly pFake: number;
};

await runCommand(USAGE, async (args, signal) => {
  const { values, positionals } = parseCommandLine({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string', multiple: true },
      noise: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const directories = values.model ?? [];
  if (directories.length === 0) throw new UsageError('--model DIR is missing');
  if (positionals.length === 0) throw new UsageError('no images');
  if (positionals.length > MAX_IMAGES) throw new UsageError(`at most ${String(MAX_IMAGES)} images`);
  const noise = values.noise === undefined ? DEFAULT_NOISE : parseNoise(values.noise);

  // One after the other: thousands of files at once would be more than a process may open.
  const faces: Face[] = [];
  for (const file of positionals) faces.push({ file, image: await readFace(file) });
  const rowsOfNetworks = new Map<string, readonly LogitRow[]>();
  // One model after the other: both at once would not fit the 4 GiB of a WASM heap in fp32.
  let detector: Detector | null = null;
  for (const directory of directories) {
    signal.throwIfAborted();
    const scored = await scoreWithModel(directory, faces, noise, signal);
    const { network, rows } = scored;
    if (detector !== null && scored.detector !== detector) throw new UsageError('models of two detectors');
    ({ detector } = scored);
    if (rowsOfNetworks.has(network)) throw new UsageError(`two models of the network ${network}`);
    rowsOfNetworks.set(network, rows);
  }

  const { fakeProbability, score: scoreOf } = detector!;
  const images = positionals.map((file, index): ScoredImage => {
    const rows = [...rowsOfNetworks].map(([network, all]) => [network, all[index]!] as const);
    const pFake = rows.reduce((sum, [, row]) => sum + fakeProbability(row), 0) / rows.length;
    return { file, logits: Object.fromEntries(rows), pFake };
  });
  const { score, label } = scoreOf([...rowsOfNetworks.values()].flat());
  const report = { images, video: { score, label } };
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : formatReport(report, detector!.classes));
});

async function scoreWithModel(
  directory: string,
  faces: readonly Face[],
  noise: Noise,
  signal: AbortSignal,
): Promise<{ readonly detector: Detector; readonly network: string; readonly rows: readonly LogitRow[] }> {
  const { description, files } = await readModelFolder(directory, REGISTRY);
  const { imageSize: side } = description;
  for (const { file, image } of faces) {
    if (image.width !== side || image.height !== side) {
      throw new DetectorError(
        'image-invalid',
        `${file}: the network takes ${side}×${side} pixels, found ${image.width}×${image.height}`,
      );
    }
  }
  const images = faces.map(({ image }) => image);
  // Node has no WebGPU; a graph shaped for it computes the same on WASM.
  const session = await createNetworkSession(loadOrtForNode(), files, { device: 'wasm' });
  try {
    const detector = REGISTRY.get(description.detector);
    const rows = await computeLogits({ detector, facts: description, session }, images, { noise }, signal);
    return { detector, network: description.network, rows };
  } finally {
    await session.release();
  }
}

async function readFace(path: string): Promise<RgbImage> {
  let bytes: Uint8Array;
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new DetectorError('image-invalid', `${path} is no file`);
    if (found.size > MAX_PNG_BYTE_LENGTH) throw new DetectorError('image-invalid', `${path} is too large`);
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof DetectorError) throw error;
    throw new DetectorError('image-invalid', `${path} can't be read`, { cause: error });
  }
  assertPngHead(bytes, path);
  let png: ReturnType<typeof decode>;
  try {
    // Its pixels would be other ones, and so the score.
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw new DetectorError('image-invalid', `${path} is no PNG image, or damaged`, { cause: error });
  }
  const { width, height, channels, depth, data } = png;
  if (depth !== 8 || (channels !== 3 && channels !== 4) || png.palette !== undefined) {
    throw new DetectorError(
      'image-invalid',
      `${path} must be an RGB image of 8 bits a channel, found ${String(channels)} channels of ${String(depth)} bits`,
    );
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = data[pixel * channels + channel]!;
    }
  }
  return { data: rgb, width, height, channels: 3 };
}

function assertPngHead(bytes: Uint8Array, path: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < PNG_HEAD_BYTES || view.getBigUint64(0) !== PNG_SIGNATURE) {
    throw new DetectorError('image-invalid', `${path} is no PNG image`);
  }
  const width = view.getUint32(PNG_WIDTH_OFFSET);
  const height = view.getUint32(PNG_HEIGHT_OFFSET);
  if (width > MAX_SIDE_PIXELS || height > MAX_SIDE_PIXELS) {
    throw new DetectorError('image-invalid', `${path} is too large: ${width}×${height} pixels`);
  }
}

function parseNoise(text: string): Noise {
  if (text === 'none') return { kind: 'none' };
  const digits = /^seed:(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.exec(text)?.[1];
  const seed = Number(digits);
  if (digits === undefined || seed > 0xffffffff) {
    throw new UsageError(`--noise ${text}: expected none or seed:N, N from 0 to 4294967295`);
  }
  return { kind: 'seed', seed };
}

function formatReport(
  {
    images,
    video,
  }: {
    readonly images: readonly ScoredImage[];
    readonly video: { readonly score: number; readonly label: string };
  },
  classes: readonly string[],
): string {
  const lines = images.map(({ file, logits, pFake }) => {
    const networks = Object.entries(logits).map(
      ([network, row]) =>
        `${network} logits ${row.map((logit, index) => `${classes[index]!} ${logit.toFixed(6)}`).join(' ')}`,
    );
    return `${file}  ${networks.join('  ')}  P(fake) ${pFake.toFixed(4)}`;
  });
  return `${lines.join('\n')}\nvideo  score ${video.score.toFixed(6)}  label ${video.label}\n`;
}

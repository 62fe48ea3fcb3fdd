import { readFile, stat } from 'node:fs/promises';
import { DetectorError } from '../../utils/domain/errors.ts';
import { DEFAULT_NOISE } from '../../models/detectors/detector.ts';
import type { LogitRow, Noise } from '../../models/detectors/detector.ts';
import type { ModelDescription } from '../../models/detectors/model-description.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import { decodePng } from '../../models/image/png.ts';
import type { RgbImage } from '../../models/image/raster-image.ts';
import { formatJson, parseCommandLine, print, printable, runCommand, UsageError } from './command-line.ts';
import { judgeFaces, readModels } from './judge-faces.ts';
import type { ModelFolder } from './judge-faces.ts';

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

/** The most images of one run: far more than the frames of a scan. */
const MAX_IMAGES = 10_000;
/** Far above any face crop, far below what would exhaust memory. */
const MAX_PNG_BYTE_LENGTH = 64 * 2 ** 20;
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

  const models = await readModels(directories);
  const { detector } = models[0]!;
  if (values.noise !== undefined && models.every(({ description }) => noiseSizes(description).length === 0)) {
    throw new UsageError('--noise: none of the models takes noise');
  }
  // All images are read before the first model is loaded, so that one bad image in thousands is found at once.
  for (const file of positionals) await readFace(file, models);

  const rowsOfNetworks = new Map<string, readonly LogitRow[]>();
  // One model is loaded after the other: in fp32, both at once would not fit the 4 GiB of a WASM heap.
  for (const model of models) {
    rowsOfNetworks.set(
      model.description.network,
      await judgeFaces(
        model,
        { count: positionals.length, read: (index) => readFace(positionals[index]!, [model]), noise },
        signal,
      ),
    );
  }

  const { fakeProbability, score: scoreOf } = detector;
  const images = positionals.map((file, index): ScoredImage => {
    const rows = [...rowsOfNetworks].map(([network, all]) => [network, all[index]!] as const);
    const pFake = rows.reduce((sum, [, row]) => sum + fakeProbability(row), 0) / rows.length;
    return { file, logits: Object.fromEntries(rows), pFake };
  });
  const { score, label } = scoreOf([...rowsOfNetworks.values()].flat());
  const report = { images, video: { score, label } };
  await print(values.json ? `${formatJson(report)}\n` : formatReport(report, detector.classes));
});

function noiseSizes({ extraInputs }: ModelDescription): readonly number[] {
  return Object.values(extraInputs);
}

/** @throws DetectorError `image-invalid`, also for an image of another size than the models take */
async function readFace(path: string, models: readonly ModelFolder[]): Promise<RgbImage> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new DetectorError('image-invalid', `${path} is no file`);
    if (found.size > MAX_PNG_BYTE_LENGTH) throw new DetectorError('image-invalid', `${path} is too large`);
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof DetectorError) throw error;
    throw new DetectorError('image-invalid', `${path} can't be read`, { cause: error });
  }
  const image = await decodePng(bytes, path);
  for (const { imageSize: side } of models.map(({ description }) => description)) {
    if (image.width !== side || image.height !== side) {
      throw new DetectorError(
        'image-invalid',
        `${path}: the network takes ${side}×${side} pixels, found ${image.width}×${image.height}`,
      );
    }
  }
  return image;
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
    return `${printable(file)}  ${networks.join('  ')}  P(fake) ${pFake.toFixed(4)}`;
  });
  return `${lines.join('\n')}\nvideo  score ${video.score.toFixed(6)}  label ${video.label}\n`;
}

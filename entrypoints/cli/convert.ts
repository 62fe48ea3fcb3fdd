import { createCountingSource } from '../../models/checkpoint/read/counting-source.ts';
import { convertCheckpoint } from '../../models/detectors/conversion.ts';
import type { ConversionProgress } from '../../models/detectors/conversion.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { DetectorRegistry } from '../../models/detectors/registry.ts';
import { GRAPH_DEVICES, WEIGHT_DTYPES } from '../../utils/domain/model.ts';
import { parseChoice, parseCommandLine, runCommand, UsageError } from './command-line.ts';
import { createModelFolderWriter, sha256OfFile } from '../../models/store/backends/folder.ts';
import { createNodeFileSource } from './node-file-source.ts';

const NETWORKS = networkWords(REGISTRY);
const WORDS = [...NETWORKS.keys()];

const USAGE = `Converts a checkpoint (.pth) of ${REGISTRY.detectors.map(({ name }) => name).join(' or ')} into an ONNX model.

npm run convert -- --checkpoint FILE [--network ${WORDS.join('|')}] [--dtype ${WEIGHT_DTYPES.join('|')}] [--device ${GRAPH_DEVICES.join('|')}] --out DIR

  --checkpoint  the published file, or one that the detector's own training wrote
  --network     ${WORDS.join(' or ')}; without it, whichever the checkpoint holds
  --dtype       how weights are stored (fp32)
  --device      what the graph is shaped for (wasm)
  --out         a folder for model.json, model.onnx and the shards; a model in it is replaced at the end
  --image-size  side of the face image, for a network that was not trained at the published size and whose file does not tell`;

/** Redrawing more often than this is wasted on a person. */
const PROGRESS_INTERVAL_MILLISECONDS = 100;

await runCommand(USAGE, async (args, signal) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: {
      checkpoint: { type: 'string' },
      network: { type: 'string' },
      dtype: { type: 'string', default: 'fp32' },
      device: { type: 'string', default: 'wasm' },
      out: { type: 'string' },
      'image-size': { type: 'string' },
    },
  });
  if (values.checkpoint === undefined) throw new UsageError('--checkpoint FILE is missing');
  if (values.out === undefined) throw new UsageError('--out DIR is missing');
  const options = {
    registry: REGISTRY,
    ...(values.network === undefined
      ? { detector: null, network: null }
      : NETWORKS.get(parseChoice('network', values.network, WORDS))!),
    dtype: parseChoice('dtype', values.dtype, WEIGHT_DTYPES),
    device: parseChoice('device', values.device, GRAPH_DEVICES),
    imageSize: values['image-size'] === undefined ? null : parsePixels(values['image-size']),
  };

  const file = await createNodeFileSource(values.checkpoint);
  try {
    const source = createCountingSource(file);
    const folder = await createModelFolderWriter(values.out, REGISTRY);
    try {
      const showProgress = createProgressLine();
      const description = await convertCheckpoint(source, options, folder.openFile, showProgress, signal);
      process.stderr.write('\nchecksum of the checkpoint …\n');
      const sha256 = await sha256OfFile(values.checkpoint, signal);
      await folder.commit({ ...description, source: { ...description.source, sha256 } });
      const written = [description.graph, ...description.shards].reduce(
        (sum, part) => sum + part.byteLength,
        0,
      );
      process.stderr.write(
        `${description.network} ${description.dtype} for ${description.device}: ${megabytes(written)} in ${values.out}; ` +
          `read ${megabytes(source.bytesRead)} of ${megabytes(source.byteLength)} to convert\n`,
      );
    } finally {
      await folder.discard();
    }
  } finally {
    await file.close();
  }
});

/** Each network's id, with the detector's before it where several detectors have one of that id. */
function networkWords({
  detectors,
}: DetectorRegistry): ReadonlyMap<string, { readonly detector: string; readonly network: string }> {
  const all = detectors.flatMap(({ id, networks }) =>
    networks.map((network) => ({ detector: id, network: network.id })),
  );
  return new Map(
    all.map(({ detector, network }) => {
      const isUnique = all.filter((other) => other.network === network).length === 1;
      return [isUnique ? network : `${detector}/${network}`, { detector, network }];
    }),
  );
}

function parsePixels(text: string): number {
  const pixels = Number(text);
  if (!Number.isInteger(pixels) || pixels < 1) {
    throw new UsageError(`--image-size ${text}: expected a number of pixels`);
  }
  return pixels;
}

/** One line that is rewritten on a terminal; a line for each tenth where stderr is a file. */
function createProgressLine(): (progress: ConversionProgress) => void {
  let shownAt = 0;
  let shownTenths = -1;
  return ({ network, doneByteLength, totalByteLength, tensorName }) => {
    const isDone = doneByteLength === totalByteLength;
    const line = `${network}  ${megabytes(doneByteLength)} of ${megabytes(totalByteLength)}  ${tensorName}`;
    if (process.stderr.isTTY) {
      const now = performance.now();
      if (!isDone && now - shownAt < PROGRESS_INTERVAL_MILLISECONDS) return;
      shownAt = now;
      // Back to the line's start, and clear what the last, perhaps longer, name left.
      process.stderr.write(`\r\u001b[2K${line}`);
      return;
    }
    const tenths = Math.floor((10 * doneByteLength) / totalByteLength);
    if (tenths === shownTenths) return;
    shownTenths = tenths;
    process.stderr.write(`${line}\n`);
  };
}

function megabytes(byteLength: number): string {
  return `${(byteLength / 1e6).toFixed(1)} MB`;
}

import { createCountingSource } from '../../models/checkpoint/read/counting-source.ts';
import { convertCheckpoint } from '../../models/detectors/conversion.ts';
import type { ConversionProgress } from '../../models/detectors/conversion.ts';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { DetectorRegistry } from '../../models/detectors/registry.ts';
import type { ConversionRemark } from '../../models/detectors/conversion.ts';
import { MAX_IMAGE_SIZE } from '../../models/detectors/model-description.ts';
import { GRAPH_DEVICES, WEIGHT_DTYPES } from '../../utils/domain/model.ts';
import type { GraphDevice, WeightDtype } from '../../utils/domain/model.ts';
import { parseChoice, parseCommandLine, printable, runCommand, UsageError } from './command-line.ts';
import { createModelFolderWriter, sha256InNode } from '../../models/store/backends/folder.ts';
import { createNodeFileSource } from './node-file-source.ts';

const NETWORKS = networkWords(REGISTRY);
const WORDS = [...NETWORKS.keys()];

const USAGE = `Converts a checkpoint (.pth, .safetensors) of ${REGISTRY.detectors.map(({ name }) => name).join(' or ')} into an ONNX model.

npm run convert -- --checkpoint FILE [--network ${WORDS.join('|')}] [--dtype ${WEIGHT_DTYPES.join('|')}] [--device ${GRAPH_DEVICES.join('|')}] [--key KEY] --out DIR

  --checkpoint  the published file, or one that the detector's own training wrote; .safetensors, too
  --network     ${WORDS.join(' or ')}; without it, whichever the checkpoint holds
  --key         where in the checkpoint the weights are, such as state_dict or ema/model, where it holds several
  --dtype       how weights are stored (fp32)
  --device      what the graph is shaped for (wasm)
  --out         a folder for model.json, model.onnx and the shards; a model in it is replaced at the end
  --image-size  side of the face image, at most ${String(MAX_IMAGE_SIZE)}, for a network that was not trained at the published size and whose file does not tell`;

/** A person sees no difference if the line is drawn more often. */
const PROGRESS_INTERVAL_MILLISECONDS = 100;

await runCommand(USAGE, async (args, signal) => {
  const { values } = parseCommandLine({
    args: [...args],
    options: {
      checkpoint: { type: 'string' },
      network: { type: 'string' },
      dtype: { type: 'string', default: 'fp32' },
      device: { type: 'string', default: 'wasm' },
      key: { type: 'string' },
      out: { type: 'string' },
      'image-size': { type: 'string' },
    },
  });
  if (values.checkpoint === undefined) throw new UsageError('--checkpoint FILE is missing');
  if (values.out === undefined) throw new UsageError('--out DIR is missing');
  if (values.out === '') throw new UsageError('--out: the name of a folder is missing');
  const { detector, network } =
    values.network === undefined
      ? { detector: null, network: null }
      : NETWORKS.get(parseChoice('network', values.network, WORDS))!;
  const dtype = parseChoice('dtype', values.dtype, WEIGHT_DTYPES);
  const device = parseChoice('device', values.device, GRAPH_DEVICES);
  assertPossible(network === null ? [...NETWORKS.values()] : [{ detector, network }], dtype, device);
  const options = {
    registry: REGISTRY,
    detector,
    network,
    dtype,
    device,
    key: values.key ?? null,
    imageSize: values['image-size'] === undefined ? null : parsePixels(values['image-size']),
    onRemark: (remark: ConversionRemark) => process.stderr.write(`note: ${describeRemark(remark)}\n`),
  };

  const file = await createNodeFileSource(values.checkpoint);
  try {
    const source = createCountingSource(file);
    const folder = await createModelFolderWriter(values.out, REGISTRY);
    try {
      const showProgress = createProgressLine();
      const description = await convertCheckpoint(source, options, folder.openFile, showProgress, signal);
      const readByteLength = source.bytesRead;
      process.stderr.write('\nchecksum of the checkpoint …\n');
      // The hash of the converted file itself: another file may have its name by now.
      const sha256 = await sha256InNode(file, signal);
      await file.assertUnchanged();
      signal.throwIfAborted();
      await folder.commit({ ...description, source: { ...description.source, sha256 } });
      const written = [description.graph, ...description.shards].reduce(
        (sum, part) => sum + part.byteLength,
        0,
      );
      process.stderr.write(
        `${description.network} ${description.dtype} for ${description.device}: ${megabytes(written)} in ${printable(values.out)}; ` +
          `read ${megabytes(readByteLength)} of ${megabytes(source.byteLength)} to convert\n`,
      );
    } finally {
      await folder.discard();
    }
  } finally {
    await file.close();
  }
});

/**
 * Refuses a form that none of the networks can have, before anything is read.
 * @throws DetectorError `options-invalid`
 */
function assertPossible(
  networks: readonly { readonly detector: string | null; readonly network: string }[],
  dtype: WeightDtype,
  device: GraphDevice,
): void {
  const problems = networks.map(({ detector, network }) => {
    try {
      REGISTRY.get(detector ?? '').assertConvertible(network, dtype, device);
      return null;
    } catch (error) {
      return error;
    }
  });
  if (!problems.includes(null)) throw problems[0];
}

function describeRemark(remark: ConversionRemark): string {
  switch (remark.kind) {
    case 'no-checksums':
      return 'the file has no checksums of its own, so a damaged byte in it would not be noticed';
    case 'bytes-after-end':
      return `${String(remark.byteLength)} bytes follow the end of the checkpoint; they are left out`;
    case 'chosen-weights':
      return `the weights at "${printable(remark.path)}" are taken; the same network is also at ${remark.others.map((path) => `"${printable(path)}"`).join(', ')} (--key)`;
  }
}

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
  const pixels = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (pixels < 1 || pixels > MAX_IMAGE_SIZE) {
    throw new UsageError(
      `--image-size ${text}: expected a number of pixels from 1 to ${String(MAX_IMAGE_SIZE)}`,
    );
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
      // Moves back to the line's start, and clears the rest of a longer former name.
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

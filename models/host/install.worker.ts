import { createBlobSource } from '../checkpoint/read/blob-source.ts';
import type { ByteSource } from '../checkpoint/read/byte-source.ts';
import { openCheckpoint } from '../checkpoint/read/checkpoint.ts';
import { chooseWeights } from '../detectors/choose-weights.ts';
import type { Machine } from '../detectors/detector.ts';
import { describeGpu } from '../runtime/webgpu-device.ts';
import { BROWSER_STORE } from '../store/browser-store.ts';
import { downloadModel } from '../store/download/download-model.ts';
import { importModel, installModelFromCheckpoint } from '../store/install-model.ts';
import type { FileInstallProgress } from '../store/install-model.ts';
import { readMachine } from '../store/overview.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { titleOf } from '../../utils/domain/model.ts';
import type { GraphDevice, InstalledModel, WeightDtype } from '../../utils/domain/model.ts';
import type {
  InstallationState,
  InstallItem,
  InstallProgress,
  InstallRequest,
} from '../../utils/domain/installation.ts';
import type { InstallAnswer, InstallCommand } from './installer.ts';
import { serializeError } from './engine-protocol.ts';
import { findDownloadSource } from './download-source.ts';
import { createSpeedometer } from './speedometer.ts';

/** Pages need reports no more often, and each report goes to every page of the extension. */
const REPORT_MILLISECONDS = 200;

const cancelling = new AbortController();
const { signal } = cancelling;

self.addEventListener('message', ({ data }: MessageEvent<InstallCommand>) => {
  switch (data.type) {
    case 'install':
      void install(data.request).then(reply);
      return;
    case 'cancel':
      cancelling.abort();
  }
});

async function install(request: InstallRequest): Promise<InstallAnswer> {
  try {
    await installAll(request);
    return { type: 'installed' };
  } catch (error) {
    if (signal.aborted) return { type: 'cancelled' };
    return { type: 'failed', ...serializeError(error) };
  }
}

async function installAll(request: InstallRequest): Promise<void> {
  const tell = ({ modelId, title }: InstalledModel): void => reply({ type: 'model', modelId, title });
  switch (request.kind) {
    case 'download':
      for (const [index, item] of request.items.entries()) {
        tell(await download(item, index + 1, request.items.length));
      }
      return;
    case 'checkpoint-file':
      tell(await convertFile(request.file, request.dtype));
      return;
    case 'model-folder':
      tell(await copyFolder(request.files));
  }
}

async function download(item: InstallItem, step: number, steps: number): Promise<InstalledModel> {
  const { checkpoints, deps } = await findDownloadSource(item.detector);
  const checkpoint = checkpoints.find(({ network }) => network === item.network);
  if (checkpoint === undefined) {
    throw new DetectorError('options-invalid', `no checkpoint of ${item.network} is published`);
  }
  const title = titleOf(BROWSER_STORE.registry.get(item.detector), [item.network]);
  const report = createReporter();
  return await downloadModel(
    checkpoint,
    item,
    deps,
    ({ wait, ...bytes }) =>
      report(
        (progress) => ({ kind: 'downloading', title, step, steps, progress, wait }),
        bytes,
        wait !== null,
      ),
    signal,
  );
}

async function convertFile(file: File, dtype: WeightDtype | null): Promise<InstalledModel> {
  let report = createReporter();
  let phase: FileInstallProgress['phase'] = 'waiting';
  const source = createBlobSource(file, file.name);
  return await installModelFromCheckpoint(
    source,
    { store: BROWSER_STORE, detector: null, network: null, ...(await chooseForm(source, dtype)) },
    (bytes) => {
      // The speed of one kind of work says nothing about another kind.
      if (bytes.phase !== phase) report = createReporter();
      ({ phase } = bytes);
      const kind = phase === 'hashing' ? 'checking' : 'converting';
      report((progress) => ({ kind, title: file.name, progress }), bytes);
    },
    signal,
  );
}

async function copyFolder(files: readonly File[]): Promise<InstalledModel> {
  const report = createReporter();
  const [title = ''] = files[0]?.webkitRelativePath.split('/') ?? [];
  return await importModel(
    BROWSER_STORE,
    files,
    (bytes) => report((progress) => ({ kind: 'copying', title, progress }), bytes),
    signal,
  );
}

/**
 * The form that suits the file's network and this computer. Each form runs on every device, so a wrong one costs only time.
 * @throws DetectorError where the file holds no known network, as the conversion would
 */
async function chooseForm(
  source: ByteSource,
  dtype: WeightDtype | null,
): Promise<{ readonly dtype: WeightDtype; readonly device: GraphDevice }> {
  // Integer matrix products have no kernel on WebGPU.
  if (dtype === 'int8') return { dtype, device: 'wasm' };
  const machine = await readMachine(describeGpu);
  const { registry } = BROWSER_STORE;
  const checkpoint = await openCheckpoint(source, signal);
  const found = chooseWeights(checkpoint, { registry, detector: null, network: null }, source.name);
  const recommend = (on: Machine) => found.detector.recommend(found.network, on);
  // The device does not depend on the free room: the user may have chosen the form.
  const { device } = recommend({ ...machine, freeByteLength: null, memoryGigabytes: null });
  return dtype === null ? recommend(machine) : { dtype, device };
}

type Reporter = (
  describe: (progress: InstallProgress) => InstallationState,
  bytes: Pick<InstallProgress, 'doneByteLength' | 'totalByteLength'>,
  isUrgent?: boolean,
) => void;

/** Reports progress a few times a second, and urgent states at once. */
function createReporter(): Reporter {
  const measureSpeed = createSpeedometer(() => performance.now());
  let reportedAt = -Infinity;
  let wasUrgent = false;
  return (describe, { doneByteLength, totalByteLength }, isUrgent = false) => {
    const now = performance.now();
    if (isUrgent === wasUrgent && now - reportedAt < REPORT_MILLISECONDS) return;
    reportedAt = now;
    wasUrgent = isUrgent;
    const bytesPerSecond = measureSpeed(doneByteLength);
    reply({ type: 'state', state: describe({ doneByteLength, totalByteLength, bytesPerSecond }) });
  };
}

function reply(answer: InstallAnswer): void {
  self.postMessage(answer);
}

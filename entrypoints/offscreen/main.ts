import { browser } from 'wxt/browser';
import { listModels } from '../../models/store/model-directory.ts';
import { threadCount } from '../../models/scan/thread-count.ts';
import { chooseModels } from '../../utils/domain/choose-models.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { FRAMES_PORT } from '../../utils/domain/frames-port.ts';
import { installationStates } from '../../utils/browser/announcements.ts';
import { ask, handleMessages } from '../../utils/browser/messages.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import { createAutomaticLane } from '../../models/host/automatic-scheduler.ts';
import { createAnalysisClient } from '../../models/host/analysis-client.ts';
import AnalysisWorker from '../../models/host/analysis.worker.ts?worker';
import { createDetailsStore } from '../../models/host/kept-crops.ts';
import { createIdleTimer } from '../../models/host/idle-timer.ts';
import InstallWorker from '../../models/host/install.worker.ts?worker';
import { createInstaller } from '../../models/host/installer.ts';
import { decodeDataUrl } from '../../models/image/decode-data-url.ts';
import { createMachineWatch } from '../../models/host/machine-watch.ts';
import { reportScan } from '../../models/host/report-scan.ts';
import { createScanQueue } from '../../models/host/scan-queue.ts';
import { serveScan } from '../../models/host/serve-scan.ts';
import type { ScanServerDeps } from '../../models/host/serve-scan.ts';
import { DEFAULT_BADGE_SETTINGS } from '../../utils/domain/badge-settings.ts';
import type { SelfTest } from '../../utils/domain/model.ts';
import { DEFAULT_SETTINGS } from '../../utils/domain/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';

const analysis = createAnalysisClient(() => new AnalysisWorker());
const queue = createScanQueue();
const machine = createMachineWatch((change) => lane.setMachine(change));
const lane = createAutomaticLane(DEFAULT_BADGE_SETTINGS, (isBusy) => machine.setBusy(isBusy));
const details = createDetailsStore();
const activeScans = new Map<string, Scan>();
let testCount = 0;

const idle = createIdleTimer(() => {
  analysis.terminate();
  // A document cannot be sure to close itself; the background also knows whether somebody is just opening it.
  // Where it does not close now, it asks again.
  void ask('background', 'hostIdle', null).finally(restartIdleTimer);
});

function restartIdleTimer(): void {
  if (activeScans.size === 0 && testCount === 0 && !installer.isBusy()) idle.restart();
  else idle.stop();
}

/** Behind the scan that runs with them. */
function releaseModels(signal = new AbortController().signal): Promise<void> {
  return queue.run(() => analysis.releaseModels(), signal);
}

/** Not ended by the idle timer: on a slow computer a large network takes minutes. */
async function testModel(modelId: string, signal: AbortSignal): Promise<SelfTest> {
  testCount += 1;
  restartIdleTimer();
  try {
    return await queue.run(() => analysis.testModel(modelId, signal), signal);
  } finally {
    testCount -= 1;
    restartIdleTimer();
  }
}

const installer = createInstaller({
  startWorker: () => new InstallWorker(),
  onInstalled: releaseModels,
  testModel,
  onState: (state) => {
    installationStates.announce(state);
    restartIdleTimer();
  },
});

const deps: ScanServerDeps = {
  analysis,
  queue,
  lane,
  coresBusy: () =>
    analysis.loadedModel()?.device === 'webgpu' ? 1 : threadCount(navigator.hardwareConcurrency),
  details,
  chooseModels: async () => {
    const [installed, settings] = await Promise.all([listModels(), readSettings()]);
    return chooseModels(installed, settings.modelId).map(({ modelId }) => modelId);
  },
  report: (scan, face) => void reportScan(scan, face),
  onState: (scan) => {
    if (isFinal(scan.state)) activeScans.delete(scan.scanId);
    else activeScans.set(scan.scanId, scan);
    restartIdleTimer();
  },
  ways: {
    isHostAllowed,
    captureTab: async (tabId) => {
      const picture = await ask('background', 'captureTab', { tabId });
      return picture === null ? null : await decodeDataUrl(picture);
    },
  },
};

browser.runtime.onConnect.addListener((port) => {
  if (port.name !== FRAMES_PORT || port.sender?.id !== browser.runtime.id) return;
  void serveScan(port, deps);
});

handleMessages('host', {
  getScanDetails: ({ scanId }) => {
    restartIdleTimer();
    return details.get(scanId);
  },
  forgetPrivateScans: ({ tabId }) => {
    details.forgetPrivate(tabId);
    return null;
  },
  modelsChanged: () => releaseModels().then(() => null),
  startInstallation: (request) => installer.start(request),
  cancelInstallation: () => {
    installer.cancel();
    return null;
  },
  getInstallation: () => installer.state(),
  testModel: ({ modelId }) => testModel(modelId, new AbortController().signal),
  getHostState: () => {
    const current = [...activeScans.values()].find(({ state }) => state.kind !== 'waiting');
    return {
      activeScans: activeScans.size,
      model: analysis.loadedModel(),
      state: current?.state.kind ?? null,
    };
  },
  badgeSettingsChanged: ({ settings }) => {
    lane.setSettings(settings);
    return null;
  },
  getAutomaticState: () => ({ ...lane.state(), unknown: machine.unknown() }),
  configureHost: ({ idleCloseMilliseconds }) => {
    if (idleCloseMilliseconds !== undefined) idle.setDelay(idleCloseMilliseconds);
    restartIdleTimer();
    return null;
  },
});
idle.restart();
// Until they are here the smallest budget holds.
ask('background', 'getBadgeSettings', null).then(lane.setSettings, () => {
  // A background that does not answer leaves the defaults, as with the other settings.
});

/** This document has no permissions API; a background that does not answer allows nothing. */
async function isHostAllowed(url: string): Promise<boolean> {
  try {
    return await ask('background', 'canReadHost', { url });
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return false;
    throw error;
  }
}

/** This document has no storage API; a background that does not answer leaves the defaults. */
async function readSettings(): Promise<Settings> {
  try {
    return await ask('background', 'getSettings', null);
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return DEFAULT_SETTINGS;
    throw error;
  }
}

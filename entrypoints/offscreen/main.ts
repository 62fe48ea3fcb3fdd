import { browser } from 'wxt/browser';
import { listModels } from '../../models/store/model-directory.ts';
import { threadCount } from '../../models/scan/thread-count.ts';
import { DEFAULT_BADGE_SETTINGS } from '../../utils/badge-settings.ts';
import { chooseModels } from '../../utils/choose-models.ts';
import { isDetectorError } from '../../utils/errors.ts';
import { FRAMES_PORT } from '../../utils/frames-port.ts';
import { announceInstallation } from '../../utils/installation.ts';
import { handleMessages, sendMessage } from '../../utils/messages.ts';
import type { SelfTest } from '../../utils/protocol.ts';
import { isFinal } from '../../utils/scan.ts';
import type { Scan } from '../../utils/scan.ts';
import { DEFAULT_SETTINGS } from '../../utils/settings.ts';
import type { Settings } from '../../utils/settings.ts';
import { createAutomaticLane } from './automatic-lane.ts';
import { createAnalysisClient } from './analysis-client.ts';
import AnalysisWorker from './analysis.worker.ts?worker';
import { createDetailsStore } from './details-store.ts';
import { createIdleTimer } from './idle-timer.ts';
import InstallWorker from './install.worker.ts?worker';
import { createInstaller } from './installer.ts';
import { decodeDataUrl } from './decode-data-url.ts';
import { createMachineWatch } from './machine-watch.ts';
import { reportScan } from './report-scan.ts';
import { createScanQueue } from './scan-queue.ts';
import { serveScan } from './serve-scan.ts';
import type { ScanServerDeps } from './serve-scan.ts';

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
  void sendMessage('hostIdle', null).finally(restartIdleTimer);
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
    announceInstallation(state);
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
      const picture = await sendMessage('captureTab', { tabId });
      return picture === null ? null : await decodeDataUrl(picture);
    },
  },
};

browser.runtime.onConnect.addListener((port) => {
  if (port.name !== FRAMES_PORT || port.sender?.id !== browser.runtime.id) return;
  void serveScan(port, deps);
});

handleMessages(
  {
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
  },
  [
    'getScanDetails',
    'forgetPrivateScans',
    'modelsChanged',
    'startInstallation',
    'cancelInstallation',
    'getInstallation',
    'testModel',
    'getHostState',
    'badgeSettingsChanged',
    'getAutomaticState',
    'configureHost',
  ],
);
idle.restart();
// Until they are here the smallest budget holds.
sendMessage('getBadgeSettings', null).then(lane.setSettings, () => {
  // A background that does not answer leaves the defaults, as with the other settings.
});

/** This document has no permissions API; a background that does not answer allows nothing. */
async function isHostAllowed(url: string): Promise<boolean> {
  try {
    return await sendMessage('canReadHost', { url });
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return false;
    throw error;
  }
}

/** This document has no storage API; a background that does not answer leaves the defaults. */
async function readSettings(): Promise<Settings> {
  try {
    return await sendMessage('getSettings', null);
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return DEFAULT_SETTINGS;
    throw error;
  }
}

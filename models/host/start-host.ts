import type { AutomaticState, BadgeSettings } from '../../utils/domain/automatic.ts';
import { DEFAULT_BADGE_SETTINGS } from '../../utils/domain/automatic.ts';
import { bandsFor } from '../../utils/domain/calibration.ts';
import { chooseModels, modelsOfReport } from '../../utils/domain/choose-models.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { CHECK_PORT, FRAMES_PORT } from '../../utils/domain/frames-port.ts';
import type { InstallationState, InstallRequest } from '../../utils/domain/installation.ts';
import type { SelfTest } from '../../utils/domain/model.ts';
import { OCCLUSION_PORT } from '../../utils/domain/occlusion.ts';
import type { RepeatedScan, RepeatRequest } from '../../utils/domain/repeat.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import { DEFAULT_SETTINGS } from '../../utils/domain/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';
import { threadCount } from '../runtime/session.ts';
import { BROWSER_STORE } from '../store/browser-store.ts';
import { listModels } from '../store/model-store.ts';
import { createAutomaticScheduler } from './automatic-scheduler.ts';
import type { HostPort } from './content-port.ts';
import { createEngineClient } from './engine-client.ts';
import type { ScanJob } from './engine-protocol.ts';
import { createInstaller } from './installer.ts';
import { createDetailsStore } from './kept-crops.ts';
import { createMachineWatch } from './machine-watch.ts';
import { reportScan } from './report-scan.ts';
import { createScanRunner } from './scan-runner.ts';
import { serveOcclusion } from './serve-occlusion.ts';
import type { OcclusionDeps } from './serve-occlusion.ts';
import { serveCheck, serveContentScan } from './serve-scan.ts';
import type { AskedAdmission } from './serve-scan.ts';

/** The parts of the browser that the host uses. Each request rejects with DetectorError `unreachable` where the background does not answer. */
export type HostDeps = {
  readonly startEngineWorker: () => Worker;
  readonly startInstallWorker: () => Worker;
  /** Decodes one file that the browser can't. */
  readonly startDecodeWorker: () => Worker;
  /** The address of the extension's own pages, with a slash at the end. */
  readonly ownPages: string;
  /** Sends a message to every open page. */
  readonly announceInstallation: (state: InstallationState) => void;
  /** The extension's version, for the reports. */
  readonly appVersion: string;
  /**
   * Whether automatic scans pause while the machine is busy. false in tests alone, which keep the machine busy
   * themselves.
   */
  readonly pausesWhileBusy: boolean;
  readonly background: {
    readonly getSettings: () => Promise<Settings>;
    readonly getBadgeSettings: () => Promise<BadgeSettings>;
    /** Whether the user has allowed files from this address's host. */
    readonly canReadHost: (url: string) => Promise<boolean>;
    /** The tab's visible page as a `data:` PNG; null while the tab is not in front. @throws DetectorError `page-refused` */
    readonly captureTab: (tabId: number) => Promise<string | null>;
    /** Whether a scan that a content script asks for may begin. */
    readonly admitScan: (asked: AskedAdmission) => Promise<boolean>;
    readonly scanChanged: (scan: Scan, facePicture: Blob | null) => Promise<unknown>;
    /** Called after some time without work, so that the host's document can be closed. */
    readonly hostIdle: () => Promise<unknown>;
  };
};

/** Loaded networks hold hundreds of megabytes, which are freed after this time without a scan. */
const IDLE_MILLISECONDS = 5 * 60 * 1000;

/**
 * Starts the owner of the engine: queue, background schedule, installation and idle close.
 * @returns `connect` serves a port that was opened to the extension, and ignores a port that is not the host's.
 *   `handlers` answer the extension's own pages, by the messages' names
 */
export function startHost(deps: HostDeps) {
  const { background } = deps;
  const engine = createEngineClient(deps.startEngineWorker);
  const machine = createMachineWatch((change) =>
    scheduler.setMachine(deps.pausesWhileBusy ? change : { ...change, isLagging: false }),
  );
  const scheduler = createAutomaticScheduler(DEFAULT_BADGE_SETTINGS, (isBusy) => machine.setBusy(isBusy));
  const details = createDetailsStore();
  const activeScans = new Map<string, Scan>();
  /** Self-tests, repeated scans and occlusion maps that wait or run. */
  let callCount = 0;
  let idleMilliseconds = IDLE_MILLISECONDS;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;

  const runner = createScanRunner({
    engine,
    scheduler,
    details,
    appVersion: deps.appVersion,
    offeredBands: BROWSER_STORE.registry.detectors[0]!.bands,
    coresBusy: () =>
      engine.loadedModel()?.device === 'webgpu' ? 1 : threadCount(navigator.hardwareConcurrency),
    chooseModels: () => chooseInstalled(null),
    report: (scan, face) => void reportScan(scan, face, background.scanChanged),
    onState: (scan) => {
      if (isFinal(scan.state)) activeScans.delete(scan.scanId);
      else activeScans.set(scan.scanId, scan);
      restartIdleTimer();
    },
  });
  const installer = createInstaller({
    startWorker: deps.startInstallWorker,
    onInstalled: releaseModels,
    testModel,
    onState: (state) => {
      deps.announceInstallation(state);
      restartIdleTimer();
    },
  });
  const serveDeps = {
    runner,
    sources: {
      isHostAllowed: (url: string) => orIfUnreachable(background.canReadHost(url), false),
      captureTab: background.captureTab,
      startDecodeWorker: deps.startDecodeWorker,
    },
  };

  const admitAll = (): Promise<boolean> => Promise.resolve(true);
  const admit = (asked: AskedAdmission): Promise<boolean> =>
    orIfUnreachable(background.admitScan(asked), false);
  const portsOfTabs = createPortCount();

  function restartIdleTimer(): void {
    clearTimeout(idleTimer);
    if (activeScans.size > 0 || callCount > 0 || installer.isBusy()) return;
    idleTimer = setTimeout(() => {
      engine.terminate();
      // The background does not close a document that is just being opened. Then the host asks again later.
      void background.hostIdle().finally(restartIdleTimer);
    }, idleMilliseconds);
  }

  /** Keeps the host open until a call of the engine has ended. */
  function keepOpen<Result>(call: Promise<Result>): Promise<Result> {
    callCount += 1;
    restartIdleTimer();
    return call.finally(() => {
      callCount -= 1;
      restartIdleTimer();
    });
  }

  /** The models of a report, by its id; null where one is not installed any more. */
  async function findModels(modelId: string): Promise<readonly string[] | null> {
    const models = modelsOfReport(await listModels(BROWSER_STORE), modelId);
    return models?.map((model) => model.modelId) ?? null;
  }

  /** Runs work after the checks by hand that were asked for before. Automatic checks wait for the work. */
  const explain: OcclusionDeps['explain'] = async (job, onProgress, signal) => {
    const ended = scheduler.byHand();
    return await keepOpen(runner.queue.run(() => engine.occlusion(job, onProgress, signal), signal)).finally(
      ended,
    );
  };

  /** The change waits for the scan that uses the networks. */
  function releaseModels(signal?: AbortSignal): Promise<void> {
    return runner.queue.run(() => engine.releaseModels(), signal);
  }

  /** The idle timer waits for the test: on a slow computer a large network takes minutes. */
  function testModel(modelId: string, signal?: AbortSignal): Promise<SelfTest> {
    return keepOpen(runner.queue.run(() => engine.testModel(modelId, signal), signal));
  }

  /** The models of a report where they are installed, else those that judge now; null where none is installed. */
  async function chooseInstalled(
    report: ScanReport | null,
  ): Promise<Pick<ScanJob, 'modelIds' | 'bands'> | null> {
    const [installed, settings] = await Promise.all([
      listModels(BROWSER_STORE),
      orIfUnreachable(background.getSettings(), DEFAULT_SETTINGS),
    ]);
    const own = report === null ? null : modelsOfReport(installed, report.used.model?.modelId ?? '');
    const chosen = own ?? chooseModels(installed, settings.modelId);
    if (chosen[0] === undefined) return null;
    const detector = BROWSER_STORE.registry.get(chosen[0].detectorId);
    return {
      modelIds: chosen.map(({ modelId }) => modelId),
      bands: bandsFor(detector, settings.falseAlarmsOf100),
    };
  }

  /** Judges a report's pictures again, after the checks by hand that wait. */
  async function repeatScan({ report, pictures }: RepeatRequest): Promise<RepeatedScan> {
    const chosen = await chooseInstalled(report);
    if (chosen === null) return { kind: 'model-missing' };
    const { modelIds } = chosen;
    return keepOpen(runner.queue.run(() => engine.repeatScan({ modelIds, report, pictures })));
  }

  restartIdleTimer();
  // The smallest budget holds until the settings arrive, and if the background does not answer.
  background.getBadgeSettings().then(scheduler.setSettings, () => undefined);

  return {
    connect: (port: HostPort): void => {
      const isOwnPage = port.sender?.url?.startsWith(deps.ownPages) === true;
      if (port.name === FRAMES_PORT) {
        const tabId = port.sender?.tab?.id ?? null;
        if (!portsOfTabs.enter(tabId)) {
          port.disconnect();
          return;
        }
        const served = serveContentScan(port, { ...serveDeps, admit: isOwnPage ? admitAll : admit });
        void served.finally(() => portsOfTabs.leave(tabId));
      } else if (port.name === CHECK_PORT && isOwnPage) serveCheck(port, serveDeps);
      else if (port.name === OCCLUSION_PORT && isOwnPage) serveOcclusion(port, { findModels, explain });
    },
    handlers: {
      getScanDetails: ({ scanId }: { readonly scanId: string }) => {
        restartIdleTimer();
        return details.get(scanId);
      },
      repeatScan,
      forgetPrivateScans: ({ tabId }: { readonly tabId: number }) => {
        details.forgetPrivate(tabId);
        return null;
      },
      modelsChanged: () => releaseModels().then(() => null),
      startInstallation: (request: InstallRequest) => installer.start(request),
      cancelInstallation: () => {
        installer.cancel();
        return null;
      },
      getInstallation: () => installer.state(),
      testModel: ({ modelId }: { readonly modelId: string }) => testModel(modelId),
      getHostState: () => {
        const current = [...activeScans.values()].find(({ state }) => state.kind !== 'waiting');
        return {
          activeScans: activeScans.size,
          model: engine.loadedModel(),
          state: current?.state.kind ?? null,
        };
      },
      badgeSettingsChanged: ({ settings }: { readonly settings: BadgeSettings }) => {
        scheduler.setSettings(settings);
        return null;
      },
      getAutomaticState: (): AutomaticState => ({ ...scheduler.state(), unknown: machine.unknown() }),
      configureHost: ({ idleCloseMilliseconds }: { readonly idleCloseMilliseconds?: number }) => {
        if (idleCloseMilliseconds !== undefined) idleMilliseconds = idleCloseMilliseconds;
        restartIdleTimer();
        return null;
      },
    },
  };
}

/** The host's document has neither storage nor permissions. If the background does not answer, the default holds. */
async function orIfUnreachable<T>(answer: Promise<T>, fallback: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return fallback;
    throw error;
  }
}

/**
 * The most scans of one tab. Each video of a page has one, and videos out of sight keep theirs for a while. No page
 * shows as many players.
 */
const MAX_PORTS_A_TAB = 50;

/** Counts the scans of each tab, so that a page can't fill the host's memory with waiting scans. */
function createPortCount() {
  const counts = new Map<number | null, number>();
  return {
    /**
     * Adds a scan of a tab.
     * @returns false where the tab has too many scans
     */
    enter: (tabId: number | null): boolean => {
      const count = counts.get(tabId) ?? 0;
      if (count >= MAX_PORTS_A_TAB) return false;
      counts.set(tabId, count + 1);
      return true;
    },
    leave: (tabId: number | null): void => {
      const left = (counts.get(tabId) ?? 1) - 1;
      if (left > 0) counts.set(tabId, left);
      else counts.delete(tabId);
    },
  };
}

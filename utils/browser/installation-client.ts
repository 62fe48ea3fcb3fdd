import { allNetworksOf } from '../domain/choose-models.ts';
import { DetectorError, isDetectorError } from '../domain/errors.ts';
import { askForOrigins } from './host-permission.ts';
import { detectorNames, isInstalling } from '../domain/installation.ts';
import type {
  DetectorOffer,
  InstallationState,
  InstallItem,
  InstallRequest,
} from '../domain/installation.ts';
import { installationStates } from './announcements.ts';
import { ask, askOpenHost } from './messages.ts';
import { loadPolicy } from './policy.ts';
import { changeSettings } from './settings.ts';

/** A host that installs announces its state several times a second, or waits; a crashed host announces nothing. */
const SILENT_MILLISECONDS = 5000;

/**
 * Calls back with the installation's present state and then with each new one. If a running installation is silent, the host
 * is asked for its state.
 * @returns stops following
 */
function followInstallation(onState: (state: InstallationState) => void): () => void {
  let isStopped = false;
  let heardCount = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hear(state: InstallationState): void {
    heardCount += 1;
    clearTimeout(timer);
    if (isInstalling(state)) timer = setTimeout(() => void ask(), SILENT_MILLISECONDS);
    onState(state);
  }

  async function ask(): Promise<void> {
    const heardBefore = heardCount;
    const state = await readInstallation();
    // An old answer must not replace a newer state.
    if (!isStopped && heardCount === heardBefore) hear(state);
  }

  const stopWatching = installationStates.watch(hear);
  void ask();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    stopWatching();
  };
}

/**
 * Opens the host and begins an installation; a running installation goes on instead.
 * @returns the state right after; `failed` where it could not even begin
 */
async function startInstallation(request: InstallRequest): Promise<InstallationState> {
  try {
    if (request.kind === 'download' && (await loadPolicy()).policy.downloads === false) {
      throw new DetectorError('set-by-administrator', 'downloads are switched off by policy');
    }
    await ask('background', 'openHost', null);
    return await ask('host', 'startInstallation', request);
  } catch (error) {
    return {
      kind: 'failed',
      code: isDetectorError(error) ? error.code : 'internal',
      message: error instanceof Error ? error.message : String(error),
      items: request.kind === 'download' ? request.items : [],
    };
  }
}

/** Cancels the installation. The fetched bytes stay for the next attempt. */
async function cancelInstallation(): Promise<void> {
  await askOpenHost('cancelInstallation', null);
}

/** Chooses all networks of a detector. It is stored at once, so that the page may close before they are installed. */
async function chooseAllNetworks(detectorId: string): Promise<void> {
  await changeSettings({ modelId: allNetworksOf(detectorId) });
}

/** A download of some items, named after their detectors. */
function downloadRequest(offers: readonly DetectorOffer[], items: readonly InstallItem[]): InstallRequest {
  return { kind: 'download', title: detectorNames(offersOf(offers, items)), items };
}

/**
 * Lets the browser ask the user for permission to read the publishers' servers. Only in the task of a click.
 * @returns whether it was allowed
 */
function askForHosts(offers: readonly DetectorOffer[], items: readonly InstallItem[]): Promise<boolean> {
  return askForOrigins(offersOf(offers, items).flatMap(({ publisher }) => publisher.hostPermissions));
}

function offersOf(offers: readonly DetectorOffer[], items: readonly InstallItem[]): readonly DetectorOffer[] {
  return offers.filter(({ detector }) => items.some((item) => item.detector === detector.id));
}

/** While no host is open, nothing is being installed. */
async function readInstallation(): Promise<InstallationState> {
  return (await askOpenHost('getInstallation', null)) ?? { kind: 'idle' };
}

/** The client that pages give to `useInstallation`. */
export const installationClient = {
  follow: followInstallation,
  start: startInstallation,
  cancel: cancelInstallation,
  askForHosts,
  chooseAllNetworks,
  downloadRequest,
};

import { allNetworksOf } from '../domain/choose-models.ts';
import { isDetectorError } from '../domain/errors.ts';
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
import { changeSettings } from './settings.ts';

/** A host that installs tells of it several times a second, or waits; one that has crashed says nothing any more. */
const SILENT_MILLISECONDS = 5000;

/**
 * Calls back with the installation's present state and then with each one that follows. Where nothing is heard of one
 * that runs, the host is asked whether it is still there.
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
    // An answer that was overtaken by a newer state must not replace it.
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
 * Begins an installation in the host, which is opened for it; one that is under way is left alone.
 * @returns the state right after; `failed` where it could not even begin
 */
async function startInstallation(request: InstallRequest): Promise<InstallationState> {
  try {
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

/** Ends it; what was fetched stays for the next attempt. */
async function cancelInstallation(): Promise<void> {
  await askOpenHost('cancelInstallation', null);
}

/** What a page gives to `useInstallation`. */
export const installationClient = {
  follow: followInstallation,
  start: startInstallation,
  cancel: cancelInstallation,
};

/** The user who installs all networks wants all to judge, also if the page is closed before they are there. */
export async function chooseAllNetworks(detectorId: string): Promise<void> {
  await changeSettings({ modelId: allNetworksOf(detectorId) });
}

/** A download of some items, named after their detectors. */
export function downloadRequest(
  offers: readonly DetectorOffer[],
  items: readonly InstallItem[],
): InstallRequest {
  return { kind: 'download', title: detectorNames(offersOf(offers, items)), items };
}

/**
 * Lets the user allow what the publishers' servers don't: reading their answers. Must be called right in a click.
 * @returns whether it was allowed
 */
export function askForHosts(
  offers: readonly DetectorOffer[],
  items: readonly InstallItem[],
): Promise<boolean> {
  return askForOrigins(offersOf(offers, items).flatMap(({ publisher }) => publisher.hostPermissions));
}

function offersOf(offers: readonly DetectorOffer[], items: readonly InstallItem[]): readonly DetectorOffer[] {
  return offers.filter(({ detector }) => items.some((item) => item.detector === detector.id));
}

/** While no host is open, nothing is being installed. */
async function readInstallation(): Promise<InstallationState> {
  return (await askOpenHost('getInstallation', null)) ?? { kind: 'idle' };
}

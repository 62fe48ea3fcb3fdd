import { browser } from 'wxt/browser';
import { FULL_GENCONVIT } from './choose-models.ts';
import { isDetectorError } from './errors.ts';
import { watchInstallation } from './installation.ts';
import type { InstallationState, InstallRequest } from './installation.ts';
import { sendMessage } from './messages.ts';
import { changeSettings } from './settings.ts';

/**
 * Calls back with the installation's present state and then with each one that follows.
 * @returns stops following
 */
export function followInstallation(onState: (state: InstallationState) => void): () => void {
  // An answer that was overtaken by a newer state must not replace it.
  let isOvertaken = false;
  const stopWatching = watchInstallation((state) => {
    isOvertaken = true;
    onState(state);
  });
  void readInstallation().then((state) => {
    if (!isOvertaken) onState(state);
  });
  return () => {
    isOvertaken = true;
    stopWatching();
  };
}

/**
 * Begins an installation in the host, which is opened for it; one that is under way is left alone.
 * @returns the state right after; `failed` where it could not even begin
 */
export async function startInstallation(request: InstallRequest): Promise<InstallationState> {
  try {
    await sendMessage('openHost', null);
    return await sendMessage('startInstallation', request);
  } catch (error) {
    return {
      kind: 'failed',
      code: isDetectorError(error) ? error.code : 'internal',
      message: error instanceof Error ? error.message : String(error),
      isKept: false,
      items: request.kind === 'download' ? request.items : [],
    };
  }
}

/** Ends it; what was fetched stays for the next attempt. */
export async function cancelInstallation(): Promise<void> {
  await withHost(() => sendMessage('cancelInstallation', null), null);
}

/** What a page gives to `useInstallation`. */
export const installationClient = {
  follow: followInstallation,
  start: startInstallation,
  cancel: cancelInstallation,
};

/** Who installs the second network as well wants both to judge, also if the page is closed before they are there. */
export async function chooseBothNetworks(): Promise<void> {
  await changeSettings({ modelId: FULL_GENCONVIT });
}

/**
 * Lets the user allow what the publisher's servers don't: reading their answers. Must be called right in a click.
 * @returns whether it was allowed
 */
export async function askForHosts(origins: readonly string[]): Promise<boolean> {
  return browser.permissions.request({ origins: [...origins] });
}

async function readInstallation(): Promise<InstallationState> {
  return withHost<InstallationState>(() => sendMessage('getInstallation', null), { kind: 'idle' });
}

/** @param otherwise what holds while no host is open: then nothing is being installed either */
async function withHost<Value>(ask: () => Promise<Value>, otherwise: Value): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return otherwise;
    throw error;
  }
}

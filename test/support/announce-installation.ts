import type { BrowserContext } from 'playwright-core';
import type { InstallationState } from '../../utils/domain/installation.ts';
import { onExtensionPage } from './install-model.ts';

/** Tells every open page of the extension a state of the installation, as the host does. */
export async function announceInstallation(context: BrowserContext, state: InstallationState): Promise<void> {
  await onExtensionPage(context, async (page) => {
    await page.evaluate(`(async () => {
      const channel = new BroadcastChannel('installation');
      channel.postMessage(${JSON.stringify(state)});
      // The message is on its way before the channel closes.
      channel.close();
    })()`);
  });
}

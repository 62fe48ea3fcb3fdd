import type { Driver, VideoTab } from '../../driver.ts';

/** Opens an address in a browser window of its own, beside the one that is there. */
export async function openWindow(driver: Driver, url: string): Promise<VideoTab> {
  const opening = driver.extension.context.waitForEvent('page');
  const tabId = await driver.inServiceWorker<number>(
    `chrome.windows.create({ url: ${JSON.stringify(url)}, width: 900, height: 700 })
      .then(({ tabs: [tab] }) => tab.id)`,
  );
  const page = await opening;
  await page.waitForFunction('globalThis.feed !== undefined');
  return { page, tabId };
}

/** Records the frames that reach the host from all pages: the scan of each frame, in the order in which they come. */
export async function listenToFrames(driver: Driver): Promise<() => Promise<readonly string[]>> {
  await driver.ask('openHost', null);
  const { targetId } = await driver.targets.find('host', ({ url }) => url.endsWith('/offscreen.html'));
  const host = await driver.targets.attach(targetId);
  await host.evaluate(`void (globalThis.framesHeard = [], chrome.runtime.onConnect.addListener((port) => {
    let scanId = null;
    port.onMessage.addListener((message) => {
      if (message.type === 'start') scanId = message.scanId;
      if (message.type.endsWith('frame')) framesHeard.push(scanId);
    });
  }))`);
  return () => host.evaluate<readonly string[]>('framesHeard');
}

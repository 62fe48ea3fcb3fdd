import type { Driver } from './driver.ts';

/**
 * Gives the user's "Allow" to the browser's question without the question, which a headless browser can't show. The
 * browser's own page for extensions grants the host, as its "Site access" does, and the extension gives the permission
 * back at once. From then on it may ask for it again without a question, and until it asks it has no permission. The
 * extension and its manifest are the built ones.
 */
export async function allowWhenAsked(driver: Driver, pattern: string): Promise<void> {
  const page = await driver.extension.context.newPage();
  try {
    await page.goto('chrome://extensions');
    const extensionId = new URL(driver.extension.origin).host;
    await page.evaluate(
      `chrome.developerPrivate.addHostPermission(${JSON.stringify(extensionId)}, ${JSON.stringify(pattern)})`,
    );
    const isGone = await driver.inServiceWorker<boolean>(
      `chrome.permissions.remove({ origins: [${JSON.stringify(pattern)}] })`,
    );
    if (!isGone) throw new Error(`${pattern} was not given back`);
  } finally {
    await page.close();
  }
}

/** The hosts that the extension may read. */
export function grantedOrigins(driver: Driver): Promise<readonly string[]> {
  return driver.inServiceWorker<readonly string[]>(
    'chrome.permissions.getAll().then(({ origins }) => origins)',
  );
}

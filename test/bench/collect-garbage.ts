import type { BrowserContext } from 'playwright-core';

/**
 * Collects garbage in every process and every Worker of a browser, so that only memory in use is resident then. The
 * only way to reach them all is a memory dump in its deterministic mode, which collects garbage before it counts
 * (https://chromedevtools.github.io/devtools-protocol/tot/Tracing/#method-requestMemoryDump); the counts are not
 * needed.
 */
export async function collectGarbage(context: BrowserContext): Promise<void> {
  const browser = context.browser();
  if (browser === null) throw new Error('a persistent context without its browser');
  const session = await browser.newBrowserCDPSession();
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-memory-infra'] },
  });
  await session.send('Tracing.requestMemoryDump', { deterministic: true, levelOfDetail: 'background' });
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
}

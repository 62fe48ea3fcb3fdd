import type { ScanState } from '../../utils/domain/scan.ts';
import type { Driver, VideoTab } from './driver.ts';

/**
 * Records every state of the tab's latest scan from now on.
 * @returns gives the states so far
 */
export async function recordStates(
  driver: Driver,
  tab: VideoTab,
): Promise<() => Promise<readonly ScanState[]>> {
  const key = JSON.stringify(`scans:${String(tab.tabId)}`);
  await driver.probe.evaluate(`(() => {
    globalThis.recordedStates = [];
    chrome.storage.session.onChanged.addListener((changes) => {
      const scan = changes[${key}]?.newValue?.[0];
      if (scan) globalThis.recordedStates.push(scan.state);
    });
  })()`);
  return () => driver.probe.evaluate<readonly ScanState[]>('globalThis.recordedStates');
}

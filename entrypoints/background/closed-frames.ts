import type { Browser } from 'wxt/browser';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { askForHost, hostOf, isHostAllowed } from '../../utils/browser/host-permission.ts';
import { askFrame } from '../../utils/browser/messages.ts';
import { injectContentScript } from './content-injection.ts';
import type { ForeignFrame } from '../../utils/domain/page-video.ts';

/** Pages have many frames, for advertisements mostly; a player is among the largest. */
const MAX_HOSTS_OFFERED = 2;

/**
 * Hosts of the tab's large frames that are closed to the extension until the user allows them, the largest first.
 * @throws DetectorError `page-refused`
 */
export async function listClosedHosts(tabId: number): Promise<readonly string[]> {
  const frameIds = await injectContentScript(tabId, 'all');
  const lists = await Promise.all(frameIds.map((frameId) => listForeignFrames(tabId, frameId)));
  const hosts = new Set(
    lists
      .flat()
      .toSorted((one, other) => other.area - one.area)
      .map(({ host }) => host),
  );
  const closed: string[] = [];
  for (const host of hosts) {
    if (closed.length === MAX_HOSTS_OFFERED) break;
    if (!(await isHostAllowed(host))) closed.push(host);
  }
  return closed;
}

async function listForeignFrames(tabId: number, frameId: number): Promise<readonly ForeignFrame[]> {
  try {
    return await askFrame({ tabId, frameId }, 'listForeignFrames', null);
  } catch (error) {
    // The frame has navigated since the injection.
    if (isDetectorError(error, 'unreachable')) return [];
    throw error;
  }
}

/**
 * Lets the browser ask the user where a click in the menu was in a frame of another host than the page. To be called
 * in the click's own task. Resolves when the user has answered, whatever the answer: what can't be opened is refused
 * by the browser, in words of its own.
 */
export async function openFrameOfClick({
  frameUrl,
  pageUrl,
}: Pick<Browser.contextMenus.OnClickData, 'frameUrl' | 'pageUrl'>): Promise<void> {
  const host = frameUrl === undefined ? null : hostOf(frameUrl);
  if (host === null || host === hostOf(pageUrl ?? '')) return;
  try {
    await askForHost(host);
  } catch {
    // The browser takes the click for over: then the popup offers it.
  }
}

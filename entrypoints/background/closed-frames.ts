import * as v from 'valibot';
import type { Browser } from 'wxt/browser';
import { askForHost, isHostAllowed } from '../../utils/browser/host-permission.ts';
import { hostOf } from '../../utils/domain/sites.ts';
import { host } from '../../utils/browser/from-content.ts';
import { runInFrames } from './content-injection.ts';

/** Pages have many frames, for advertisements mostly; a player is among the largest. */
const MAX_HOSTS_OFFERED = 2;

/** What the page's process says is validated. `area` is in square CSS pixels; the page may go on from that host. */
const FOREIGN_FRAMES = v.array(v.object({ host, area: v.pipe(v.number(), v.finite()) }));
type ForeignFrame = v.InferOutput<typeof FOREIGN_FRAMES>[number];

/**
 * Hosts of the tab's large frames that are closed to the extension until the user allows them, the largest first.
 * @throws DetectorError `page-refused`
 */
export async function listClosedHosts(tabId: number): Promise<readonly string[]> {
  const results = await runInFrames(tabId, findForeignFrames);
  const frames = results.flatMap((result) => (v.is(FOREIGN_FRAMES, result) ? result : []));
  const hosts = new Set(frames.toSorted((one, other) => other.area - one.area).map((frame) => frame.host));
  const closed: string[] = [];
  for (const host of hosts) {
    if (closed.length === MAX_HOSTS_OFFERED) break;
    if (!(await isHostAllowed(host))) closed.push(host);
  }
  return closed;
}

/**
 * Large frames of other origins in this document and its open shadow roots, into which it can't look. A player may be in
 * them. It runs in the page: nothing outside it can be used.
 */
export function findForeignFrames(): readonly ForeignFrame[] {
  /** Smaller frames hold buttons and counters. */
  const MIN_AREA_PIXELS = 200 * 112;
  /** Pages with more shadow roots, or more such frames, are searched up to this many. */
  const MAX_ROOTS = 2000;
  const MAX_FRAMES = 100;
  const found: ForeignFrame[] = [];
  const roots: (Document | ShadowRoot)[] = [document];
  for (const root of roots) {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot && roots.length < MAX_ROOTS) roots.push(element.shadowRoot);
      // HTML, contentDocument: null for a document of another origin.
      if (!(element instanceof HTMLIFrameElement) || element.contentDocument !== null) continue;
      const { width, height } = element.getBoundingClientRect();
      const area = width * height;
      if (area < MIN_AREA_PIXELS || !URL.canParse(element.src)) continue;
      const { protocol, hostname } = new URL(element.src);
      if (/^https?:$/.test(protocol)) found.push({ host: hostname, area });
    }
  }
  return found.slice(0, MAX_FRAMES);
}

/**
 * Lets the browser ask the user if the menu was clicked in a frame of another host than the page's. Only in the click's own
 * task. Resolves when the user has answered: the browser then refuses a frame that was not allowed.
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
    // The browser no longer counts the click. The popup offers the permission.
  }
}

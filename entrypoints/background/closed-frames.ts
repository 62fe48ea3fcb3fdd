import * as v from 'valibot';
import type { Browser } from 'wxt/browser';
import { askForHost, isHostAllowed } from '../../utils/browser/host-permission.ts';
import { hostOf } from '../../utils/domain/sites.ts';
import { host } from '../../utils/browser/from-content.ts';
import { runInFrames } from './content-injection.ts';

/** Pages have many frames, for advertisements mostly; a player is among the largest. */
const MAX_HOSTS_OFFERED = 2;

/**
 * An attacker may control the page's process, so its answer is validated. `area` is in square CSS pixels. `host` is
 * that of the frame's address, which may lead on to another one.
 */
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
 * Finds large frames of other hosts in this document and its shadow roots. The script can't look into these frames, and
 * a player may be in one. It runs in the page, so it can use nothing from outside its body.
 */
export function findForeignFrames(): readonly ForeignFrame[] {
  /** Smaller frames hold buttons and counters. */
  const MIN_AREA_PIXELS = 200 * 112;
  /** Pages with more shadow roots, or more such frames, are searched up to this many. */
  const MAX_ROOTS = 50_000;
  const MAX_FRAMES = 100;
  const found: ForeignFrame[] = [];
  const roots: (Document | ShadowRoot)[] = [document];
  const { chrome } = globalThis as {
    readonly chrome?: {
      readonly dom?: { readonly openOrClosedShadowRoot: (element: HTMLElement) => ShadowRoot | null };
    };
  };
  /** Elements that embed another document, with the attribute of its address. */
  const EMBEDDING = new Map([
    ['iframe', 'src'],
    ['frame', 'src'],
    ['embed', 'src'],
    ['object', 'data'],
  ]);
  for (const root of roots) {
    // The method is taken from the prototype, since an image named `querySelectorAll` is the document's own property of
    // that name.
    const owner = root === document ? Document.prototype : root;
    for (const element of Reflect.get(owner, 'querySelectorAll').call(root, '*')) {
      const closed = element instanceof HTMLElement ? chrome?.dom?.openOrClosedShadowRoot(element) : null;
      const inner = closed ?? element.shadowRoot;
      if (inner && roots.length < MAX_ROOTS) roots.push(inner);
      const attribute = EMBEDDING.get(element.localName);
      const address = attribute === undefined ? null : element.getAttribute(attribute);
      if (address === null || !URL.canParse(address, location.href)) continue;
      const { protocol, hostname } = new URL(address, location.href);
      if (!/^https?:$/.test(protocol) || hostname === location.hostname) continue;
      const { width, height } = element.getBoundingClientRect();
      const area = width * height;
      if (area >= MIN_AREA_PIXELS) found.push({ host: hostname, area });
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

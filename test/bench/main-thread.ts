import type { Page } from 'playwright-core';

/** Time of the content script on the page's main thread, in milliseconds, native calls from it included. */
export type MainThreadTime = {
  /** The browser's own copying of pixels: taking, drawing, reading back and posting a frame. */
  readonly copyingMilliseconds: number;
  /** Other work on frames: deciding, waiting for the next one, messages to and from the host. */
  readonly frameMilliseconds: number;
  /** The badge: drawing it, and following the video with it at every animation frame. */
  readonly badgeMilliseconds: number;
  /** The longest work without a pause. It can make the page drop frames. */
  readonly longestMilliseconds: number;
};

/** Native functions that copy pixels. The profiler names them as the DOM does. */
const COPYING = new Set([
  'VideoFrame',
  'copyTo',
  'putImageData',
  'drawImage',
  'getImageData',
  'fillRect',
  'set',
  'slice',
  'postMessage',
  'close',
]);
/** Every sample costs the profiled thread time: a shorter interval would measure mostly that. */
const SAMPLING_MICROSECONDS = 250;
const CONTENT_SCRIPT = /^chrome-extension:.*\/content-scripts\/(?:content|badges)\.js$/;

/**
 * Begins a CPU profile of the page's main thread (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/).
 * It sees the extension's isolated world too, without the product measuring itself.
 */
export async function profileMainThread(page: Page): Promise<() => Promise<MainThreadTime>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
  await session.send('Profiler.start');
  return async () => {
    const { profile } = await session.send('Profiler.stop');
    await session.detach();
    return evaluateProfile(profile);
  };
}

type ProfileNode = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
};

type Kind = 'copying' | 'frame' | 'badge';

function evaluateProfile(profile: {
  readonly nodes: readonly ProfileNode[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}): MainThreadTime {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const kinds = new Map<number, Kind>();
  const isCopying = ({ callFrame }: ProfileNode): boolean =>
    callFrame.url === '' && COPYING.has(callFrame.functionName);
  const subtree = (node: ProfileNode): readonly ProfileNode[] => [
    node,
    ...(node.children ?? []).flatMap((child) => subtree(nodes.get(child)!)),
  ];
  const visit = (node: ProfileNode): void => {
    if (!CONTENT_SCRIPT.test(node.callFrame.url)) {
      for (const child of node.children ?? []) visit(nodes.get(child)!);
      return;
    }
    // Every call of the browser into the script (a listener, a callback) is a tree of its own. Names are minified, so a
    // tree belongs to frames if it copies pixels.
    const called = subtree(node);
    const own = called.some(isCopying) ? 'frame' : 'badge';
    for (const each of called) kinds.set(each.id, isCopying(each) ? 'copying' : own);
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root);

  const microseconds: Record<Kind, number> = { copying: 0, frame: 0, badge: 0 };
  let stretch = 0;
  let longest = 0;
  const { samples = [], timeDeltas = [] } = profile;
  samples.forEach((id, index) => {
    const kind = kinds.get(id);
    // A delta is the time since the sample before; a sample stands for the time until the next one.
    const duration = timeDeltas[index + 1] ?? 0;
    if (kind !== undefined) microseconds[kind] += duration;
    stretch = kind === undefined ? 0 : stretch + duration;
    longest = Math.max(longest, stretch);
  });
  return {
    copyingMilliseconds: microseconds.copying / 1000,
    frameMilliseconds: microseconds.frame / 1000,
    badgeMilliseconds: microseconds.badge / 1000,
    longestMilliseconds: longest / 1000,
  };
}

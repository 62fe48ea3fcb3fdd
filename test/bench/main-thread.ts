import type { Page } from 'playwright-core';

/** Time on the page's main thread, in milliseconds. */
export type MainThreadTime = {
  /** Under any function of the content script, native calls from it included. */
  readonly contentScriptMilliseconds: number;
  /** Of that, in the browser's own copying of pixels: taking, drawing, reading back and posting a frame. */
  readonly copyingMilliseconds: number;
  /** The longest run of samples in the content script without a pause: what a dropped frame would be due to. */
  readonly longestStretchMilliseconds: number;
};

/** Native functions that copy pixels. The profiler names them as the DOM does. */
const COPYING = new Set(['VideoFrame', 'drawImage', 'getImageData', 'fillRect', 'postMessage', 'close']);
const SAMPLING_MICROSECONDS = 100;
const CONTENT_SCRIPT = /^chrome-extension:.*\/content-scripts\/content\.js$/;

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

function evaluateProfile(profile: {
  readonly nodes: readonly ProfileNode[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}): MainThreadTime {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const kinds = new Map<number, 'ours' | 'copying'>();
  const visit = (id: number, isInside: boolean): void => {
    const { callFrame, children = [] } = nodes.get(id)!;
    const isOurs = isInside || CONTENT_SCRIPT.test(callFrame.url);
    if (isOurs) {
      kinds.set(id, callFrame.url === '' && COPYING.has(callFrame.functionName) ? 'copying' : 'ours');
    }
    for (const child of children) visit(child, isOurs);
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root.id, false);

  let total = 0;
  let copying = 0;
  let stretch = 0;
  let longest = 0;
  const { samples = [], timeDeltas = [] } = profile;
  samples.forEach((id, index) => {
    const microseconds = timeDeltas[index + 1] ?? 0;
    const kind = kinds.get(id);
    if (kind === undefined) {
      stretch = 0;
      return;
    }
    total += microseconds;
    if (kind === 'copying') copying += microseconds;
    stretch += microseconds;
    longest = Math.max(longest, stretch);
  });
  return {
    contentScriptMilliseconds: total / 1000,
    copyingMilliseconds: copying / 1000,
    longestStretchMilliseconds: longest / 1000,
  };
}

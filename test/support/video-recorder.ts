import type { Driver, VideoTab } from './driver.ts';

/**
 * Records everything that is done to a tab's videos, in every frame that the extension may enter and through open
 * shadow roots. It records in two places, since each sees what the other can't:
 * - In the extension's isolated worlds the prototypes are the content script's own. Patching them there shows each call
 * and assignment that the script makes.
 * - In the pages' world, events and DOM changes show every change of the elements, whichever script made it.
 * The properties and events are read from the prototypes, so those of a later browser are recorded as well.
 */
export type VideoRecording = {
  /** `set muted`, `call pause`, … of the content script on a <video>, each once. */
  readonly usesByContentScript: () => Promise<readonly string[]>;
  /** Changes that the page could notice. */
  readonly seenByPage: () => Promise<PageRecord>;
};

/** The records of all frames, the top one first. */
export type PageRecord = {
  /** Events of the videos that only a foreign script causes while they play. */
  readonly events: readonly string[];
  /** Attributes that changed, and children that came or went, anywhere in the page but for our own element. */
  readonly mutations: readonly string[];
  /** Elements that were added at the end of the root element, by tag. */
  readonly added: readonly string[];
  /** The state of each video. */
  readonly before: readonly VideoSnapshot[];
  readonly after: readonly VideoSnapshot[];
  /** Places of the page's rendered elements in CSS pixels. */
  readonly layoutBefore: readonly string[];
  readonly layoutAfter: readonly string[];
  /** How far each video has played since the recording began, in seconds, loops counted. */
  readonly playedSeconds: readonly number[];
};

export type VideoSnapshot = {
  readonly attributes: Readonly<Record<string, string>>;
  /** Values by `Interface.property`, as text; objects by their identity. */
  readonly properties: Readonly<Record<string, string>>;
  readonly computedStyle: Readonly<Record<string, string>>;
};

/** Properties that change by themselves while a video plays. */
const MOVED_BY_PLAYBACK = [
  // Where it is and what it does there.
  'currentTime',
  'seeking',
  'ended',
  // Data that was received and decoded.
  'buffered',
  'seekable',
  'played',
  'readyState',
  'networkState',
  'webkitAudioDecodedByteCount',
  'webkitVideoDecodedByteCount',
  'webkitDecodedFrameCount',
  'webkitDroppedFrameCount',
];

/** Events that come by themselves while a video plays. */
const CAUSED_BY_PLAYBACK = [
  'timeupdate',
  // The end of a loop belongs to the loop; `seeking` is examined below.
  'seeked',
  // The connection is slow, or has brought enough.
  'progress',
  'suspend',
  'stalled',
  'waiting',
  'playing',
  'canplay',
  'canplaythrough',
];

/** Events that come because the test itself moves the mouse across the page. */
const CAUSED_BY_MOUSE = ['move', 'rawupdate', 'over', 'enter', 'out', 'leave'].flatMap((what) => [
  `mouse${what}`,
  `pointer${what}`,
]);

const SET_UP_ISOLATED_WORLD = `() => {
  const isPatched = 'videoUses' in globalThis;
  globalThis.videoUses = new Set();
  if (isPatched) return;
  const note = (target, use) => {
    if (target instanceof HTMLVideoElement) globalThis.videoUses.add(use);
  };
  // In addition to the video's own methods, those that can move it or redirect its sound.
  const prototypes = [Document.prototype, DocumentFragment.prototype, Range.prototype, AudioContext.prototype];
  let own = HTMLVideoElement.prototype;
  for (; own !== Object.prototype; own = Object.getPrototypeOf(own)) prototypes.push(own);
  for (const prototype of prototypes) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name === 'constructor' || !descriptor.configurable) continue;
      const patched = { ...descriptor };
      if (typeof descriptor.value === 'function') {
        patched.value = function (...values) {
          note(this, 'call ' + name + (/EventListener$/.test(name) ? ' ' + values[0] : ''));
          for (const value of values) note(value, 'pass to ' + name);
          return descriptor.value.apply(this, values);
        };
      }
      if (descriptor.set) {
        patched.set = function (value) {
          note(this, 'set ' + name);
          descriptor.set.call(this, value);
        };
      }
      // Objects through which an element can be changed without a setter of its own: style, textTracks, …
      if (descriptor.get) {
        patched.get = function () {
          const value = descriptor.get.call(this);
          if (value !== null && typeof value === 'object') note(this, 'get ' + name);
          return value;
        };
      }
      Object.defineProperty(prototype, name, patched);
    }
  }
}`;

const SET_UP_PAGE = `(() => {
  const rootsFrom = (root) => [root, ...[...root.querySelectorAll('*')]
    .flatMap(({ shadowRoot }) => shadowRoot ? rootsFrom(shadowRoot) : [])];
  const roots = rootsFrom(document);
  const pageElements = roots.flatMap((root) => [...root.querySelectorAll('*')]);
  const videos = pageElements.filter((element) => element instanceof HTMLVideoElement);

  const getters = [];
  const eventTypes = new Set();
  let prototype = HTMLVideoElement.prototype;
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (!get) continue;
      if (name.startsWith('on')) eventTypes.add(name.slice(2));
      if (!${JSON.stringify(MOVED_BY_PLAYBACK)}.includes(name)) {
        getters.push([prototype.constructor.name + '.' + name, get]);
      }
    }
  }
  for (const type of ${JSON.stringify([...CAUSED_BY_PLAYBACK, ...CAUSED_BY_MOUSE])}) eventTypes.delete(type);

  const numbers = new Map();
  const asText = (value) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return String(value);
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return [value.constructor.name, numbers.get(value), value.cssText ?? value.length ?? ''].join(' ');
  };
  const snapshot = (video) => {
    const style = getComputedStyle(video);
    return {
      attributes: Object.fromEntries([...video.attributes].map(({ name, value }) => [name, value])),
      properties: Object.fromEntries(getters.map(([name, get]) => [name, asText(get.call(video))])),
      computedStyle: Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)])),
    };
  };
  const layout = () => pageElements.filter((element) => element.getClientRects().length > 0).map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.tagName, x + scrollX, y + scrollY, width, height].join(' ');
  });

  const record = { events: [], mutations: [], added: [], before: videos.map(snapshot), layoutBefore: layout() };
  const playedSeconds = videos.map(() => 0);
  videos.forEach((video, index) => {
    // A looping video seeks to its start by itself.
    const isOwnLoop = () => video.loop && video.currentTime < 0.5;
    for (const type of eventTypes) {
      video.addEventListener(type, () => {
        if (type !== 'seeking' || !isOwnLoop()) record.events.push(type);
      }, { passive: true });
    }
    for (const type of ['addtrack', 'removetrack', 'change']) {
      video.textTracks.addEventListener(type, () => record.events.push('textTracks ' + type));
    }
    let lastTime = video.currentTime;
    video.addEventListener('timeupdate', () => {
      const step = video.currentTime - lastTime;
      playedSeconds[index] += step < 0 ? step + video.duration : step;
      lastTime = video.currentTime;
    });
  });
  const observer = new MutationObserver((mutations) => {
    for (const { type, target, attributeName, addedNodes, removedNodes } of mutations) {
      const isOurs = type === 'childList' && target === document.documentElement && removedNodes.length === 0;
      if (isOurs) record.added.push(...[...addedNodes].map(({ nodeName }) => nodeName));
      else if (pageElements.includes(target) || roots.includes(target)) {
        record.mutations.push([type, target.nodeName, attributeName].join(' '));
      }
    }
  });
  for (const root of roots) {
    observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  }
  globalThis.finishVideoRecord = () =>
    ({ ...record, playedSeconds, after: videos.map(snapshot), layoutAfter: layout() });
})()`;

/**
 * Begins to record, and then lets the extension into the tab's page, so that its first actions are recorded as well.
 */
export async function recordVideos(driver: Driver, tab: VideoTab): Promise<VideoRecording> {
  const { page, tabId } = tab;
  const inIsolatedWorlds = async <Value>(script: string): Promise<readonly Value[]> =>
    driver.inServiceWorker<readonly Value[]>(`chrome.scripting.executeScript({
      target: { tabId: ${String(tabId)}, allFrames: true }, world: 'ISOLATED', func: ${script}
    }).then((answers) => answers.map(({ result }) => result))`);
  const frames = page.frames();
  for (const frame of frames) await frame.evaluate(SET_UP_PAGE);
  await driver.letIn(tab);
  await inIsolatedWorlds(SET_UP_ISOLATED_WORLD);
  return {
    usesByContentScript: async () => {
      const uses = await inIsolatedWorlds<readonly string[]>('() => [...(globalThis.videoUses ?? [])]');
      return [...new Set(uses.flat())].toSorted();
    },
    seenByPage: async () => {
      const records: PageRecord[] = [];
      for (const frame of frames) {
        records.push(await frame.evaluate<PageRecord>('globalThis.finishVideoRecord()'));
      }
      return {
        events: records.flatMap(({ events }) => events),
        mutations: records.flatMap(({ mutations }) => mutations),
        added: records.flatMap(({ added }) => added),
        before: records.flatMap(({ before }) => before),
        after: records.flatMap(({ after }) => after),
        layoutBefore: records.flatMap(({ layoutBefore }) => layoutBefore),
        layoutAfter: records.flatMap(({ layoutAfter }) => layoutAfter),
        playedSeconds: records.flatMap(({ playedSeconds }) => playedSeconds),
      };
    },
  };
}

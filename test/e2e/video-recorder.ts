import type { Driver, VideoTab } from './driver.ts';
import { videoExpression } from './gestures.ts';

/**
 * Writes down everything that is done to the page's videos. Two eyes, since each sees what the other cannot:
 * - in the extension's isolated world the prototypes are the content script's own, so patching them there shows each
 *   call and assignment that it makes;
 * - in the page's world, events and DOM changes show what reached the element, whoever did it.
 */
export type VideoRecording = {
  /** `set muted`, `call pause`, … of the content script on a <video>, each once. */
  readonly usesByContentScript: () => Promise<readonly string[]>;
  /** What the page could notice. */
  readonly seenByPage: () => Promise<PageRecord>;
};

export type PageRecord = {
  /** Events of the video's playback and settings that nobody but a meddler causes while it plays. */
  readonly events: readonly string[];
  /** Attributes that changed, and children that came or went, anywhere in the page but for our own element. */
  readonly mutations: readonly string[];
  /** Elements that were added at the end of the root element, by tag. */
  readonly added: readonly string[];
  readonly before: VideoSnapshot;
  readonly after: VideoSnapshot;
  /** Places of the page's rendered elements in CSS pixels. */
  readonly layoutBefore: readonly string[];
  readonly layoutAfter: readonly string[];
  /** How far the video has played since the recording began, in seconds, loops counted. */
  readonly playedSeconds: number;
};

export type VideoSnapshot = {
  readonly attributes: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly computedStyle: string;
};

const SET_UP_ISOLATED_WORLD = `() => {
  globalThis.videoUses = new Set();
  const note = (target, use) => {
    if (target instanceof HTMLVideoElement) globalThis.videoUses.add(use);
  };
  const prototypes = [HTMLVideoElement, HTMLMediaElement, HTMLElement, Element, Node, EventTarget];
  for (const { prototype } of prototypes) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name === 'constructor' || !descriptor.configurable) continue;
      const patched = { ...descriptor };
      if (typeof descriptor.value === 'function') {
        patched.value = function (...values) {
          note(this, 'call ' + name + (/EventListener$/.test(name) ? ' ' + values[0] : ''));
          return descriptor.value.apply(this, values);
        };
      }
      if (descriptor.set) {
        patched.set = function (value) {
          note(this, 'set ' + name);
          descriptor.set.call(this, value);
        };
      }
      // Objects through which an element can be changed without a setter of its own.
      if (descriptor.get && /^(style|classList|dataset|attributes|attributeStyleMap|textTracks)$/.test(name)) {
        patched.get = function () {
          note(this, 'get ' + name);
          return descriptor.get.call(this);
        };
      }
      Object.defineProperty(prototype, name, patched);
    }
  }
}`;

const SET_UP_PAGE = `(() => {
  const video = ${videoExpression()};
  const properties = ['src', 'currentSrc', 'crossOrigin', 'paused', 'muted', 'volume', 'playbackRate', 'loop',
    'defaultPlaybackRate', 'controls', 'preload', 'autoplay', 'preservesPitch', 'disablePictureInPicture', 'width', 'height'];
  const snapshot = () => ({
    attributes: Object.fromEntries([...video.attributes].map(({ name, value }) => [name, value])),
    properties: Object.fromEntries(properties.map((name) => [name, video[name]])),
    computedStyle: [...getComputedStyle(video)].map((name) => name + ':' + getComputedStyle(video)[name]).join(';'),
  });
  const pageElements = [...document.querySelectorAll('*')];
  const layout = () => pageElements.filter((element) => element.getClientRects().length > 0).map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.tagName, x + scrollX, y + scrollY, width, height].join(' ');
  });
  const record = { events: [], mutations: [], added: [], before: snapshot(), layoutBefore: layout(), playedSeconds: 0 };
  // A looping video seeks to its start by itself.
  const isOwnLoop = () => video.currentTime < 0.5;
  for (const type of ['play', 'pause', 'seeking', 'ratechange', 'volumechange', 'loadstart', 'emptied', 'abort',
    'error', 'encrypted', 'enterpictureinpicture', 'fullscreenchange', 'focus', 'click', 'contextmenu']) {
    video.addEventListener(type, () => {
      if (type !== 'seeking' || !isOwnLoop()) record.events.push(type);
    });
  }
  let lastTime = video.currentTime;
  video.addEventListener('timeupdate', () => {
    const step = video.currentTime - lastTime;
    record.playedSeconds += step < 0 ? step + video.duration : step;
    lastTime = video.currentTime;
  });
  new MutationObserver((mutations) => {
    for (const { type, target, attributeName, addedNodes, removedNodes } of mutations) {
      const isOurs = type === 'childList' && target === document.documentElement && removedNodes.length === 0;
      if (isOurs) record.added.push(...[...addedNodes].map(({ nodeName }) => nodeName));
      else if (pageElements.includes(target)) record.mutations.push([type, target.nodeName, attributeName].join(' '));
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  globalThis.finishVideoRecord = () => ({ ...record, after: snapshot(), layoutAfter: layout() });
})()`;

/** Begins to record. The extension must have been let into the tab's page already. */
export async function recordVideo(driver: Driver, { page, tabId }: VideoTab): Promise<VideoRecording> {
  const inIsolatedWorld = <Value>(script: string): Promise<Value> =>
    driver.inServiceWorker<Value>(`chrome.scripting.executeScript({
      target: { tabId: ${String(tabId)} }, world: 'ISOLATED', func: ${script}
    }).then(([{ result }]) => result)`);
  await inIsolatedWorld(SET_UP_ISOLATED_WORLD);
  await page.evaluate(SET_UP_PAGE);
  return {
    usesByContentScript: () => inIsolatedWorld('() => [...globalThis.videoUses]'),
    seenByPage: () => page.evaluate<PageRecord>('globalThis.finishVideoRecord()'),
  };
}

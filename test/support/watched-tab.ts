import { expect } from 'vitest';
import type { Driver, VideoTab } from './driver.ts';
import { recordVideos, type PageRecord, type VideoRecording, type VideoSnapshot } from './video-recorder.ts';

/** A tab whose videos only its own page may change, from opening to leaving. */
export type WatchedTab = VideoTab & {
  readonly recording: VideoRecording;
  /** Changes that the page (or the test, in the page's name) makes itself. They are not reported. */
  readonly pageDoes: (acts: PageActs) => void;
  /** Closes the tab, after a look at what has happened to its videos. */
  readonly leave: () => Promise<void>;
};

export type PageActs = {
  /** The events that the change causes. */
  readonly events?: readonly string[];
  /** Its elements lie elsewhere afterwards. */
  readonly isLaidOutAnew?: boolean;
  /** It puts another video into the element. */
  readonly isOtherVideo?: boolean;
};

/**
 * The allowed actions on a page's video: reading its place, its state and its next frame, and listening to its events.
 */
const READ_ONLY = new Set([
  'call requestVideoFrameCallback',
  'call cancelVideoFrameCallback',
  'call getBoundingClientRect',
  'call checkVisibility',
  'call getRootNode',
  'call contains',
  'call compareDocumentPosition',
  'call closest',
  'call matches',
  'call getAttribute',
  // Whether it is copy-protected.
  'get mediaKeys',
  // Its own <source> elements, what holds it, and which document.
  'get children',
  'get parentElement',
  'get ownerDocument',
]);

/** Events that only report on the video. A listener for one of these can't swallow a click. */
const TELLING_EVENTS =
  /^call (?:add|remove)EventListener (?:play|playing|pause|ended|emptied|error|loadeddata|loadedmetadata|loadstart|seeked|seeking|timeupdate|resize|encrypted|waiting|durationchange|ratechange)$/;

/** The content script's actions on videos that are not allowed. */
export function meddling(uses: readonly string[]): readonly string[] {
  return uses.filter((use) => !READ_ONLY.has(use) && !TELLING_EVENTS.test(use));
}

export async function watchTab(driver: Driver, tab: VideoTab): Promise<WatchedTab> {
  const recording = await recordVideos(driver, tab);
  let pageActs: PageActs = {};
  return {
    ...tab,
    recording,
    pageDoes: (acts) => {
      pageActs = acts;
    },
    leave: async () => {
      if (tab.page.isClosed()) return;
      await expectUntouched(recording, pageActs);
      await tab.page.close();
    },
  };
}

async function expectUntouched(recording: VideoRecording, acts: PageActs): Promise<void> {
  expect(meddling(await recording.usesByContentScript())).toEqual([]);
  const { events = [], isLaidOutAnew = false, isOtherVideo = false } = acts;
  const seen = await recording.seenByPage();
  // One element of ours in each frame with a check, after everything of the page's.
  expect(seen.added.length).toBeLessThanOrEqual(1);
  if (isOtherVideo) return;
  expect(seen.events.filter((type) => !events.includes(type))).toEqual([]);
  expectSameSettings(seen, events);
  if (isLaidOutAnew) return;
  expect(seen.mutations).toEqual([]);
  expect(seen.layoutAfter).toEqual(seen.layoutBefore);
  if (events.length === 0) expect(seen.after).toEqual(seen.before);
}

/**
 * The page may change an element's place and style itself, so only the other properties of a media element are
 * compared.
 */
function expectSameSettings({ before, after }: PageRecord, events: readonly string[]): void {
  const settings = ({ attributes, properties }: VideoSnapshot): unknown => ({
    attributes,
    properties: Object.entries(properties).filter(
      ([name]) =>
        /^HTML(?:Media|Video)Element\./.test(name) &&
        !(events.includes('pause') && name === 'HTMLMediaElement.paused'),
    ),
  });
  expect(after.map(settings)).toEqual(before.map(settings));
}

import { isDetectorError } from '../../utils/domain/errors.ts';
import { validOutcome, validVideos } from '../../utils/browser/content-replies.ts';
import { askFrame } from '../../utils/browser/messages.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { injectContentScript, injectIntoFrames } from './content-injection.ts';
import { ensureOffscreenDocument } from './offscreen-document.ts';
import { issueTicket } from './tickets.ts';
import { largestFirst } from '../../utils/domain/page-video.ts';
import type { CheckOutcome, CheckTarget, PageVideo } from '../../utils/domain/page-video.ts';
import type { RequestOf } from '../../utils/browser/protocol.ts';

type FrameOfTab = { readonly tabId: number; readonly frameId: number };

/**
 * Starts a check in a tab. Where the addressed frame holds no video, as after a click beside an embedded player, the
 * largest one of the tab's other frames is taken. `frameId` is null for the keyboard command, which addresses the whole tab.
 * @throws DetectorError `page-refused`
 */
export async function checkInTab({
  tabId,
  frameId,
  target,
  source,
}: RequestOf<'checkInTab'>): Promise<CheckOutcome> {
  // The host loads while the page is searched.
  const hostIsOpen = ensureOffscreenDocument();
  try {
    if (frameId !== null) {
      await injectContentScript(tabId, frameId);
      const outcome = await check({ tabId, frameId }, target, source);
      if (outcome.kind !== 'no-video' || target.kind === 'video') return outcome;
    }
    const largest = await findLargestVideo(tabId);
    if (largest === undefined) return { kind: 'no-video' };
    return await check(
      { tabId, frameId: largest.frameId },
      { kind: 'video', videoId: largest.videoId },
      source,
    );
  } finally {
    await hostIsOpen;
  }
}

async function check(
  frame: FrameOfTab,
  target: CheckTarget,
  source: 'screen' | undefined,
): Promise<CheckOutcome> {
  const { framesAsked } = await readSettings();
  const ticket = await issueTicket({ ...frame, usesScreen: source === 'screen' });
  const outcome = await askFrame(frame, 'checkVideo', {
    target,
    framesAsked,
    ticket,
    ...(source !== undefined && { source }),
  });
  return validOutcome(outcome);
}

/** The largest video in all frames that can be read. A visible one comes before others. */
async function findLargestVideo(tabId: number): Promise<PageVideo | undefined> {
  const { frameIds } = await injectIntoFrames(tabId);
  const lists = await Promise.all(frameIds.map((frameId) => listVideosInFrame({ tabId, frameId })));
  return lists.flatMap((videos) => videos ?? []).toSorted(largestFirst)[0];
}

/** @returns null if the frame holds no content script, as after a navigation */
async function listVideosInFrame(frame: FrameOfTab): Promise<readonly PageVideo[] | null> {
  try {
    return validVideos(await askFrame(frame, 'listVideos', null), frame.frameId);
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return null;
    throw error;
  }
}

/** Whether the document of a scan is still in its frame: its content script answers. */
export async function isFrameAlive(frame: FrameOfTab): Promise<boolean> {
  return (await listVideosInFrame(frame)) !== null;
}

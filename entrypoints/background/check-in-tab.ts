import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import { sendMessageToFrame } from '../../utils/browser/messages.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { injectContentScript } from './content-injection.ts';
import { ensureOffscreenDocument } from './offscreen-document.ts';
import { largestFirst } from './video-order.ts';
import type { CheckOutcome, CheckTarget, PageVideo } from '../../utils/domain/page-video.ts';

/**
 * Starts a check in a tab. Where the addressed frame holds no video, as after a click beside an embedded player, the
 * largest one of the tab's other frames is taken.
 * @param frameId the frame that was clicked; null for the keyboard command, which addresses the whole tab
 * @throws DetectorError `page-refused`
 */
export async function checkInTab(
  tabId: number,
  frameId: number | null,
  target: CheckTarget,
  way?: 'screen',
): Promise<CheckOutcome> {
  // The host loads while the page is searched.
  const hostIsOpen = ensureOffscreenDocument();
  try {
    if (frameId !== null) {
      await injectContentScript(tabId, frameId);
      const outcome = await check(tabId, frameId, target, way);
      if (outcome.kind !== 'no-video' || target.kind === 'video') return outcome;
    }
    const [largest] = await listVideosInTab(tabId);
    if (largest === undefined) return { kind: 'no-video' };
    return await check(tabId, largest.frameId, { kind: 'video', videoId: largest.videoId }, way);
  } finally {
    await hostIsOpen;
  }
}

async function check(
  tabId: number,
  frameId: number,
  target: CheckTarget,
  way?: 'screen',
): Promise<CheckOutcome> {
  const { framesAsked } = await readSettings();
  return sendMessageToFrame(tabId, frameId, 'checkVideo', {
    target,
    framesAsked,
    ...(way !== undefined && { way }),
  });
}

/**
 * The videos of all frames that can be read, visible ones first, the largest first.
 * @throws DetectorError `page-refused`
 */
export async function listVideosInTab(tabId: number): Promise<readonly PageVideo[]> {
  const frameIds = await injectContentScript(tabId, 'all');
  const lists = await Promise.all(frameIds.map((frameId) => listVideosInFrame(tabId, frameId)));
  return lists.flat().toSorted(largestFirst);
}

async function listVideosInFrame(tabId: number, frameId: number): Promise<readonly PageVideo[]> {
  try {
    const videos = await sendMessageToFrame(tabId, frameId, 'listVideos', null);
    // A content script does not know the number of its own frame.
    return videos.map((video) => ({ ...video, frameId }));
  } catch (error) {
    // The frame has navigated since the injection: it has no videos that we could check.
    if (isDetectorError(error, 'unreachable')) return [];
    throw error;
  }
}

/** Whether the document in which a scan was made is still there: its content script answers. */
export async function isFrameAlive(tabId: number, frameId: number): Promise<boolean> {
  try {
    await sendMessageToFrame(tabId, frameId, 'listVideos', null);
    return true;
  } catch (error) {
    if (error instanceof DetectorError && error.code === 'unreachable') return false;
    throw error;
  }
}

import { findAll } from './videos-in-frame.ts';
import type { ForeignFrame } from '../../utils/domain/page-video.ts';

/** Smaller frames hold buttons and counters. */
const MIN_AREA_PIXELS = 200 * 112;
/** Pages with more frames than this are searched as far as that. */
const MAX_FRAMES = 100;

/** Large frames of other origins in this document, through open shadow roots, in which a player may be. */
export function findForeignFrames(document: Document): readonly ForeignFrame[] {
  return findAll(document, HTMLIFrameElement, MAX_FRAMES).flatMap((frame) => {
    const { width, height } = frame.getBoundingClientRect();
    const area = width * height;
    if (area < MIN_AREA_PIXELS || isOpen(frame) || !URL.canParse(frame.src)) return [];
    const { protocol, hostname } = new URL(frame.src);
    return /^https?:$/.test(protocol) ? [{ host: hostname, area }] : [];
  });
}

function isOpen(frame: HTMLIFrameElement): boolean {
  // HTML, contentDocument: null for a document of another origin.
  return frame.contentDocument !== null;
}

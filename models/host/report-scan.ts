import { createReadableContext } from '../image/raster-image.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, Scan, ScanState } from '../../utils/domain/scan.ts';

/** A service worker that is stopped or updated answers again within this time. */
const RETRY_MILLISECONDS = 1000;
const MAX_ATTEMPTS = 3;

/**
 * Sends a scan's state to the background; a final one with a PNG of the face with the clearest score. A final state that
 * does not arrive is sent again; a state of progress is not, since the next one follows.
 */
export async function reportScan(
  scan: Scan,
  face: EvidenceFace | null,
  send: (scan: Scan, facePicture: Blob | null) => Promise<unknown>,
): Promise<void> {
  const facePicture = face === null ? null : await toPng(face.picture);
  for (let attempt = 1; ; attempt++) {
    try {
      await send(scan, facePicture);
      return;
    } catch (error) {
      if (!isFinal(scan.state)) return;
      if (attempt === MAX_ATTEMPTS) throw error;
    }
    await new Promise((elapsed) => setTimeout(elapsed, RETRY_MILLISECONDS));
  }
}

async function toPng(picture: ImageData): Promise<Blob> {
  const context = createReadableContext(picture.width, picture.height);
  context.putImageData(picture, 0, 0);
  return await context.canvas.convertToBlob({ type: 'image/png' });
}

/** Often enough for the popup's progress bar; every report wakes the service worker and writes to session storage. */
const INTERVAL_MILLISECONDS = 250;

/**
 * Passes on a scan's states. States of progress are passed on at most four times a second. The latest state always
 * arrives, and no state follows a final one.
 */
export function createStateReporter(report: (state: ScanState) => void): (state: ScanState) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasEnded = false;
  let latestKind: ScanState['kind'] | undefined;

  const pass = (state: ScanState): void => {
    reportedAt = performance.now();
    report(state);
  };

  return (state) => {
    if (hasEnded) return;
    hasEnded = isFinal(state);
    clearTimeout(timer);
    const wait = reportedAt + INTERVAL_MILLISECONDS - performance.now();
    const isProgress = state.kind === 'running' && latestKind === 'running';
    latestKind = state.kind;
    if (isProgress && wait > 0) timer = setTimeout(() => pass(state), wait);
    else pass(state);
  };
}

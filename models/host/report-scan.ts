import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, Scan } from '../../utils/domain/scan.ts';

/** A service worker that is just being stopped or updated is there again within this. */
const RETRY_MILLISECONDS = 1000;
const MAX_ATTEMPTS = 3;

/**
 * Tells the background of a scan's state; with a final one goes a PNG of the most telling face. Progress that does not
 * arrive is made up for by the next; a final state is sent again.
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
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  if (context === null) throw new TypeError('no 2D context');
  context.putImageData(picture, 0, 0);
  return await canvas.convertToBlob({ type: 'image/png' });
}

import { createReadableContext } from '../image/raster-image.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { EvidenceFace, Scan } from '../../utils/domain/scan.ts';

/** A service worker that is being stopped or updated answers again within this time. */
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

import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { CallName, CallReply, CallRequest } from '../../models/host/analysis-protocol.ts';
import type { JudgedFace } from '../../models/scan/analysis.ts';
import type { DetectedFace, Size } from '../../models/face/geometry.ts';
import { refineFaces, secondLooks } from '../../models/scan/regions.ts';
import { EXTENSION_FOLDER } from '../support/extension.ts';

/** The built analysis Worker in a page of the extension, without the host round it. */
export type AnalysisWorker = {
  /** Calls that take and give plain data. */
  readonly call: <Name extends Exclude<CallName, 'findFaces' | 'findFacesInSquares' | 'judgeFaces'>>(
    name: Name,
    request: CallRequest<Name>,
  ) => Promise<CallReply<Name>>;
  /** Both passes on one picture, a PNG in base64. */
  readonly findFaces: (png: string) => Promise<readonly DetectedFace[]>;
  /** The networks' answers on whole pictures, as if each were a face crop. */
  readonly judge: (pngs: readonly string[]) => Promise<readonly JudgedFace['logits'][]>;
};

/** Starts the Worker in `page`, any document of the extension's origin. */
export async function startAnalysisWorker(page: Page): Promise<AnalysisWorker> {
  const assets = await readdir(resolve(EXTENSION_FOLDER, 'assets'));
  const file = assets.find((name) => name.startsWith('analysis.worker-'));
  if (file === undefined) throw new Error('the built extension has no analysis Worker');
  await page.evaluate(`(() => {
    const worker = new Worker('/assets/${file}', { type: 'module' });
    let nextId = 0;
    globalThis.callAnalysis = (name, request) => new Promise((resolve, reject) => {
      const id = nextId++;
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
      worker.addEventListener('message', ({ data }) => {
        if (data.id !== id) return;
        if (data.ok) resolve(data.value);
        else reject(new Error(data.error.code + ': ' + data.error.message));
      });
      worker.postMessage({ id, name, request });
    });
    globalThis.decodePng = async (base64) =>
      createImageBitmap(new Blob([Uint8Array.fromBase64(base64)], { type: 'image/png' }));
    globalThis.drawSquare = (bitmap, { left, top, width, height, drawnWidth, drawnHeight }) => {
      const context = new OffscreenCanvas(drawnWidth, drawnHeight).getContext('2d', { alpha: false });
      context.setTransform(drawnWidth / width, 0, 0, drawnHeight / height, 0, 0);
      context.drawImage(bitmap, -left, -top);
      return context.getImageData(0, 0, drawnWidth, drawnHeight);
    };
    globalThis.wholePicture = (bitmap) => drawSquare(bitmap, { left: 0, top: 0, width: bitmap.width,
      height: bitmap.height, drawnWidth: bitmap.width, drawnHeight: bitmap.height });
  })()`);

  return {
    call: (name, request) => page.evaluate(`callAnalysis('${name}', ${JSON.stringify(request)})`),
    findFaces: async (png) => {
      const first = await page.evaluate<{ readonly faces: readonly DetectedFace[]; readonly frame: Size }>(
        `(async () => {
          globalThis.bitmap = await decodePng('${png}');
          const frame = { width: bitmap.width, height: bitmap.height };
          const { faces } = await callAnalysis('findFaces', { thumbnail: wholePicture(bitmap), frame });
          return { faces, frame };
        })()`,
      );
      const looks = secondLooks(first.faces);
      const second = await page.evaluate<
        CallReply<'findFacesInSquares'>
      >(`callAnalysis('findFacesInSquares', {
        squares: ${JSON.stringify(looks)}.map(({ square }) => ({ square, picture: drawSquare(bitmap, {
          left: square.left, top: square.top, width: square.sidePixels, height: square.sidePixels,
          drawnWidth: square.drawnSidePixels, drawnHeight: square.drawnSidePixels }) })) })`);
      return refineFaces(looks, second.faces);
    },
    judge: (pngs) =>
      page.evaluate(`(async () => {
        const crops = (await Promise.all(${JSON.stringify(pngs)}.map(decodePng))).map(wholePicture);
        const { faces } = await callAnalysis('judgeFaces', { crops, firstIndex: 0 });
        return faces.map(({ logits }) => logits);
      })()`),
  };
}

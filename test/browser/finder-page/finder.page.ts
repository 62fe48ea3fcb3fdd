import { createFaceDetector } from '../../../models/face/face-detector.ts';
import { createFaceFinder } from '../../../models/face/face-finder.ts';
import type { FollowedFace } from '../../../models/face/tracks.ts';
import { createPictureCutter } from '../../../models/image/picture-cutter.ts';
import { toRaster } from '../../../models/image/raster-image.ts';
import { refineFaces, regionOfSquare, secondPasses } from '../../../models/scan/regions.ts';

// A module Worker has this function, and it throws: then MediaPipe imports its loader as a module, here as there.
Object.assign(globalThis, {
  importScripts: () => {
    throw new TypeError('no scripts in a module');
  },
});

/** As the engine's Worker loads it. */
const finding = createFaceDetector({
  wasmDirectory: new URL('/mediapipe', location.origin).href,
  modelUrl: new URL('/models/face_detection_full_range_sparse.tflite', location.origin).href,
}).then(createFaceFinder);

/** Both passes on one picture, a PNG in base64. */
async function findFaces(png: string): Promise<readonly FollowedFace[]> {
  const finder = await finding;
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const { width, height } = bitmap;
  const cutter = createPictureCutter();
  cutter.paint(width, height, (context) => context.drawImage(bitmap, 0, 0));
  const [whole] = cutter.cut([{ left: 0, top: 0, width, height, outWidth: width, outHeight: height }]);
  const passes = secondPasses(finder.findFirst(toRaster(whole!), { width, height }));
  const squares = cutter.cut(passes.map(({ square }) => regionOfSquare(square)));
  cutter.release();
  const pictures = squares.map(toRaster);
  return refineFaces(
    passes,
    passes.map(({ square }, index) => finder.findInSquare(pictures[index]!, square)),
    pictures,
  );
}

Object.assign(globalThis, { findFaces });

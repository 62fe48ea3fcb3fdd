import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { buildExtension, buildTestExtension } from './extension.ts';
import { buildTestPages } from './test-pages.ts';

/**
 * Makes everything that browser and end-to-end tests share on the disk, once for a whole `npm test`: the second project
 * that runs it finds it made. No test file builds anything, so that files can run side by side.
 */
export async function setup(): Promise<void> {
  await ensureTestVideos();
  await buildExtension();
  await buildTestExtension();
  await buildTestPages();
}

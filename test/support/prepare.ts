import { buildExtension, buildTestExtension } from './extension.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';

/** Once before all end-to-end tests: what every one of them runs is the built extension. */
export async function setup(): Promise<void> {
  await ensureTestVideos();
  await buildExtension();
  await buildTestExtension();
}

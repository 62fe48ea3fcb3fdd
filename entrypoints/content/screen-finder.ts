import type { FrameWorld, ScreenFinder } from '../../utils/browser/frame-world.ts';
import { ask } from '../../utils/browser/messages.ts';

/**
 * Finds videos on the screen. It is a script of its own, which the background injects at the first request, since few checks
 * need it.
 * @throws DetectorError `page-refused` if the browser does not let the script in, or `unreachable`
 */
export async function screenFinder(): Promise<ScreenFinder | null> {
  const world: FrameWorld = globalThis;
  if (world.trueFrameScreen === undefined) await ask('background', 'putScreenScript', null);
  return world.trueFrameScreen ?? null;
}

/** After an update the next content script must not find the finder of the former version. */
export function forgetScreenFinder(): void {
  const world: FrameWorld = globalThis;
  delete world.trueFrameScreen;
}

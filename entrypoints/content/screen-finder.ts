import type { FrameWorld, ScreenFinder } from '../../utils/browser/frame-world.ts';
import { ask } from '../../utils/browser/messages.ts';

/**
 * What finds a video on the screen. It is a script of its own, put beside this one at the first question, since few checks need it.
 * @throws DetectorError `page-refused` where the browser does not let it in, or `unreachable`
 */
export async function screenFinder(): Promise<ScreenFinder | null> {
  const world: FrameWorld = globalThis;
  if (world.trueFrameScreen === undefined) await ask('background', 'putScreenScript', null);
  return world.trueFrameScreen ?? null;
}

/** After an update the next content script must not find the former version's. */
export function forgetScreenFinder(): void {
  const world: FrameWorld = globalThis;
  delete world.trueFrameScreen;
}

import { inWorld } from '../../utils/browser/frame-world.ts';
import type { FrameWorld, ScriptOnDemand } from '../../utils/browser/frame-world.ts';
import { ask } from '../../utils/browser/messages.ts';

/**
 * A part of the extension that few checks need. It is a script of its own, which the background puts in at the first request.
 * @throws DetectorError `page-refused` if the browser does not let the script in, or `unreachable`
 */
export async function onDemand<Name extends ScriptOnDemand>(script: Name): Promise<FrameWorld[Name]> {
  if (inWorld(script) === undefined) await ask('background', 'putScript', { script });
  return inWorld(script);
}

/** After an update the next content script must not find the script of the former version. */
export function forgetOnDemand(): void {
  const world: FrameWorld = globalThis;
  delete world.trueFrameScreen;
  delete world.trueFrameFaces;
}

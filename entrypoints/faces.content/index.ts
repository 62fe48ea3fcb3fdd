import { defineContentScript } from 'wxt/utils/define-content-script';
import type { FrameWorld } from '../../utils/browser/frame-world.ts';
import { followFaces } from './follow-faces.tsx';

export default defineContentScript({
  // The manifest does not list this script: the content script has it injected when the user opens the card of a verdict.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  main() {
    const world: FrameWorld = globalThis;
    world.trueFrameFaces = { follow: followFaces };
  },
});

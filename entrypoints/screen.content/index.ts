import { defineContentScript } from 'wxt/utils/define-content-script';
import type { FrameWorld } from '../../utils/browser/frame-world.ts';
import { findScreenPlace, lookAtVideo } from './screen-place.ts';

export default defineContentScript({
  // The manifest does not list this script: the content script has it injected when a scan captures the screen.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  main() {
    const world: FrameWorld = globalThis;
    world.trueFrameScreen = { findPlace: findScreenPlace, look: lookAtVideo };
  },
});

import { defineContentScript } from 'wxt/utils/define-content-script';
import type { FrameWorld } from '../../utils/browser/frame-world.ts';
import { findScreenPlace } from './screen-place.ts';

export default defineContentScript({
  // In no manifest: the content script asks for it when the user asks for the screen, and takes it away at its own end.
  registration: 'runtime',
  noScriptStartedPostMessage: true,
  main() {
    const world: FrameWorld = globalThis;
    world.trueFrameScreen = { findPlace: findScreenPlace };
  },
});

import { browser } from 'wxt/browser';
import DetectionWorker from './detection.worker.ts?worker';
import type { DetectionReply, DetectionRequest } from './detection.worker.ts';

/** The one port over which frames come. Only this document listens on it. */
const FRAMES_PORT = 'frames';

const worker = new DetectionWorker();

browser.runtime.onConnect.addListener((port) => {
  if (port.name !== FRAMES_PORT || port.sender?.id !== browser.runtime.id) return;
  const waiting = new Set<number>();
  const relay = (event: MessageEvent<DetectionReply>): void => {
    if (waiting.delete(event.data.id)) port.postMessage(event.data);
  };
  worker.addEventListener('message', relay);
  port.onMessage.addListener((message: unknown) => {
    const request = message as DetectionRequest;
    waiting.add(request.id);
    worker.postMessage(request);
  });
  port.onDisconnect.addListener(() => worker.removeEventListener('message', relay));
});

import { browser } from 'wxt/browser';
import { FRAMES_PORT } from '../../utils/domain/frames-port.ts';
import type { ContentToHost, HostToContent } from '../../utils/domain/frames-port.ts';
import { ask } from '../../utils/browser/messages.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { ScanState } from '../../utils/domain/scan.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { describeCheckable } from './checkable.ts';
import type { Checkable } from './checkable.ts';

export type RunningCheck = { readonly scanId: string; readonly cancel: () => void };

/**
 * Lets the host read and check a file or an address. This page speaks to it as a content script does, but has no
 * element to take frames from.
 * @param onState every change, up to the final state
 */
export function startCheck(checkable: Checkable, onState: (state: ScanState) => void): RunningCheck {
  const scanId = crypto.randomUUID();
  let isOver = false;
  let close = (): void => undefined;

  const end = (state: ScanState): void => {
    if (isOver) return;
    isOver = true;
    close();
    onState(state);
  };
  const loseHost = (error: unknown): void =>
    end({ kind: 'failed', code: 'host-lost', message: String(error) });

  const run = async (): Promise<void> => {
    const { framesAsked } = await readSettings();
    await ask('background', 'openHost', null);
    if (isOver) return;
    const port = browser.runtime.connect({ name: FRAMES_PORT });
    close = () => port.disconnect();
    const send = (message: ContentToHost): void => port.postMessage(message);
    port.onDisconnect.addListener(() => loseHost('the host went away'));
    port.onMessage.addListener((received: unknown) => {
      const message = received as HostToContent;
      if (isOver) return;
      if (message.type === 'state') {
        if (isFinal(message.state)) end(message.state);
        else onState(message.state);
      } else if (message.type === 'way' && message.way === 'element') {
        // The host could not read the file, and here is no picture of it either.
        send({ type: 'refuse', reason: 'unreadable' });
      }
    });
    send({
      type: 'start',
      scanId,
      video: describeCheckable(checkable),
      framesAsked,
      ...(checkable.kind === 'file' && { file: checkable.file }),
    });
  };

  onState({ kind: 'loading-model' });
  run().catch(loseHost);
  return { scanId, cancel: () => end({ kind: 'cancelled' }) };
}

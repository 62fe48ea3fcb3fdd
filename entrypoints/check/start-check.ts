import { browser } from 'wxt/browser';
import { CHECK_PORT } from '../../utils/domain/frames-port.ts';
import type { CheckRequest } from '../../utils/domain/frames-port.ts';
import { ask } from '../../utils/browser/messages.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { ScanState } from '../../utils/domain/scan.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { describeCheckable } from './checkable.ts';
import type { Checkable } from './checkable.ts';

export type RunningCheck = { readonly scanId: string; readonly cancel: () => void };

/**
 * Lets the host read and check a file or an address.
 * @param onState every change, up to the final state
 */
export function startCheck(checkable: Checkable, onState: (state: ScanState) => void): RunningCheck {
  const scanId = crypto.randomUUID();
  let isOver = false;
  let close = (): void => undefined;

  const show = (state: ScanState): void => {
    if (isOver) return;
    isOver = isFinal(state);
    if (isOver) close();
    onState(state);
  };
  const loseHost = (error: unknown): void =>
    show({ kind: 'failed', code: 'host-lost', message: String(error) });

  const run = async (): Promise<void> => {
    const { framesAsked } = await readSettings();
    await ask('background', 'openHost', null);
    if (isOver) return;
    const port = browser.runtime.connect({ name: CHECK_PORT });
    close = () => port.disconnect();
    port.onDisconnect.addListener(() => loseHost('the host went away'));
    // Only the host listens on this port, so only the host speaks on it.
    port.onMessage.addListener((state: unknown) => show(state as ScanState));
    port.postMessage({
      scanId,
      video: describeCheckable(checkable),
      framesAsked,
      ...(checkable.kind === 'file' && { file: checkable.file }),
    } satisfies CheckRequest);
  };

  show({ kind: 'loading-model' });
  run().catch(loseHost);
  return { scanId, cancel: () => show({ kind: 'cancelled' }) };
}

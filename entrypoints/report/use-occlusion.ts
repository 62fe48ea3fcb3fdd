import { useEffect, useRef, useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { ask } from '../../utils/browser/messages.ts';
import { OCCLUSION_PORT } from '../../utils/domain/occlusion.ts';
import type { OcclusionRequest, OcclusionState } from '../../utils/domain/occlusion.ts';

/** The map of one face, while it is made and once it is complete; null before, and after a cancellation. */
export function useOcclusion(): {
  readonly state: OcclusionState | null;
  readonly start: (request: OcclusionRequest) => void;
  readonly cancel: () => void;
} {
  const [state, setState] = useState<OcclusionState | null>(null);
  const end = useRef<() => void>(() => undefined);
  useEffect(() => () => end.current(), []);

  return {
    state,
    start: (request) => {
      end.current();
      setState({ kind: 'working', done: 0, all: 0 });
      end.current = requestMap(request, setState);
    },
    cancel: () => {
      end.current();
      setState(null);
    },
  };
}

/**
 * Asks the host for a map.
 * @returns cancels the map; no further state follows
 */
function requestMap(request: OcclusionRequest, onState: (state: OcclusionState) => void): () => void {
  let isOver = false;
  let close = (): void => undefined;
  const end = (): void => {
    isOver = true;
    close();
  };
  const show = (state: OcclusionState): void => {
    if (isOver) return;
    if (state.kind !== 'working') end();
    onState(state);
  };
  const run = async (): Promise<void> => {
    await ask('background', 'openHost', null);
    if (isOver) return;
    const port = browser.runtime.connect({ name: OCCLUSION_PORT });
    close = () => port.disconnect();
    port.onDisconnect.addListener(() => show({ kind: 'failed', code: 'unreachable' }));
    // Only the host listens on this port, so only the host speaks on it.
    port.onMessage.addListener((state: unknown) => show(state as OcclusionState));
    port.postMessage(request);
  };
  run().catch(() => show({ kind: 'failed', code: 'unreachable' }));
  return end;
}

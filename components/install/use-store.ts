import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isInstalling } from '../../utils/domain/installation.ts';
import type { InstallationState, StoreOverview } from '../../utils/domain/installation.ts';

export type StoreAndState = { readonly store: StoreOverview; readonly state: InstallationState };

type StoreOptions = {
  /** The same function each time. */
  readonly read: () => Promise<StoreOverview>;
  /** Whether a network that is being tested is shown already. */
  readonly showsUntested: boolean;
};

/**
 * What the store holds, read at first and whenever an installation or one of its networks begins or ends, together with
 * the installation's state: an end is shown only with what it has left, so that nothing is offered for a moment that is
 * there already.
 * @returns `shown` null before the first reading; `refresh` reads again
 */
export function useStore(
  state: InstallationState | null,
  { read, showsUntested }: StoreOptions,
): { readonly shown: StoreAndState | null; readonly refresh: () => Promise<void> } {
  const [known, setKnown] = useState<{ readonly phase: string; readonly store: StoreOverview } | null>(null);
  const shown = useRef<StoreAndState | null>(null);
  const phase = state === null ? null : phaseOf(state);

  useEffect(() => {
    if (phase === null || (phase === 'testing' && !showsUntested && shown.current !== null)) return undefined;
    let isCurrent = true;
    void read().then((store) => {
      if (isCurrent) setKnown({ phase, store });
    });
    return () => {
      isCurrent = false;
    };
  }, [phase, read, showsUntested]);

  const refresh = useCallback(async () => {
    const store = await read();
    setKnown((current) => current && { ...current, store });
  }, [read]);

  if (state !== null && known !== null && (isInstalling(state) || known.phase === phase)) {
    shown.current = { store: known.store, state };
  }
  return { shown: shown.current, refresh };
}

/** With the second network's download the first one is there. */
function phaseOf(state: InstallationState): string {
  return state.kind === 'downloading' ? `${state.kind} ${String(state.step)}` : state.kind;
}

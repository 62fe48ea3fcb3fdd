import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { installationTitle, isInstalling } from '../../utils/domain/installation.ts';
import type { InstallationState, InstallRequest, StoreOverview } from '../../utils/domain/installation.ts';

/** The page's way to what installs: components know no browser. */
export type InstallationClient = {
  /** Calls back with the present state and each later one. @returns stops following */
  readonly follow: (onState: (state: InstallationState) => void) => () => void;
  /** Resolves with the state right after; one that could not begin is `failed`. */
  readonly start: (request: InstallRequest) => Promise<InstallationState>;
  readonly cancel: () => Promise<void>;
};

export type Installation = {
  /** null until it is known. */
  readonly state: InstallationState | null;
  readonly start: (request: InstallRequest) => void;
  readonly cancel: () => void;
};

/** The one installation of the extension, whichever page began it. @param client the same object each time */
export function useInstallation(client: InstallationClient): Installation {
  const [state, setState] = useState<InstallationState | null>(null);
  // Counts what was heard, so that an answer that was overtaken is left alone.
  const heard = useRef(0);
  const hear = useCallback((next: InstallationState) => {
    const isNews = heard.current > 0 || !isOver(next);
    heard.current += 1;
    setState(isNews ? next : { kind: 'idle' });
  }, []);
  useEffect(() => client.follow(hear), [client, hear]);

  async function start(request: InstallRequest): Promise<void> {
    // At once, so that a second press finds no button: to open the host takes a moment.
    hear({ kind: 'preparing', title: installationTitle(request) });
    const heardBefore = heard.current;
    const reply = await client.start(request);
    if (heard.current === heardBefore) hear(reply);
  }

  return { state, start: (request) => void start(request), cancel: () => void client.cancel() };
}

/** What ended before this page was opened, and needs nothing any more: only a failed download waits for the user. */
function isOver(state: InstallationState): boolean {
  return (
    state.kind === 'installed' ||
    state.kind === 'cancelled' ||
    (state.kind === 'failed' && state.items.length === 0)
  );
}

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

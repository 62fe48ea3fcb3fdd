import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { installationTitle, isInstalling } from '../../utils/domain/installation.ts';
import type {
  DetectorOffer,
  InstallationState,
  InstallItem,
  InstallRequest,
  StoreOverview,
} from '../../utils/domain/installation.ts';

/** The page's access to the installer, since components have none to the browser. */
export type InstallationClient = {
  /** Calls back with the present state and each later one. @returns stops following */
  readonly follow: (onState: (state: InstallationState) => void) => () => void;
  /** Resolves with the state right after; one that could not begin is `failed`. */
  readonly start: (request: InstallRequest) => Promise<InstallationState>;
  readonly cancel: () => Promise<void>;
  /** Asks the user for the publishers' hosts, in the task of a click. Resolves with whether the user allowed them. */
  readonly askForHosts: (offers: readonly DetectorOffer[], items: readonly InstallItem[]) => Promise<boolean>;
  readonly chooseAllNetworks: (detectorId: string) => Promise<void>;
  readonly downloadRequest: (
    offers: readonly DetectorOffer[],
    items: readonly InstallItem[],
  ) => InstallRequest;
};

export type Installation = {
  /** null until it is known. */
  readonly state: InstallationState | null;
  readonly start: (request: InstallRequest) => void;
  readonly download: (offers: readonly DetectorOffer[], items: readonly InstallItem[]) => void;
  /** To be called in the task of a click: the browser first asks the user for the publishers' hosts. */
  readonly allowAndDownload: Installation['download'];
  /** All networks of this detector judge from now on. */
  readonly chooseAllNetworks: (detectorId: string) => void;
  readonly cancel: () => void;
};

/** The one installation of the extension, whichever page began it. @param client the same object each time */
export function useInstallation(client: InstallationClient): Installation {
  const [state, setState] = useState<InstallationState | null>(null);
  // Counts the states that were received, so that an older answer does not replace a newer state.
  const heard = useRef(0);
  const hear = useCallback((next: InstallationState) => {
    const isNews = heard.current > 0 || !isOver(next);
    heard.current += 1;
    setState(isNews ? next : { kind: 'idle' });
  }, []);
  useEffect(() => client.follow(hear), [client, hear]);

  async function start(request: InstallRequest): Promise<void> {
    // The state changes before the host answers: opening the host takes a moment, and a second click must find no
    // button.
    hear({ kind: 'preparing', title: installationTitle(request) });
    const heardBefore = heard.current;
    const reply = await client.start(request);
    if (heard.current === heardBefore) hear(reply);
  }

  const download: Installation['download'] = (offers, items) =>
    void start(client.downloadRequest(offers, items));
  return {
    state,
    start: (request) => void start(request),
    download,
    allowAndDownload: (offers, items) =>
      void client.askForHosts(offers, items).then((isAllowed) => isAllowed && download(offers, items)),
    chooseAllNetworks: (detectorId) => void client.chooseAllNetworks(detectorId),
    cancel: () => void client.cancel(),
  };
}

/** Whether an installation that ended before this page was opened needs nothing more: only a failed download waits for the user. */
function isOver(state: InstallationState): boolean {
  return (
    state.kind === 'installed' ||
    state.kind === 'cancelled' ||
    (state.kind === 'failed' && state.items.length === 0)
  );
}

export type StoreAndState = { readonly store: StoreOverview; readonly state: InstallationState };

type StoreOptions = {
  /** Reads the content of the store; the same function at each call. */
  readonly read: () => Promise<StoreOverview>;
  /** Whether a network that is being tested is shown already. */
  readonly showsUntested: boolean;
};

/**
 * The content of the store, read at first and when an installation or one of its networks begins or ends, with the state of
 * the installation. An end is shown only together with the content after it, so that the page never offers a network that is
 * installed already.
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

/** Each network's download is a phase of its own: when the second begins, the first network is installed. */
function phaseOf(state: InstallationState): string {
  return state.kind === 'downloading' ? `${state.kind} ${String(state.step)}` : state.kind;
}

import { useEffect, useId, useState } from 'preact/hooks';
import { isInstalling } from '../../utils/domain/installation.ts';
import type {
  DownloadWait,
  InstallationState,
  InstallProgress as Bytes,
  StoreOverview,
} from '../../utils/domain/installation.ts';
import { t } from '../texts.tsx';
import { InstallFailure } from './install-failure.tsx';
import {
  announcementOf,
  cancelledWords,
  installTitle,
  progressOf,
  progressWords,
  waitWords,
} from './install-words.ts';
import type { Installation } from './use-installation.ts';

type InstallProgressProps = {
  /** A state in which an installation runs. */
  readonly state: InstallationState;
  readonly onCancel: () => void;
};

/**
 * Shows an installation while it runs, and why it ended if it ended early.
 * @param state any state but that of a complete installation
 */
export function InstallStatus({ installation, state, store }: InstallStatusProps) {
  if (isInstalling(state)) return <InstallProgress state={state} onCancel={installation.cancel} />;
  if (state.kind === 'cancelled') return <p role="status">{cancelledWords(store.partials)}</p>;
  if (state.kind !== 'failed') return null;
  return (
    <InstallFailure state={state} onAllow={() => installation.allowAndDownload(store.offers, state.items)} />
  );
}

export type InstallStatusProps = {
  readonly installation: Installation;
  readonly state: InstallationState;
  readonly store: StoreOverview;
};

/** Bytes, speed and time left of an installation, why it waits, and the button that cancels it. */
function InstallProgress({ state, onCancel }: InstallProgressProps) {
  const titleId = useId();
  // The installer first finishes the block that it is writing, which takes a moment.
  const [isCancelling, setCancelling] = useState(false);
  const progress = progressOf(state);
  const wait = state.kind === 'downloading' ? state.wait : null;
  return (
    <div class="card stack">
      <div class="bar">
        <h3 id={titleId} class="breakable">
          {installTitle(state)}
        </h3>
        <button
          type="button"
          class="push"
          onClick={() => {
            setCancelling(true);
            onCancel();
          }}
        >
          {t(isCancelling ? 'install.cancelling' : 'action.cancel')}
        </button>
      </div>
      <ByteProgress aria-labelledby={titleId} bytes={progress} />
      {progress === null ? null : (
        // A download that waits has no speed.
        <p class="small quiet number">
          {progressWords(wait === null ? progress : { ...progress, bytesPerSecond: null })}
        </p>
      )}
      {wait === null ? null : <Wait wait={wait} />}
      {state.kind === 'downloading' ? <p class="small quiet">{t('install.canClose')}</p> : null}
      <p class="hidden-text" role="status">
        {announcementOf(state)}
      </p>
    </div>
  );
}

type ByteProgressProps = {
  readonly 'aria-label'?: string;
  readonly 'aria-labelledby'?: string;
  /** null if the number of bytes is unknown. */
  readonly bytes: Pick<Bytes, 'doneByteLength' | 'totalByteLength'> | null;
};

/** A progress bar of bytes. */
export function ByteProgress({ bytes, ...label }: ByteProgressProps) {
  if (bytes === null) return <progress {...label} />;
  return <progress {...label} max={bytes.totalByteLength} value={bytes.doneByteLength} />;
}

/** Shows why a download waits, and counts down each second. */
function Wait({ wait }: { readonly wait: DownloadWait }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <p class="tone-not-sure number">{waitWords(wait, now)}</p>;
}

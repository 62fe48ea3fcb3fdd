import { useEffect, useId, useState } from 'preact/hooks';
import type { DownloadWait, InstallationState } from '../../utils/domain/installation.ts';
import { t } from '../texts.tsx';
import { announcementOf, installTitle, progressOf, progressWords, waitWords } from './install-words.ts';

type InstallProgressProps = {
  /** One in which something is being installed. */
  readonly state: InstallationState;
  readonly onCancel: () => void;
};

/** How an installation goes: bytes, speed, time left, why it waits, and the way to end it. */
export function InstallProgress({ state, onCancel }: InstallProgressProps) {
  const titleId = useId();
  // A block that is being written is finished first, which takes a moment.
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
      {progress === null ? (
        <progress aria-labelledby={titleId} />
      ) : (
        <progress aria-labelledby={titleId} max={progress.totalByteLength} value={progress.doneByteLength} />
      )}
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

/** Counts down each second. */
function Wait({ wait }: { readonly wait: DownloadWait }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <p class="tone-not-sure number">{waitWords(wait, now)}</p>;
}

import type { InstallationState, PartialDownload } from '../../utils/domain/installation.ts';
import { formatBytes } from '../format.ts';
import { t } from '../texts.tsx';
import { problemOf } from './install-failure.tsx';
import { ByteProgress } from './install-progress.tsx';
import { installTitle, progressOf, shortProgressWords } from './install-words.ts';

type SetUpNoteProps = {
  readonly state: InstallationState;
  readonly isInstalling: boolean;
  /** Downloads that were begun. */
  readonly partials: readonly PartialDownload[];
  /** Whether a network is installed whose files are not as they should be. */
  readonly isDamaged: boolean;
  /** Opens the page that installs. */
  readonly onSetUp: () => void;
  readonly onContinue: () => void;
};

/** The popup's note until a network is installed: the reason, and one button. */
export function SetUpNote(props: SetUpNoteProps) {
  const { state, isInstalling, partials, onSetUp, onContinue } = props;
  if (isInstalling) return <InstallingNote {...props} />;
  const canContinue = partials.length > 0 && (state.kind !== 'failed' || problemOf(state).action === 'again');
  return (
    <div class="note stack">
      <p>{reason(props)}</p>
      <p>
        <button type="button" class="primary" onClick={canContinue ? onContinue : onSetUp}>
          {t(canContinue ? 'install.continue' : 'action.setUp')}
        </button>
      </p>
    </div>
  );
}

/** The progress in one line, with the words of the page that installs. */
function InstallingNote({ state, onSetUp }: SetUpNoteProps) {
  const title = installTitle(state) ?? '';
  const progress = progressOf(state);
  const isWaiting = state.kind === 'downloading' && state.wait !== null;
  return (
    <div class="note">
      <div class="bar">
        <p class="one-line">{title}</p>
        <button type="button" class="plain small push" onClick={onSetUp}>
          {t('install.show')}
        </button>
      </div>
      <ByteProgress aria-label={title} bytes={progress} />
      {progress === null ? null : (
        <p class="small quiet number one-line">
          {isWaiting
            ? t('install.waiting', { progress: shortProgressWords({ ...progress, bytesPerSecond: null }) })
            : shortProgressWords(progress)}
        </p>
      )}
    </div>
  );
}

function reason({ state, partials, isDamaged }: SetUpNoteProps): string {
  if (state.kind === 'failed') return t('install.stopped', { problem: problemOf(state).title });
  if (partials.length > 0) {
    const sum = (byteLengthOf: (partial: PartialDownload) => number): string =>
      formatBytes(partials.reduce((total, partial) => total + byteLengthOf(partial), 0));
    return t('install.incomplete', {
      done: sum(({ doneByteLength }) => doneByteLength),
      all: sum(({ totalByteLength }) => totalByteLength),
    });
  }
  return t(isDamaged ? 'install.damaged' : 'refusal.modelMissing.sentence');
}

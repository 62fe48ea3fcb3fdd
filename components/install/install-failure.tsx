import type { InstallationState } from '../../utils/domain/installation.ts';
import { t } from '../texts.tsx';
import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import { PUBLISHER_HOST } from './install-words.ts';

export type FailedInstallation = Extract<InstallationState, { kind: 'failed' }>;

type InstallFailureProps = {
  readonly state: FailedInstallation;
  /** Asks the browser for the permission and then goes on; runs in the click. */
  readonly onAllow: () => void;
};

/** Why an installation failed and what helps. To try again is the matter of what stands below it. */
export function InstallFailure({ state, onAllow }: InstallFailureProps) {
  const { title, remedy, action } = problemOf(state);
  return (
    <div class="card problem stack" role="alert">
      <h3>{title}</h3>
      <p>{remedy}</p>
      {action === 'allow' ? (
        <p>
          <button type="button" class="primary" onClick={onAllow}>
            {t('install.allowAndContinue')}
          </button>
        </p>
      ) : null}
      {state.message === '' ? null : (
        <p class="small quiet">
          <code class="breakable">{state.message}</code>
        </p>
      )}
    </div>
  );
}

/** Words and remedy for a failed installation. */
export function problemOf({ code, items }: FailedInstallation): InstallProblem {
  return explainInstallProblem(code, items.length > 0 ? 'publisher' : 'disk');
}

/** Why an installation failed, in words that need no knowledge of checkpoints. */
export type InstallProblem = {
  /** What happened. */
  readonly title: string;
  /** What can be done about it. */
  readonly remedy: string;
  /**
   * What a button offers. `allow`: the user lets the browser read the publisher's answers, and it goes on. `again`: the
   * same once more. `none`: something else has to be done or chosen first.
   */
  readonly action: 'allow' | 'again' | 'none';
};

/**
 * Words for each way in which an installation fails; the error's own message goes below as detail.
 * @param from where the bytes came from: the same failure of a download and of a chosen file have other remedies
 */
export function explainInstallProblem(code: DetectorErrorCode, from: 'publisher' | 'disk'): InstallProblem {
  if (from === 'disk') return { ...wordsOf(problemOfFile(code)), action: 'none' };
  if (code !== 'download-blocked') return { ...wordsOf(problemOfDownload(code)), action: 'again' };
  return {
    title: t('install.problem.permissionNeeded.title', { host: PUBLISHER_HOST }),
    remedy: t('install.problem.permissionNeeded.remedy'),
    action: 'allow',
  };
}

type Problem = ReturnType<typeof problemOfDownload> | ReturnType<typeof problemOfFile>;

function wordsOf(problem: Problem): Pick<InstallProblem, 'title' | 'remedy'> {
  return { title: t(`install.problem.${problem}.title`), remedy: t(`install.problem.${problem}.remedy`) };
}

function problemOfDownload(code: DetectorErrorCode) {
  switch (code) {
    case 'source-changed':
      return 'fileChanged';
    case 'source-refused':
      return 'publisherRefuses';
    case 'source-failed':
      return 'connectionBreaks';
    case 'storage-full':
      return 'storageFull';
    case 'checkpoint-malformed':
    case 'checkpoint-unsupported':
    case 'checkpoint-refused':
    case 'checkpoint-too-large':
    case 'network-mismatch':
      return 'notThePublishedFile';
    case 'runtime-failed':
      return 'doesNotRun';
    case 'unreachable':
      return 'installerGone';
    default:
      return 'unexpected';
  }
}

function problemOfFile(code: DetectorErrorCode) {
  switch (code) {
    case 'checkpoint-malformed':
      return 'checkpointIncomplete';
    case 'checkpoint-unsupported':
      return 'checkpointUnreadable';
    case 'checkpoint-refused':
      return 'checkpointRunsCode';
    case 'checkpoint-too-large':
      return 'checkpointTooLarge';
    case 'network-mismatch':
      return 'otherNetwork';
    case 'model-invalid':
      return 'folderIncomplete';
    case 'storage-full':
      return 'storageFullForFile';
    case 'source-failed':
    case 'source-changed':
      return 'fileCutShort';
    case 'options-invalid':
      return 'weightsDoNotFit';
    default:
      return 'unexpected';
  }
}

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

/** Why an installation failed, and the remedy. The form below it starts another attempt. */
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
   * The action of the button. `allow`: the user lets the browser read the publisher's answers, and the download goes
   * on. `again`: the same request once more. `none`: the user has to do or choose something else first.
   */
  readonly action: 'allow' | 'again' | 'none';
};

/**
 * Words for each way in which an installation fails. The error's own message is shown below them as a detail.
 * @param from the source of the bytes: the same failure has one remedy for a download and another one for a chosen
 *   file
 */
export function explainInstallProblem(code: DetectorErrorCode, from: 'publisher' | 'disk'): InstallProblem {
  if (from === 'disk') return { ...wordsOf(code, FILE_PROBLEMS), action: 'none' };
  if (code !== 'download-blocked') return { ...wordsOf(code, DOWNLOAD_PROBLEMS), action: 'again' };
  return {
    title: t('install.problem.permissionNeeded.title', { host: PUBLISHER_HOST }),
    remedy: t('install.problem.permissionNeeded.remedy'),
    action: 'allow',
  };
}

/** Problems of a download by error code; every other failure is unexpected. */
const DOWNLOAD_PROBLEMS = {
  'source-changed': 'fileChanged',
  'source-refused': 'publisherRefuses',
  'source-failed': 'connectionBreaks',
  'storage-full': 'storageFull',
  'checkpoint-malformed': 'notThePublishedFile',
  'checkpoint-unsupported': 'notThePublishedFile',
  'checkpoint-refused': 'notThePublishedFile',
  'checkpoint-too-large': 'notThePublishedFile',
  'network-mismatch': 'notThePublishedFile',
  'runtime-failed': 'doesNotRun',
  unreachable: 'installerGone',
  'set-by-administrator': 'setByAdministrator',
} as const;

/** Problems of a file or folder from the disk, by error code. */
const FILE_PROBLEMS = {
  'checkpoint-malformed': 'checkpointIncomplete',
  'checkpoint-unsupported': 'checkpointUnreadable',
  'checkpoint-refused': 'checkpointRunsCode',
  'checkpoint-too-large': 'checkpointTooLarge',
  'network-mismatch': 'otherNetwork',
  'model-invalid': 'folderIncomplete',
  'storage-full': 'storageFullForFile',
  'source-failed': 'fileCutShort',
  'source-changed': 'fileCutShort',
  'options-invalid': 'weightsDoNotFit',
} as const;

type Problem = Values<typeof DOWNLOAD_PROBLEMS> | Values<typeof FILE_PROBLEMS> | 'unexpected';
type Values<Of> = Of[keyof Of];
type Table = Readonly<Partial<Record<DetectorErrorCode, Problem>>>;

function wordsOf(code: DetectorErrorCode, problems: Table): Pick<InstallProblem, 'title' | 'remedy'> {
  const problem = problems[code] ?? 'unexpected';
  return { title: t(`install.problem.${problem}.title`), remedy: t(`install.problem.${problem}.remedy`) };
}

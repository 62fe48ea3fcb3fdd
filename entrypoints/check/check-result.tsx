import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { scoreAndFramesText, wordsOfState } from '../../components/report/verdict-words.ts';
import { isDemoState, isWorking, progressOf } from '../../components/scan-progress.ts';
import { t } from '../../components/texts.tsx';
import { browser } from 'wxt/browser';
import type { FileProblem, ScanState } from '../../utils/domain/scan.ts';
import { describeCheckable } from './use-check.ts';
import type { Checkable, ShownCheck } from './use-check.ts';

type CheckResultProps = {
  readonly shown: ShownCheck;
  readonly onCancel: () => void;
  readonly onAgain: () => void;
  readonly onAllow: (host: string) => void;
};

/** The check that is under way, or its verdict, with buttons for what the user can do next. */
export function CheckResult(props: CheckResultProps) {
  const { checkable, state, scanId } = props.shown;
  const { shape, tone, title } = wordsOfState(state);
  const isDemo = isDemoState(state);
  const isJudged = state.kind === 'finished' && state.report.verdict.kind !== 'refused';
  const working = isWorking(state);
  return (
    <section class={`stack ${isDemo ? 'demo-ground' : ''}`} aria-labelledby="result">
      <p class="quiet one-line" dir="auto">
        {describeCheckable(checkable).title}
      </p>
      <div class="result">
        <VerdictMark
          shape={shape}
          tone={tone}
          progress={state.kind === 'running' ? progressOf(state) : null}
          sizePixels={40}
        />
        <h2 id="result" class={`tone-${tone} number`}>
          {title}
        </h2>
        {/* A screen reader does not read the count of frames aloud: it changes fifteen times. */}
        <p class="hidden-text" role="status">
          {working ? t('scan.running.announcement') : title}
        </p>
        <p class="quiet number">{numbersOf(state)}</p>
        <p>{sentenceOf(state, checkable)}</p>
        {isJudged ? <p class="quiet small">{t('verdict.limits')}</p> : null}
        <div class="bar">
          {working ? (
            <button type="button" onClick={props.onCancel}>
              {t('action.cancel')}
            </button>
          ) : (
            <Actions {...props} />
          )}
          {isJudged ? (
            <a class="button" href={`/report.html#${encodeURIComponent(scanId)}`} target="_blank">
              {t('action.details')}
            </a>
          ) : null}
        </div>
      </div>
    </section>
  );
}

function Actions({ shown: { state }, onAgain, onAllow }: CheckResultProps) {
  const { remedy } = wordsOfState(state);
  const host = state.kind === 'finished' ? (state.waysOut?.hostToAllow ?? null) : null;
  if (remedy === 'install-model') {
    return (
      <button type="button" class="primary" onClick={() => void browser.runtime.openOptionsPage()}>
        {t('action.addNetwork')}
      </button>
    );
  }
  return (
    <>
      {host === null ? null : (
        <button type="button" class="primary" onClick={() => onAllow(host)}>
          {t('action.allow', { host })}
        </button>
      )}
      <button type="button" onClick={onAgain}>
        {t('action.checkAgain')}
      </button>
    </>
  );
}

function numbersOf(state: ScanState): string {
  if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') return '';
  return scoreAndFramesText(state.report);
}

/** Why the browser, which may well be able to play a file, could not read it; null for another problem. */
function problemSentence(problem: FileProblem | undefined): string | null {
  switch (problem) {
    case 'damaged':
      return t('refusal.unreadable.damaged');
    case 'no-picture':
      return t('refusal.unreadable.noPicture');
    case 'endless':
      return t('refusal.unreadable.endless');
    case 'broken-off':
      return t('refusal.unreadable.brokenOff');
    case 'slow':
      return t('refusal.unreadable.slow');
    case 'unplayable':
    case 'unseekable':
    case 'closed':
    case undefined:
      return null;
    default:
      return problem satisfies never;
  }
}

/** The sentence of a state. Sentences about a page's player are replaced: this page has none. */
function sentenceOf(state: ScanState, checkable: Checkable): string {
  if (state.kind === 'running') return t('scan.running.fileSentence');
  const isUnreadable =
    state.kind === 'finished' &&
    state.report.verdict.kind === 'refused' &&
    state.report.verdict.reason === 'unreadable';
  if (!isUnreadable) return wordsOfState(state).sentence;
  if (checkable.kind === 'images') return t('refusal.unreadable.images');
  const because = problemSentence(state.waysOut?.fileProblem);
  if (because !== null) return because;
  if (checkable.kind === 'file') return t('refusal.unreadable.file');
  const host = state.waysOut?.hostToAllow ?? null;
  return host === null ? t('refusal.unreadable.address') : t('refusal.unreadable.allowAddress', { host });
}

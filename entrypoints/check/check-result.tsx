import { isWorking } from '../../components/scan-phase.ts';
import { shownScore } from '../../components/report/scan-score.ts';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import {
  framesText,
  LIMITS_SENTENCE,
  scoreText,
  wordsOfState,
} from '../../components/report/verdict-words.ts';
import { browser } from 'wxt/browser';
import type { ScanState } from '../../utils/domain/scan.ts';
import { describeCheckable } from './checkable.ts';
import type { Checkable } from './checkable.ts';
import type { ShownCheck } from './use-check.ts';

type CheckResultProps = {
  readonly shown: ShownCheck;
  readonly onCancel: () => void;
  readonly onAgain: () => void;
  readonly onAllow: (host: string) => void;
};

/** The check that is under way, or its verdict, and what can be done next. */
export function CheckResult(props: CheckResultProps) {
  const { checkable, state, scanId } = props.shown;
  const { shape, tone, title } = wordsOfState(state);
  const isDemo = state.kind === 'finished' && state.report.used.model?.isDemo === true;
  const isJudged = state.kind === 'finished' && state.report.verdict.kind !== 'refused';
  const working = isWorking(state);
  return (
    <section class={`stack ${isDemo ? 'demo-ground' : ''}`} aria-labelledby="result">
      <p class="quiet one-line">{describeCheckable(checkable).title}</p>
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
        {/* Not each frame: a count that is read out fifteen times is noise. */}
        <p class="hidden-text" role="status">
          {working ? 'Checking this video' : title}
        </p>
        <p class="quiet number">{numbersOf(state)}</p>
        <p>{sentenceOf(state, checkable)}</p>
        {isJudged ? <p class="quiet small">{LIMITS_SENTENCE}</p> : null}
        <div class="bar">
          {working ? (
            <button type="button" onClick={props.onCancel}>
              Cancel
            </button>
          ) : (
            <Actions {...props} />
          )}
          {isJudged ? (
            <a class="button" href={`/report.html#${encodeURIComponent(scanId)}`} target="_blank">
              Details
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
        Add a network
      </button>
    );
  }
  return (
    <>
      {host === null ? null : (
        <button type="button" class="primary" onClick={() => onAllow(host)}>
          Allow {host}
        </button>
      )}
      <button type="button" onClick={onAgain}>
        Check again
      </button>
    </>
  );
}

function progressOf({ framesLooked, framesAsked }: Extract<ScanState, { kind: 'running' }>): number {
  return Math.min(1, framesLooked / Math.max(1, framesAsked));
}

function numbersOf(state: ScanState): string {
  if (state.kind !== 'finished' || state.report.verdict.kind === 'refused') return '';
  const { framesUsed, framesAsked } = state.report.verdict;
  const score = shownScore(state.report);
  return [...(score === null ? [] : [scoreText(score)]), framesText(framesUsed, framesAsked)].join(' · ');
}

/** Where a page’s player is spoken of elsewhere, there is none here. */
function sentenceOf(state: ScanState, checkable: Checkable): string {
  if (state.kind === 'running') return 'Looking at faces, evenly spread over the video.';
  const isUnreadable =
    state.kind === 'finished' &&
    state.report.verdict.kind === 'refused' &&
    state.report.verdict.reason === 'unreadable';
  if (!isUnreadable) return wordsOfState(state).sentence;
  if (checkable.kind === 'file') {
    return 'The browser can’t play this file. It plays MP4, WebM and Ogg with H.264, VP8, VP9 or AV1 in them.';
  }
  const host = state.waysOut?.hostToAllow ?? null;
  return host === null
    ? 'There is no video under this address that the browser can play and wind. Save it and open the file instead.'
    : `${host} doesn’t let extensions read its videos, or has none under this address. You can allow ${host}, which the browser asks you about first.`;
}

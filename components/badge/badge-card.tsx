import type { FinishedState } from '../../utils/domain/scan.ts';
import { CrossSign } from '../cross-sign.tsx';
import { framesText, scoreMeaning, scoreOf100, waysOutOf, wordsOfState } from '../report/verdict-words.ts';
import { VerdictMark } from '../report/verdict-mark.tsx';
import { isDemoState, isWorking, progressOf } from '../scan-progress.ts';
import { t } from '../texts.tsx';
import { EvidenceStrip } from './evidence-strip.tsx';
import type { ScanBadgeProps } from './badge-pill.tsx';

/**
 * The opened badge: verdict, reasons, judged faces, limits, and buttons for what the user can do next.
 * Its texts are generated content (badge.css), so that the page finds none of them.
 */
export function BadgeCard(props: ScanBadgeProps) {
  const { state, evidence, onToggle, onCancel, onCheckAgain, onDetails, onInstallModel } = props;
  const { shape, tone, title, sentence, remedy } = wordsOfState(state);
  const waysOut = waysOutOf(state);
  const hostToAllow = waysOut?.hostToAllow ?? null;
  const progress = progressOf(state);
  const isJudged = state.kind === 'finished' && state.report.verdict.kind !== 'refused';
  return (
    <section
      class={isDemoState(state) ? 'card glass is-demo' : 'card glass'}
      aria-label={t('extension.name')}
    >
      <header>
        <VerdictMark shape={shape} tone={tone} progress={progress} sizePixels={22} />
        <h2 class="numbers" data-text={title} />
        <button
          type="button"
          aria-label={t('action.close')}
          title={t('action.close')}
          onClick={() => onToggle(false)}
        >
          <CrossSign />
        </button>
      </header>
      <p data-text={sentence} />
      {progress !== null && (
        <div class="progress" aria-hidden="true">
          <div style={{ width: `${100 * progress}%` }} />
        </div>
      )}
      {isJudged && <ScoreLine state={state} />}
      {state.kind === 'finished' && evidence.length > 0 && (
        <EvidenceStrip faces={evidence} tone={tone} bands={state.report.bands} />
      )}
      {isJudged && (
        <>
          <hr />
          <p class="small" data-text={t('verdict.limits')} />
        </>
      )}
      <div class="actions">
        {isWorking(state) && <button type="button" onClick={onCancel} data-text={t('action.cancel')} />}
        {hostToAllow !== null && (
          <button
            type="button"
            onClick={() => props.onAllowHost(hostToAllow)}
            data-text={t('action.allow', { host: hostToAllow })}
          />
        )}
        {waysOut?.canUseScreen === true && (
          <button type="button" onClick={props.onUseScreen} data-text={t('action.useScreen')} />
        )}
        {remedy === 'install-model' && (
          <button type="button" onClick={onInstallModel} data-text={t('action.setUp')} />
        )}
        {isJudged && props.hasDetails && (
          <button type="button" onClick={onDetails} data-text={t('action.details')} />
        )}
        {(isJudged || remedy === 'check-again') && (
          <button type="button" onClick={onCheckAgain} data-text={t('action.checkAgain')} />
        )}
      </div>
    </section>
  );
}

/** The score, the number of its frames, and the meaning of such a score. */
function ScoreLine({ state }: { readonly state: FinishedState }) {
  const { verdict, bands } = state.report;
  if (verdict.kind === 'refused') return null;
  const { score, framesUsed, framesAsked } = verdict;
  const isDemo = isDemoState(state);
  const meaning = scoreMeaning(verdict.kind, state.report.calibration);
  const scoreText = t(isDemo ? 'demo.score' : 'score.line', { score: scoreOf100(score, bands) });
  return (
    <>
      <p class="score numbers" data-text={`${scoreText} · ${framesText(framesUsed, framesAsked)}`} />
      {meaning && <p class="small" data-text={meaning} />}
    </>
  );
}

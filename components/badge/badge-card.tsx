import type { EvidenceFace, ScanState } from '../../utils/domain/scan.ts';
import { CrossSign } from '../cross-sign.tsx';
import { framesText, scoreMeaning, scoreOf100, waysOutOf, wordsOfState } from '../report/verdict-words.ts';
import { VerdictMark } from '../report/verdict-mark.tsx';
import { isDemoState, isWorking, progressOf } from '../scan-progress.ts';
import { t } from '../texts.tsx';
import { EvidenceStrip } from './evidence-strip.tsx';

type BadgeCardProps = {
  readonly state: ScanState;
  readonly evidence: readonly EvidenceFace[];
  readonly hasDetails: boolean;
  /** Back to the pill. */
  readonly onCollapse: () => void;
  readonly onCancel: () => void;
  readonly onCheckAgain: () => void;
  readonly onDetails: () => void;
  readonly onInstallModel: () => void;
  readonly onUseScreen: () => void;
  readonly onAllowHost: (host: string) => void;
};

/** The badge opened: verdict, why, the faces it rests on, its limits, and what can be done next. */
export function BadgeCard(props: BadgeCardProps) {
  const { state, evidence, onCollapse, onCancel, onCheckAgain, onDetails, onInstallModel } = props;
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
        <VerdictMark shape={shape} tone={tone} scheme="dark" progress={progress} sizePixels={22} />
        <h2 class="numbers">{title}</h2>
        <button type="button" aria-label={t('action.close')} title={t('action.close')} onClick={onCollapse}>
          <CrossSign />
        </button>
      </header>
      <p>{sentence}</p>
      {progress !== null && (
        <div class="progress" aria-hidden="true">
          <div style={{ width: `${100 * progress}%` }} />
        </div>
      )}
      {isJudged && <ScoreLine state={state} />}
      {evidence.length > 0 && <EvidenceStrip faces={evidence} tone={tone} />}
      {isJudged && (
        <>
          <hr />
          <p class="small">{t('verdict.limits')}</p>
        </>
      )}
      <div class="actions">
        {isWorking(state) && (
          <button type="button" onClick={onCancel}>
            {t('action.cancel')}
          </button>
        )}
        {hostToAllow !== null && (
          <button type="button" onClick={() => props.onAllowHost(hostToAllow)}>
            {t('action.allow', { host: hostToAllow })}
          </button>
        )}
        {waysOut?.canUseScreen === true && (
          <button type="button" onClick={props.onUseScreen}>
            {t('action.useScreen')}
          </button>
        )}
        {remedy === 'install-model' && (
          <button type="button" onClick={onInstallModel}>
            {t('action.setUp')}
          </button>
        )}
        {isJudged && props.hasDetails && (
          <button type="button" onClick={onDetails}>
            {t('action.details')}
          </button>
        )}
        {(isJudged || remedy === 'check-again') && (
          <button type="button" onClick={onCheckAgain}>
            {t('action.checkAgain')}
          </button>
        )}
      </div>
    </section>
  );
}

/** The number, what it was counted from, and what it means. */
function ScoreLine({ state }: { readonly state: Extract<ScanState, { kind: 'finished' }> }) {
  const { verdict } = state.report;
  if (verdict.kind === 'refused') return null;
  const { score, framesUsed, framesAsked } = verdict;
  const isDemo = isDemoState(state);
  return (
    <>
      <p class="score numbers">
        {t(isDemo ? 'demo.score' : 'score.line', { score: scoreOf100(score) })}
        {' · '}
        {framesText(framesUsed, framesAsked)}
      </p>
      {!isDemo && state.report.used.model !== null && (
        <p class="small">{scoreMeaning(verdict.kind, state.report.used.model)}</p>
      )}
    </>
  );
}
